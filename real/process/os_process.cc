#include "real/process/os_process.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "real/containers/no_containers.h"
#include "real/dataplane/no_dataplane.h"
#include "real/disk/file_disk.h"
#include "real/loop/clock.h"
#include "real/loop/random.h"
#include "real/loop/timers.h"
#include "real/net/tcp_network.h"
#include "real/process/log_trace.h"

namespace orrery::real {
namespace {

/// Thinking costs what it costs: the callback runs as soon as the loop is free.
class NoCompute : public env::Compute {
 public:
  explicit NoCompute(Poster post) : post_(std::move(post)) {}
  void spend(base::Nanos, base::UniqueFunction<void()> done) override { post_(std::move(done)); }
  void set_memory(std::int64_t) override {}

 private:
  Poster post_;
};

class NoFaults : public env::Faults {};

class Identity : public env::Process {
 public:
  Identity(Loop& loop, LifeRef life, const ProcessOptions& options, std::uint32_t incarnation, OsProcess::OnExit on_exit)
      : loop_(loop), life_(std::move(life)), machine_(options.machine), name_(options.name), incarnation_(incarnation),
        on_exit_(std::move(on_exit)) {}
  base::Str machine() const override { return machine_; }
  base::Str name() const override { return name_; }
  std::uint32_t incarnation() const override { return incarnation_; }
  void exit(int code, std::string_view why) override {
    if (!life_->alive) return;
    life_->alive = false;
    loop_.post([tell = std::move(on_exit_), code, why = std::string(why)]() mutable {
      if (tell) tell(code, std::move(why));
    });
  }
  bool exiting() const override { return !life_->alive; }

 private:
  Loop& loop_;
  LifeRef life_;
  base::Str machine_, name_;
  std::uint32_t incarnation_;
  OsProcess::OnExit on_exit_;
};

base::Error io_error(const std::string& what) { return {base::ErrorCode::kIo, what + ": " + std::strerror(errno)}; }

base::Result<std::uint32_t> read_count(FileDisk& disk) {
  const auto text = disk.read_at("incarnation", 0, 32);
  if (!text.ok()) return text.error().code == base::ErrorCode::kNotFound ? base::Result<std::uint32_t>(0u) : text.error();
  std::uint32_t count = 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, count);
  if (parsed.ec != std::errc() || parsed.ptr != end) return base::Error{base::ErrorCode::kCorrupt, "incarnation is no number"};
  return count;
}

// Blocks: nothing else runs yet.
base::Status sync_now(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_error("open " + path);
  const bool failed = fsync(fd) != 0;
  const int number = errno;
  ::close(fd);
  errno = number;
  return failed ? base::Status(io_error("sync " + path)) : base::ok_status();
}

/// The number of this incarnation; the file holds the next one's.
base::Result<std::uint32_t> next_incarnation(const std::string& directory, Poster post) {
  auto opened = FileDisk::open(directory, std::move(post));
  if (!opened.ok()) return opened.error();
  FileDisk& disk = **opened;
  const auto count = read_count(disk);
  if (!count.ok()) return count.error();
  (void)disk.remove("incarnation.new");
  auto status = disk.create("incarnation.new");
  if (status.ok()) status = disk.append("incarnation.new", std::to_string(*count + 1));
  if (status.ok()) status = sync_now(directory + "/incarnation.new");
  if (status.ok()) status = disk.rename("incarnation.new", "incarnation");
  if (status.ok()) status = sync_now(directory);
  return status.ok() ? base::Result<std::uint32_t>(*count) : status.error();
}

}  // namespace

struct OsProcess::Impl {
  Impl(Loop& loop, LifeRef l, const ProcessOptions& options, std::uint32_t incarnation, std::unique_ptr<FileDisk> files,
       OnExit on_exit)
      : life(l), post(loop, l), timers(post, clock), identity(loop, l, options, incarnation, std::move(on_exit)),
        network(post, timers, options.net, [this](std::string why) { identity.exit(1, why); }), disk(std::move(files)),
        containers(post), dataplane(post), compute(post),
        trace(options.name, options.log_level),
        environment{clock, timers, random, network, *disk, containers, dataplane, compute, trace, faults, identity, trampoline} {}

  LifeRef life;
  Poster post;
  env::Trampoline trampoline;
  SystemClock clock;
  LoopTimers timers;
  OsRandom random;
  Identity identity;
  TcpNetwork network;
  std::unique_ptr<FileDisk> disk;
  NoContainers containers;
  NoDataplane dataplane;
  NoCompute compute;
  LogTrace trace;
  NoFaults faults;
  env::Environment environment;
  std::vector<std::shared_ptr<void>> components;
};

base::Result<std::unique_ptr<OsProcess>> OsProcess::start(Loop& loop, ProcessOptions options, OnExit on_exit) {
  options.net.host = options.machine;
  auto life = std::make_shared<Life>();
  const Poster post(loop, life);
  if (mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST) return io_error("mkdir " + options.directory);
  const auto incarnation = next_incarnation(options.directory, post);
  if (!incarnation.ok()) return incarnation.error();
  auto disk = FileDisk::open(options.directory + "/files", post);
  if (!disk.ok()) return disk.error();
  auto impl = std::make_unique<Impl>(loop, life, options, *incarnation, std::move(*disk), std::move(on_exit));
  return std::unique_ptr<OsProcess>(new OsProcess(std::move(impl)));
}

OsProcess::OsProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

OsProcess::~OsProcess() {
  impl_->life->alive = false;
  while (!impl_->components.empty()) impl_->components.pop_back();
}

env::Environment& OsProcess::environment() { return impl_->environment; }
void OsProcess::own(std::shared_ptr<void> component) { impl_->components.push_back(std::move(component)); }
void OsProcess::post(base::UniqueFunction<void()> f) { impl_->post(std::move(f)); }

}  // namespace orrery::real
