#include "sim/disk/machine_disk.h"

#include <algorithm>

namespace orrery::sim {

FileData* Directory::find(std::string_view name) const {
  // The file of a log is looked up many times in a row.
  if (found_ && found_->first == name) return found_->second.get();
  const auto it = now_.find(name);
  if (it == now_.end()) return nullptr;
  found_ = &*it;
  return it->second.get();
}

void Directory::apply(Names& names, const Change& change) {
  if (!change.erase.empty()) names.erase(change.erase);
  if (!change.set.empty()) names[change.set] = change.file;
}

void Directory::change(std::string set, std::string erase, base::Ref<FileData> file) {
  pending_.push_back({++last_change_, std::move(set), std::move(erase), std::move(file)});
  found_ = nullptr;
  apply(now_, pending_.back());
}

void Directory::create(std::string_view name) { change(std::string(name), {}, base::make_ref<FileData>()); }

void Directory::rename(std::string_view from, std::string_view to) {
  change(std::string(to), std::string(from), base::Ref<FileData>(find(from)));
}

void Directory::remove(std::string_view name) { change({}, std::string(name), {}); }

void Directory::synced(std::uint64_t mark) {
  std::size_t n = 0;
  while (n < pending_.size() && pending_[n].number <= mark) apply(durable_, pending_[n++]);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(n));
}

void Directory::lose_power(LossMode mode, base::RandomStream& draws) {
  std::size_t kept = pending_.size();
  if (mode == LossMode::kTorn) kept = static_cast<std::size_t>(draws.below(pending_.size() + 1));
  for (std::size_t i = 0; i < kept && mode != LossMode::kNothing; ++i) {
    if (mode == LossMode::kDrawn && (draws.next() & 1)) continue;
    apply(durable_, pending_[i]);
  }
  pending_.clear();
  found_ = nullptr;
  now_ = durable_;
  for (const auto& [name, file] : now_) file->lose_power(mode, draws);
}

MachineDisk::MachineDisk(Kernel& kernel, DiskConfig config, std::uint64_t key)
    : kernel_(kernel), config_(config), key_(key) {}

base::Ref<Directory> MachineDisk::directory(std::string_view process) {
  base::Ref<Directory>& d = directories_[std::string(process)];
  if (!d) d = base::make_ref<Directory>();
  return d;
}

std::vector<std::string> MachineDisk::directories() const {
  std::vector<std::string> out;
  for (const auto& [name, directory] : directories_) out.push_back(name);
  return out;
}

base::Nanos MachineDisk::sync_delay(std::uint64_t bytes) {
  const base::Nanos spread = config_.sync_max - config_.sync_min + 1;
  const std::uint64_t draw = base::RandomStream::at(key_, syncs_++);
  base::Nanos latency = config_.sync_min +
                        static_cast<base::Nanos>(((draw >> 32) * static_cast<std::uint64_t>(spread)) >> 32);
  latency += static_cast<base::Nanos>(bytes) * base::kSecond / config_.write_bandwidth;
  latency = latency * slowdown_percent_ / 100;
  busy_until_ = std::max(busy_until_, kernel_.now()) + latency;
  return busy_until_ - kernel_.now();
}

FileData* MachineDisk::choose(std::string_view process, std::string_view file, std::uint64_t draw) const {
  const auto it = directories_.find(process);
  if (it == directories_.end()) return nullptr;
  if (!file.empty()) return it->second->find(file);
  std::vector<FileData*> filled;
  for (const auto& [name, data] : it->second->names()) {
    if (data->size() > 0) filled.push_back(data.get());
  }
  return filled.empty() ? nullptr : filled[draw % filled.size()];
}

bool MachineDisk::rot(std::string_view process, std::string_view file, std::int64_t offset,
                      std::uint64_t draw) {
  FileData* f = choose(process, file, draw);
  if (!f || f->size() == 0) return false;
  const bool given = offset >= 0 && static_cast<std::uint64_t>(offset) < f->size();
  f->flip_bit(given ? static_cast<std::uint64_t>(offset) : base::mix64(draw) % f->size(), (draw >> 16) & 7);
  return true;
}

bool MachineDisk::misdirect(std::string_view process, std::string_view file, std::uint64_t draw) {
  FileData* f = choose(process, file, draw);
  const std::uint64_t sectors = f ? f->size() / FileData::kSector : 0;
  if (sectors < 2) return false;
  const std::uint64_t from = base::mix64(draw) % sectors;
  f->copy_sector(from, (from + 1 + base::mix64(draw + 1) % (sectors - 1)) % sectors);
  return true;
}

void MachineDisk::lose_power() {
  base::RandomStream draws(base::combine64(key_, 0x6c6f7373 + losses_++));
  for (const auto& [name, directory] : directories_) directory->lose_power(next_loss_, draws);
  next_loss_ = LossMode::kDrawn;
  busy_until_ = kernel_.now();
  recount();
}

void MachineDisk::flush() {
  for (const auto& [name, directory] : directories_) {
    directory->synced(directory->mark());
    for (const auto& [file, data] : directory->names()) data->synced(data->mark());
  }
}

void MachineDisk::recount() {
  used_ = 0;
  for (const auto& [name, directory] : directories_) {
    for (const auto& [file, data] : directory->names()) used_ += static_cast<std::int64_t>(data->size());
  }
}

}  // namespace orrery::sim
