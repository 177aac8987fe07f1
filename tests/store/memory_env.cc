#include "tests/store/memory_env.h"

#include <algorithm>

namespace orrery::store_test {
namespace {

class Nothing final : public env::Component {};

base::Error missing() { return {base::ErrorCode::kNotFound, "no such file"}; }

}  // namespace

std::string* MemoryDisk::find(std::string_view f) {
  const auto it = files.find(std::string(f));
  return it == files.end() ? nullptr : &it->second;
}

base::Status MemoryDisk::create(std::string_view f) {
  if (find(f)) return base::Error{base::ErrorCode::kExists, "exists"};
  files[std::string(f)] = "";
  return base::ok_status();
}

base::Status MemoryDisk::append(std::string_view f, std::string_view bytes) {
  std::string* file = find(f);
  if (!file) return missing();
  if (bytes.size() > room) return base::Error{base::ErrorCode::kLimit, "full"};
  room -= room == SIZE_MAX ? 0 : bytes.size();
  *file += bytes;
  return base::ok_status();
}

base::Status MemoryDisk::append(std::string_view f, env::BodyRef body) {
  std::string bytes;
  body->encode(bytes);
  ORRERY_CHECK(bytes.size() == body->encoded_size(), "a body of another length than it said");
  return append(f, bytes);
}

base::Result<std::string> MemoryDisk::read_at(std::string_view f, std::uint64_t offset,
                                              std::uint64_t length) {
  std::string* file = find(f);
  if (!file) return missing();
  return offset >= file->size() ? std::string() : file->substr(offset, length);
}

base::Result<std::uint64_t> MemoryDisk::size(std::string_view f) {
  std::string* file = find(f);
  if (!file) return missing();
  return static_cast<std::uint64_t>(file->size());
}

base::Status MemoryDisk::truncate(std::string_view f, std::uint64_t size) {
  std::string* file = find(f);
  if (!file) return missing();
  file->resize(size);
  return base::ok_status();
}

base::Status MemoryDisk::rename(std::string_view from, std::string_view to) {
  std::string* file = find(from);
  if (!file) return missing();
  files[std::string(to)] = std::move(*file);
  doomed.erase(std::string(to));
  files.erase(std::string(from));
  return base::ok_status();
}

base::Status MemoryDisk::remove(std::string_view f) {
  return files.erase(std::string(f)) ? base::ok_status() : base::Status(missing());
}

base::Result<std::vector<std::string>> MemoryDisk::list() {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files) names.push_back(name);
  return names;
}

void MemoryDisk::sync(std::string_view f, Done done) {
  const std::string name(f);
  const std::size_t size = files[name].size();
  timers_.after(base::kMillisecond, [this, name, size, done = std::move(done)]() mutable {
    if (syncs_fail) {
      doomed.emplace(name, syncs[name].empty() ? 0 : syncs[name].back());
      done(base::Error{base::ErrorCode::kIo, "sync"});
      return;
    }
    syncs[name].push_back(size);
    done(base::ok_status());
  });
}

void MemoryDisk::lose_power() {
  for (const auto& [name, from] : doomed) {
    std::string& bytes = files[name];
    if (from < bytes.size()) std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(), '\0');
  }
  doomed.clear();
}

void MemoryDisk::sync_dir(Done done) {
  timers_.after(base::kMillisecond, [done = std::move(done)]() mutable { done(base::ok_status()); });
}

MemoryEnv::MemoryEnv() : world_(sim::WorldConfig{}) {
  sim::MachineConfig machine;
  machine.name = "m";
  sim::ProcessConfig process;
  process.name = "etcd";
  process.factory = [](env::Environment&) { return std::make_unique<Nothing>(); };
  const sim::ProcessId id =
      world_.start_process(world_.add_machine(std::move(machine)), std::move(process));
  world_.run_for(base::kSecond);
  env::Environment& e = *world_.environment(id);
  disk_ = std::make_unique<MemoryDisk>(e.timers);
  env_.reset(new env::Environment{e.clock, e.timers, e.random, e.network, *disk_, e.containers, e.dataplane,
                                  e.compute, e.trace, e.faults, process_, e.trampoline});
}

}  // namespace orrery::store_test
