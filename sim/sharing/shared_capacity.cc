#include "sim/sharing/shared_capacity.h"

#include <algorithm>

#include "model/base/check.h"

namespace orrery::sim {
namespace {

constexpr unsigned kSlotBits = 24;

/// Up to the next whole nanosecond, but not for the rounding errors of what ends on one.
base::Nanos span_of(double left, double rate) {
  const double ns = left / rate;
  return ns < 9e18 ? static_cast<base::Nanos>(ns + 0.999999) : INT64_MAX;
}

}  // namespace

SharedCapacity::SharedCapacity(Kernel& kernel, std::unique_ptr<RateSolver> solver)
    : kernel_(kernel), solver_(std::move(solver)), groups_(1) {}

SharedCapacity::~SharedCapacity() {
  if (attached_) kernel_.detach(*this);
}

ShareNode SharedCapacity::add_node(const NodeCapacity& capacity) {
  solver_->add_node(capacity);
  groups_.emplace_back();
  speed_percent_.push_back(100);
  return static_cast<ShareNode>(speed_percent_.size() - 1);
}

std::uint32_t SharedCapacity::group_of(const ShareDemand& d) const {
  return d.is_flow() ? 0 : static_cast<std::uint32_t>(d.node) + 1;
}

void SharedCapacity::set_speed(ShareNode node, int percent) {
  speed_percent_[static_cast<std::uint32_t>(node)] = percent;
  touch(static_cast<std::uint32_t>(node) + 1);
}

void SharedCapacity::touch(std::uint32_t group) {
  if (groups_[group].dirty) return;
  count(groups_[group]);
  groups_[group].dirty = true;
  dirty_.push_back(group);
}

CoreUse SharedCapacity::used(const Group& group) const {
  if (group.load <= 0) return group.used;
  const auto span = static_cast<double>(kernel_.now() - group.counted);
  return {group.used.cores + group.load * span, group.used.any + span};
}

void SharedCapacity::count(Group& group) {
  group.used = used(group);
  group.counted = kernel_.now();
}

CoreUse SharedCapacity::use(ShareNode node) const { return used(groups_[static_cast<std::uint32_t>(node) + 1]); }

const SharedCapacity::Slot* SharedCapacity::find(ShareId id) const {
  const auto raw = static_cast<std::uint64_t>(id);
  const std::uint64_t index = raw & ((1u << kSlotBits) - 1);
  return raw != 0 && index < slots_.size() && slots_[index].serial == raw >> kSlotBits ? &slots_[index]
                                                                                       : nullptr;
}

ShareId SharedCapacity::start(const ShareDemand& demand, double amount, EventTag tag, Kernel::Fire done) {
  if (free_.empty()) {
    ORRERY_CHECK(slots_.size() < (1u << kSlotBits), "too much work at once");
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& s = slots_[index];
  s.serial = next_serial_++;
  s.demand = demand;
  s.left = amount;
  s.rate = 0;
  s.since = kernel_.now();
  s.end = base::kNever;
  s.group = group_of(demand);
  s.tag = tag;
  s.done = std::move(done);
  solver_->start(index, demand);
  groups_[s.group].members.push_back(index);
  touch(s.group);
  ++active_;
  if (!attached_) kernel_.attach(*this);
  attached_ = true;
  return static_cast<ShareId>(s.serial << kSlotBits | index);
}

void SharedCapacity::release(std::uint32_t index) {
  Slot& s = slots_[index];
  auto& members = groups_[s.group].members;
  members.erase(std::find(members.begin(), members.end(), index));
  solver_->stop(index);
  touch(s.group);
  if (members.empty()) groups_[s.group].load = 0;
  s.serial = 0;
  free_.push_back(index);
  --active_;
}

double SharedCapacity::left_now(const Slot& s) const {
  return std::max(0.0, s.left - s.rate * static_cast<double>(kernel_.now() - s.since));
}

double SharedCapacity::cancel(ShareId id) {
  const Slot* s = find(id);
  if (!s) return 0;
  const double left = left_now(*s);
  const auto index = static_cast<std::uint32_t>(s - slots_.data());
  const Kernel::Fire dead = std::move(slots_[index].done);  // destroyed last: it may call back
  release(index);
  detach_when_idle();
  return left;
}

void SharedCapacity::adjust(ShareId id, double weight, double bound) {
  const Slot* s = find(id);
  if (!s || (s->demand.weight == weight && s->demand.bound == bound)) return;
  const auto index = static_cast<std::uint32_t>(s - slots_.data());
  slots_[index].demand.weight = weight;
  slots_[index].demand.bound = bound;
  solver_->stop(index);
  solver_->start(index, slots_[index].demand);
  touch(s->group);
}

double SharedCapacity::remaining(ShareId id) const {
  const Slot* s = find(id);
  return s ? left_now(*s) : 0;
}

double SharedCapacity::rate(ShareId id) {
  settle();
  const Slot* s = find(id);
  return s ? s->rate * 1e9 : 0;
}

void SharedCapacity::settle() {
  if (dirty_.empty()) return;
  solver_->settle();
  for (const std::uint32_t g : dirty_) settle_group(groups_[g], g);
  dirty_.clear();
}

void SharedCapacity::settle_group(Group& group, std::uint32_t index) {
  const base::Instant now = kernel_.now();
  const double speed = index == 0 ? 1 : speed_percent_[index - 1] / 100.0;
  solver_->rates(group.members, rates_);
  count(group);
  group.load = 0;
  for (const double rate : rates_) group.load += rate / 1e9;
  base::Instant first = base::kNever;
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    Slot& s = slots_[group.members[i]];
    const double rate = rates_[i] * speed / 1e9;
    // What goes on at its rate keeps its date: no rounding error creeps in.
    if (rate != s.rate) {
      s.left = left_now(s);
      s.since = now;
      s.rate = rate;
      const base::Nanos span = rate > 0 ? span_of(s.left, rate) : INT64_MAX;
      s.end = span < base::kNever - now ? now + span : base::kNever;
    }
    first = std::min(first, s.end);
  }
  group.dirty = false;
  set_first(group, index, first);
}

void SharedCapacity::set_first(Group& group, std::uint32_t index, base::Instant first) {
  if (group.first == first) return;
  if (group.first != base::kNever) dates_.erase({group.first.ns, index});
  if (first != base::kNever) dates_.insert({first.ns, index});
  group.first = first;
}

base::Instant SharedCapacity::next() {
  settle();
  return dates_.empty() ? base::kNever : base::Instant{dates_.begin()->first};
}

void SharedCapacity::advance(base::Instant to) {
  settle();
  while (!dates_.empty() && dates_.begin()->first <= to.ns) {
    const std::uint32_t index = dates_.begin()->second;
    const std::vector<std::uint32_t> members = groups_[index].members;
    for (const std::uint32_t m : members) {
      if (slots_[m].end > to) continue;
      kernel_.at(to, slots_[m].tag, std::move(slots_[m].done));
      release(m);
    }
    set_first(groups_[index], index, base::kNever);
  }
  detach_when_idle();
}

/// What is dirty waits for the next start.
void SharedCapacity::detach_when_idle() {
  if (active_ > 0 || !attached_) return;
  kernel_.detach(*this);
  attached_ = false;
}

}  // namespace orrery::sim
