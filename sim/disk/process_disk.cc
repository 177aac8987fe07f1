#include "sim/disk/process_disk.h"

#include <algorithm>

namespace orrery::sim {
namespace {

base::Error not_found(std::string_view file) {
  return {base::ErrorCode::kNotFound, base::cat("no such file: ", file)};
}

base::Status bad_name(std::string_view file) {
  constexpr std::string_view kForbidden("/\0", 2);
  const bool good = !file.empty() && file.size() <= 255 && file != "." && file != ".." &&
                    file.find_first_of(kForbidden) == std::string_view::npos;
  if (good) return base::ok_status();
  return base::invalid(base::cat("not a file name: ", file));
}

}  // namespace

ProcessDisk::ProcessDisk(Kernel& kernel, MachineDisk& disk, ProcessGate& gate, std::string_view process)
    : kernel_(kernel), disk_(disk), gate_(gate), directory_(disk.directory(process)) {}

base::Status ProcessDisk::create(std::string_view file) {
  if (auto bad = bad_name(file); !bad.ok()) return bad;
  if (directory_->find(file)) return base::Error{base::ErrorCode::kExists, base::cat("file exists: ", file)};
  if (!disk_.has_room(0)) return base::Error{base::ErrorCode::kLimit, "no space left on device"};
  if (!gate_.begin_effect(Effect::kAppend)) return base::ok_status();
  directory_->create(file);
  gate_.end_effect();
  return base::ok_status();
}

template <class Add>
base::Status ProcessDisk::add(std::string_view file, std::uint64_t size, Add add_to) {
  FileData* f = directory_->find(file);
  if (!f) return not_found(file);
  if (!disk_.has_room(size)) return base::Error{base::ErrorCode::kLimit, "no space left on device"};
  if (!gate_.begin_effect(Effect::kAppend)) return base::ok_status();
  add_to(*f);
  disk_.add_used(static_cast<std::int64_t>(size));
  gate_.end_effect();
  return base::ok_status();
}

base::Status ProcessDisk::append(std::string_view file, std::string_view bytes) {
  return add(file, bytes.size(), [&](FileData& f) { f.append(bytes); });
}

base::Status ProcessDisk::append(std::string_view file, env::BodyRef body) {
  const std::uint64_t size = body ? body->encoded_size() : 0;
  return add(file, size, [&](FileData& f) { f.append(std::move(body)); });
}

base::Result<std::string> ProcessDisk::read_at(std::string_view file, std::uint64_t offset,
                                               std::uint64_t length) {
  const FileData* f = directory_->find(file);
  if (!f) return not_found(file);
  if (offset >= f->size()) return std::string();
  return f->read(offset, std::min(length, f->size() - offset));
}

base::Result<std::uint64_t> ProcessDisk::size(std::string_view file) {
  const FileData* f = directory_->find(file);
  if (!f) return not_found(file);
  return f->size();
}

base::Status ProcessDisk::truncate(std::string_view file, std::uint64_t size) {
  FileData* f = directory_->find(file);
  if (!f) return not_found(file);
  if (!gate_.begin_effect(Effect::kAppend)) return base::ok_status();
  const std::uint64_t before = f->size();
  f->truncate(size);
  disk_.add_used(static_cast<std::int64_t>(f->size()) - static_cast<std::int64_t>(before));
  gate_.end_effect();
  return base::ok_status();
}

base::Status ProcessDisk::rename(std::string_view from, std::string_view to) {
  if (auto bad = bad_name(to); !bad.ok()) return bad;
  if (!directory_->find(from)) return not_found(from);
  if (from == to) return base::ok_status();
  if (!gate_.begin_effect(Effect::kRename)) return base::ok_status();
  if (const FileData* replaced = directory_->find(to))
    disk_.add_used(-static_cast<std::int64_t>(replaced->size()));
  directory_->rename(from, to);
  gate_.end_effect();
  return base::ok_status();
}

base::Status ProcessDisk::remove(std::string_view file) {
  const FileData* f = directory_->find(file);
  if (!f) return not_found(file);
  if (!gate_.begin_effect(Effect::kRename)) return base::ok_status();
  disk_.add_used(-static_cast<std::int64_t>(f->size()));
  directory_->remove(file);
  gate_.end_effect();
  return base::ok_status();
}

base::Result<std::vector<std::string>> ProcessDisk::list() {
  std::vector<std::string> out;
  for (const auto& [name, data] : directory_->names()) out.push_back(name);
  return out;
}

void ProcessDisk::sync(std::string_view file, Done done) {
  if (!gate_.begin_effect(Effect::kSync)) return;
  PendingSync s;
  s.file = base::Ref<FileData>(directory_->find(file));
  s.missing = !s.file;
  const std::uint64_t bytes = s.file ? s.file->unsynced_bytes() : 0;
  if (s.file) s.mark = s.file->mark();
  s.done = std::move(done);
  start_sync(std::move(s), disk_.sync_delay(bytes));
  gate_.end_effect();
}

void ProcessDisk::sync_dir(Done done) {
  if (!gate_.begin_effect(Effect::kSync)) return;
  PendingSync s;
  s.directory_mark = directory_->mark();
  s.done = std::move(done);
  start_sync(std::move(s), disk_.sync_delay(0));
  gate_.end_effect();
}

void ProcessDisk::start_sync(PendingSync sync, base::Nanos delay) {
  std::uint32_t i = free_sync_;
  const std::uint64_t content = base::combine64(sync.mark.size, sync.directory_mark);
  if (i != UINT32_MAX) {
    free_sync_ = syncs_[i].next_free;
    syncs_[i] = std::move(sync);
  } else {
    i = static_cast<std::uint32_t>(syncs_.size());
    syncs_.push_back(std::move(sync));
  }
  kernel_.after(delay, {gate_.owner(), EventKind::kDisk, content}, [this, i] { sync_done(i); });
}

void ProcessDisk::sync_done(std::uint32_t i) {
  PendingSync s = std::move(syncs_[i]);
  syncs_[i].next_free = free_sync_;
  free_sync_ = i;
  base::Status status = base::ok_status();
  if (s.missing) {
    status = base::Error{base::ErrorCode::kNotFound, "no such file"};
  } else if (disk_.syncs_fail()) {
    if (s.file) s.file->sync_failed(s.mark);
    status = base::Error{base::ErrorCode::kIo, "input/output error"};
  } else if (s.file) {
    s.file->synced(s.mark);
  } else {
    directory_->synced(s.directory_mark);
  }
  if (s.done) s.done(std::move(status));
}

}  // namespace orrery::sim
