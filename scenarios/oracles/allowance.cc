#include "scenarios/oracles/allowance.h"

#include <algorithm>

#include "model/api/lease.h"

namespace orrery::scenarios {
namespace {

constexpr Nanos kForgotten = 2 * base::kMinute;

}  // namespace

std::int64_t RecentMost::most(Instant at, Nanos window) {
  std::erase_if(old_, [&](const Old& o) { return at - o.until > window; });
  std::int64_t most = value_;
  for (const Old& o : old_) most = std::max(most, o.value);
  return most;
}

void Handover::on_record(const history::Record& record, const Changes& changes) {
  for (const Change& c : changes) on_change(c);
  using What = history::ProcessRecord::What;
  if (record.kind == RecordKind::kLeaderActs) {
    const auto& acts = static_cast<const history::LeaderActs&>(record);
    if (acts.lease == lease_) set_acting(record.origin, acts.acting);
  } else if (record.kind == RecordKind::kProcess && record.origin.process == lease_) {
    const What what = static_cast<const history::ProcessRecord&>(record).what;
    if (what == What::kKilled || what == What::kExited || what == What::kOomKilled) set_acting(record.origin, false);
  }
}

void Handover::set_acting(const history::Origin& origin, bool acting) {
  if (acting_.size() > 1) until_ = std::max(until_, origin.at + kHandover);
  const std::pair<Str, std::uint32_t> who{origin.machine, origin.incarnation};
  std::erase(acting_, who);
  if (acting) acting_.push_back(who);
}

void Handover::on_change(const Change& c) {
  if (!c.now || c.now->kind_id() != KindId::kLease || !(c.now->meta().name == lease_)) return;
  renewed_ = c.at;
  const auto holder = [](const api::ObjectRef& o) {
    return o->as<api::Lease>().spec.holder_identity.value_or(Str());
  };
  if (c.old && !holder(c.old).empty() && !(holder(c.old) == holder(c.now)))
    until_ = c.at + kHandover;
}

void UnknownCreates::on_record(const history::Record& record) {
  if (record.kind != RecordKind::kApiResponse) return;
  const auto& a = static_cast<const history::ApiResponseRecord&>(record);
  if (a.request->verb != api::Verb::kCreate || a.request->kind != KindId::kPod ||
      !a.request->object)
    return;
  if (a.response && a.response->code < 500) return;
  const api::OwnerReference* owner = api::controller_of(a.request->object->meta());
  if (owner) at_[owner->uid].push_back(record.origin.at);
}

std::int64_t UnknownCreates::of(const Str& owner, Instant at) const {
  const auto it = at_.find(owner);
  if (it == at_.end()) return 0;
  return std::count_if(it->second.begin(), it->second.end(),
                       [&](Instant t) { return at - t < kForgotten; });
}

}  // namespace orrery::scenarios
