#include "tools/cli/fork_pool.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <vector>

namespace orrery::cli {
namespace {

struct Child {
  pid_t pid;
  int fd;              // where its text comes from
  std::size_t index;
  std::string text;
};

constexpr int kWorkFailed = 4;   // the child's text is that of a WorkFailure

void write_all(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = write(fd, text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(3);
    at += static_cast<std::size_t>(n);
  }
}

[[noreturn]] void be_child(int fd, std::size_t index, const std::function<std::string(std::size_t)>& work) {
  int status = 0;
  try {
    write_all(fd, work(index));
  } catch (const WorkFailure& e) {
    write_all(fd, e.what());
    status = kWorkFailed;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "orrery: internal error: %s\n", e.what());
    status = 3;
  }
  _exit(status);
}

/// The children that are alive; those left are ended with it.
class Children {
 public:
  ~Children() {
    for (const Child& c : all) {
      kill(c.pid, SIGKILL);
      close(c.fd);
      waitpid(c.pid, nullptr, 0);
    }
  }

  void start(std::size_t index, const std::function<std::string(std::size_t)>& work) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
    std::fflush(nullptr);
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
    if (pid == 0) {
      close(ends[0]);
      be_child(ends[1], index, work);
    }
    close(ends[1]);
    all.push_back({pid, ends[0], index, {}});
  }

  /// Takes in what `child` has written; true when that was all.
  bool read_from(Child& child) {
    char buffer[65536];
    const ssize_t n = read(child.fd, buffer, sizeof buffer);
    if (n > 0) child.text.append(buffer, static_cast<std::size_t>(n));
    return n == 0;
  }

  void bury(std::size_t at, const std::string& text) {
    const Child child = std::move(all[at]);
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
    close(child.fd);
    int status = 0;
    waitpid(child.pid, &status, 0);
    if (WIFSIGNALED(status)) {
      throw std::runtime_error(std::string("a run was ended by signal ") + std::to_string(WTERMSIG(status)) +
                               (WTERMSIG(status) == SIGKILL ? " (out of memory? try fewer --jobs)" : ""));
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == kWorkFailed) throw WorkFailure(text);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("a run failed");
  }

  std::vector<Child> all;
};

}  // namespace

void fork_pool(std::size_t count, std::size_t jobs, const std::function<std::string(std::size_t)>& work,
               const std::function<void(std::size_t, std::string)>& done) {
  Children children;
  std::size_t next = 0;
  while (next < count || !children.all.empty()) {
    while (next < count && children.all.size() < jobs) children.start(next++, work);
    std::vector<pollfd> waits;
    for (const Child& c : children.all) waits.push_back({c.fd, POLLIN, 0});
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) throw std::runtime_error(std::string("poll: ") + std::strerror(errno));
    for (std::size_t i = waits.size(); i-- > 0;) {
      if ((waits[i].revents & (POLLIN | POLLHUP)) == 0 || !children.read_from(children.all[i])) continue;
      const std::size_t index = children.all[i].index;
      std::string text = std::move(children.all[i].text);
      children.bury(i, text);
      done(index, std::move(text));
    }
  }
}

}  // namespace orrery::cli
