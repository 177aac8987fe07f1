#include "real/disk/file_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace orrery::real {
namespace {

using base::Error;
using base::ErrorCode;
using base::Status;

Error failed(int number, std::string_view what, std::string_view file) {
  ErrorCode code = ErrorCode::kIo;
  if (number == ENOENT) code = ErrorCode::kNotFound;
  if (number == EEXIST) code = ErrorCode::kExists;
  if (number == ENOSPC || number == EDQUOT || number == EFBIG || number == EMFILE) code = ErrorCode::kLimit;
  return {code, std::string(what) + " " + std::string(file) + ": " + std::strerror(number)};
}

bool good_name(std::string_view file) {
  if (file.empty() || file.size() > 255 || file == "." || file == "..") return false;
  return file.find('/') == file.npos && file.find('\0') == file.npos;
}

Error bad_name(std::string_view file) { return base::invalid("bad file name '" + std::string(file) + "'"); }

Error dead() { return {ErrorCode::kCancelled, "the process has ended"}; }

int errno_of(int result) { return result == 0 ? 0 : errno; }

}  // namespace

base::Result<std::unique_ptr<FileDisk>> FileDisk::open(const std::string& directory, Poster post) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failed(errno, "mkdir", directory);
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed(errno, "open", directory);
  return std::unique_ptr<FileDisk>(new FileDisk(fd, std::move(post)));
}

FileDisk::FileDisk(int directory, Poster post)
    : directory_(directory), post_(post), worker_(std::make_unique<Worker>(post)) {}

FileDisk::~FileDisk() {
  worker_.reset();  // its jobs use the directory's descriptor
  for (const auto& [name, fd] : open_) ::close(fd);
  ::close(directory_);
}

base::Result<int> FileDisk::descriptor(std::string_view file) {
  if (!good_name(file)) return bad_name(file);
  if (!post_.alive()) return dead();
  if (const auto it = open_.find(file); it != open_.end()) return it->second;
  const std::string name(file);
  const int fd = openat(directory_, name.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return failed(errno, "open", file);
  open_.emplace(name, fd);
  return fd;
}

void FileDisk::forget(std::string_view file) {
  const auto it = open_.find(file);
  if (it == open_.end()) return;
  ::close(it->second);
  open_.erase(it);
}

Status FileDisk::create(std::string_view file) {
  if (!good_name(file)) return bad_name(file);
  if (!post_.alive()) return dead();
  const std::string name(file);
  const int fd = openat(directory_, name.c_str(), O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return failed(errno, "create", file);
  open_.emplace(name, fd);
  return base::ok_status();
}

Status FileDisk::append(std::string_view file, std::string_view bytes) {
  const auto fd = descriptor(file);
  if (!fd.ok()) return fd.error();
  const off_t before = lseek(*fd, 0, SEEK_END);
  if (before < 0) return failed(errno, "seek", file);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(*fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n > 0) { done += static_cast<std::size_t>(n); continue; }
    const int number = n == 0 ? ENOSPC : errno;
    if (done > 0 && ftruncate(*fd, before) != 0) return failed(EIO, "append and cut back", file);
    return failed(number, "append", file);
  }
  return base::ok_status();
}

Status FileDisk::append(std::string_view file, env::BodyRef body) {
  scratch_.clear();
  body->encode(scratch_);
  return append(file, std::string_view(scratch_));
}

base::Result<std::string> FileDisk::read_at(std::string_view file, std::uint64_t offset, std::uint64_t length) {
  const auto total = size(file);
  if (!total.ok()) return total.error();
  if (offset >= *total) return std::string();
  std::string out(std::min(length, *total - offset), '\0');
  std::size_t done = 0;
  const int fd = open_.find(file)->second;
  while (done < out.size()) {
    const ssize_t n = pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno, "read", file);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  out.resize(done);
  return out;
}

base::Result<std::uint64_t> FileDisk::size(std::string_view file) {
  const auto fd = descriptor(file);
  if (!fd.ok()) return fd.error();
  struct stat info;
  if (fstat(*fd, &info) != 0) return failed(errno, "stat", file);
  return static_cast<std::uint64_t>(info.st_size);
}

Status FileDisk::truncate(std::string_view file, std::uint64_t size) {
  const auto now = this->size(file);
  if (!now.ok()) return now.error();
  if (size > *now) return base::invalid("truncate " + std::string(file) + " beyond its end");
  if (ftruncate(open_.find(file)->second, static_cast<off_t>(size)) != 0) return failed(errno, "truncate", file);
  return base::ok_status();
}

Status FileDisk::rename(std::string_view from, std::string_view to) {
  if (!good_name(from)) return bad_name(from);
  if (!good_name(to)) return bad_name(to);
  if (!post_.alive()) return dead();
  const std::string source(from), target(to);
  if (renameat(directory_, source.c_str(), directory_, target.c_str()) != 0) return failed(errno, "rename", from);
  if (source == target) return base::ok_status();
  forget(target);
  forget(source);
  return base::ok_status();
}

Status FileDisk::remove(std::string_view file) {
  if (!good_name(file)) return bad_name(file);
  if (!post_.alive()) return dead();
  const std::string name(file);
  if (unlinkat(directory_, name.c_str(), 0) != 0) return failed(errno, "remove", file);
  forget(file);
  return base::ok_status();
}

base::Result<std::vector<std::string>> FileDisk::list() {
  const int fd = openat(directory_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* dir = fd < 0 ? nullptr : fdopendir(fd);
  if (!dir) return failed(errno, "list", ".");
  std::vector<std::string> names;
  while (const dirent* entry = readdir(dir)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

// The job owns a duplicate, so that the file may be removed or renamed meanwhile.
void FileDisk::sync(std::string_view file, Done done) {
  const auto fd = descriptor(file);
  const int own = fd.ok() ? fcntl(*fd, F_DUPFD_CLOEXEC, 0) : -1;
  if (own < 0) {
    const Error error = fd.ok() ? failed(errno, "sync", file) : fd.error();
    post_([error, done = std::move(done)]() mutable { done(error); });
    return;
  }
  const auto job = [own] {
    const int number = errno_of(fdatasync(own));
    ::close(own);
    return number;
  };
  worker_->run(job, [name = std::string(file), done = std::move(done)](int number) mutable {
    done(number == 0 ? base::ok_status() : Status(failed(number, "sync", name)));
  });
}

void FileDisk::sync_dir(Done done) {
  if (!post_.alive()) return;
  worker_->run([fd = directory_] { return errno_of(fsync(fd)); }, [done = std::move(done)](int number) mutable {
    done(number == 0 ? base::ok_status() : Status(failed(number, "sync", "the directory")));
  });
}

}  // namespace orrery::real
