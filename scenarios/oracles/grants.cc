#include "scenarios/oracles/grants.h"

#include "model/api/pod_disruption_budget.h"
#include "model/api/resource_quota.h"

namespace orrery::scenarios {
namespace {

constexpr Nanos kKnown = 5 * base::kSecond;

/// The plain counts that an object of this kind adds one to.
bool counts(std::string_view resource, const api::Kind& kind) {
  if (resource.starts_with("count/")) {
    resource.remove_prefix(6);
    const std::size_t dot = resource.find('.');
    const std::string_view group =
        dot == std::string_view::npos ? std::string_view() : resource.substr(dot + 1);
    return resource.substr(0, dot) == kind.plural && group == kind.group;
  }
  if (!std::string_view(kind.group).empty()) return false;
  for (const char* known : {"pods", "configmaps", "secrets", "services", "persistentvolumeclaims"})
    if (resource == known) return resource == kind.plural;
  return false;
}

}  // namespace

void EvictionGrants::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    if (!c.old || !c.now || c.now->kind_id() != KindId::kPodDisruptionBudget) continue;
    const auto &was = *c.old->as<api::PodDisruptionBudget>().status,
               &is = *c.now->as<api::PodDisruptionBudget>().status;
    std::int64_t added = 0, lost = 0;
    for (const auto& [pod, at] : is.disrupted_pods) added += !was.disrupted_pods.contains(pod);
    for (const auto& [pod, at] : was.disrupted_pods) lost += !is.disrupted_pods.contains(pod);
    if (added == 0) continue;
    const bool counted =
        was.disruptions_allowed > 0 && is.disruptions_allowed == was.disruptions_allowed - 1;
    check(counted && added == 1 && lost == 0, c.at, [&] {
      return cat("an eviction took ", label(*c.now), " from ", num(was.disruptions_allowed), " to ",
                 num(is.disruptions_allowed), " disruptions allowed, ", num(added),
                 " pods more and ", num(lost), " less");
    });
    check(was.observed_generation >= c.old->meta().generation, c.at, [&] {
      return cat("an eviction counted on ", label(*c.now), ", whose status is older than its spec");
    });
  }
}

void QuotaCharges::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    if ((c.now ? c.now : c.old)->kind_id() == KindId::kResourceQuota) on_quota(c);
    else if (!c.old && !quotas_.empty()) on_create(c);
  }
}

void QuotaCharges::on_quota(const Change& c) {
  const Str& uid = (c.now ? c.now : c.old)->meta().uid;
  const auto* is = c.now ? &c.now->as<api::ResourceQuota>() : nullptr;
  if (!is || !is->spec->scopes.empty() || is->spec->scope_selector) {
    quotas_.erase(uid);
    return;
  }
  Quota& q = quotas_[uid];
  q.namespace_ = is->metadata.namespace_;
  for (const auto& [name, limit] : is->status->hard) {
    const auto [account, fresh] = q.accounts.try_emplace(name);
    if (fresh) account->second.since = c.at;
    const api::Quantity* used = is->status->used.find(name);
    const api::Quantity* before =
        c.old ? c.old->as<api::ResourceQuota>().status->used.find(name) : nullptr;
    const std::int64_t more = (used ? used->value() : 0) - (before ? before->value() : 0);
    if (more > 0) account->second.charged += more;
  }
}

void QuotaCharges::on_create(const Change& c) {
  const api::Object& o = *c.now;
  for (auto& [uid, q] : quotas_) {
    if (!(q.namespace_ == o.meta().namespace_)) continue;
    for (auto& [name, a] : q.accounts) {
      if (!counts(name, o.kind()) || c.at - a.since < kKnown) continue;
      ++a.created;
      check(a.created <= a.charged, c.at, [&, name = name, &a = a] {
        return cat(label(o), " is number ", num(a.created), " created under a quota of ", name,
                   " that was charged ", num(a.charged), " times");
      });
    }
  }
}

}  // namespace orrery::scenarios
