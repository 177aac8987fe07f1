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
