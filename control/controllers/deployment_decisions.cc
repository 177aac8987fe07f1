#include "control/controllers/deployment_decisions.h"

#include <algorithm>

#include "model/api/int_or_string.h"

namespace orrery::controllers {
namespace {

template <class F>
std::int32_t sum(const ReplicaSetList& sets, F of) {
  std::int32_t n = 0;
  for (const ReplicaSetHandle& rs : sets) {
    if (rs) n += of(*rs);
  }
  return n;
}

bool created_before(const ReplicaSetHandle& a, const ReplicaSetHandle& b) {
  if (a->metadata.creation_timestamp == b->metadata.creation_timestamp) return a->metadata.name < b->metadata.name;
  return a->metadata.creation_timestamp < b->metadata.creation_timestamp;
}

std::int64_t scaled(const std::optional<api::IntOrString>& value, std::int32_t desired, bool up) {
  if (!value) return 0;
  const auto n = value->scaled_value(desired, up);
  return n ? *n : 0;
}

/// The share of `rs` in a change of the Deployment's size; negative when it shrinks.
std::int32_t fraction(const api::ReplicaSet& rs, const api::Deployment& d) {
  const std::int32_t size = replicas_of(rs);
  if (replicas_of(d) == 0) return -size;
  const std::int32_t max_now = replicas_of(d) + max_surge(d);
  std::int32_t max_before = int_annotation(rs.metadata, kMaxReplicasAnnotation).value_or(0);
  if (max_before == 0) max_before = d.status->replicas;
  if (max_before == 0) return 0;
  const double wanted = static_cast<double>(size * max_now) / static_cast<double>(max_before);
  const double rounded = wanted < 0 ? wanted - 0.5 : wanted + 0.5;
  return static_cast<std::int32_t>(rounded) - size;
}

std::int32_t proportion(const api::ReplicaSet& rs, const api::Deployment& d, std::int32_t to_add, std::int32_t added) {
  if (replicas_of(rs) == 0 || to_add == 0 || to_add == added) return 0;
  const std::int32_t share = fraction(rs, d);
  const std::int32_t allowed = to_add - added;
  return to_add > 0 ? std::min(share, allowed) : std::max(share, allowed);
}

}  // namespace

std::int32_t replicas_of(const api::Deployment& d) { return d.spec->replicas.value_or(1); }
std::int32_t replicas_of(const api::ReplicaSet& rs) { return rs.spec->replicas.value_or(1); }
bool is_rolling_update(const api::Deployment& d) { return d.spec->strategy.type == "RollingUpdate"; }

Fenceposts resolve_fenceposts(const std::optional<api::IntOrString>& surge,
                              const std::optional<api::IntOrString>& unavailable, std::int32_t desired) {
  Fenceposts f;
  f.surge = static_cast<std::int32_t>(scaled(surge, desired, true));
  f.unavailable = static_cast<std::int32_t>(scaled(unavailable, desired, false));
  if (f.surge == 0 && f.unavailable == 0) f.unavailable = 1;
  return f;
}

std::int32_t max_surge(const api::Deployment& d) {
  if (!is_rolling_update(d) || !d.spec->strategy.rolling_update) return 0;
  const api::RollingUpdateDeployment& r = *d.spec->strategy.rolling_update;
  return resolve_fenceposts(r.max_surge, r.max_unavailable, replicas_of(d)).surge;
}

std::int32_t max_unavailable(const api::Deployment& d) {
  if (!is_rolling_update(d) || replicas_of(d) == 0 || !d.spec->strategy.rolling_update) return 0;
  const api::RollingUpdateDeployment& r = *d.spec->strategy.rolling_update;
  return std::min(replicas_of(d), resolve_fenceposts(r.max_surge, r.max_unavailable, replicas_of(d)).unavailable);
}

bool has_progress_deadline(const api::Deployment& d) {
  return d.spec->progress_deadline_seconds && *d.spec->progress_deadline_seconds != INT32_MAX;
}

std::int32_t spec_replicas(const ReplicaSetList& sets) {
  return sum(sets, [](const api::ReplicaSet& rs) { return replicas_of(rs); });
}
std::int32_t status_replicas(const ReplicaSetList& sets) {
  return sum(sets, [](const api::ReplicaSet& rs) { return rs.status->replicas; });
}
std::int32_t ready_replicas(const ReplicaSetList& sets) {
  return sum(sets, [](const api::ReplicaSet& rs) { return rs.status->ready_replicas; });
}
std::int32_t available_replicas(const ReplicaSetList& sets) {
  return sum(sets, [](const api::ReplicaSet& rs) { return rs.status->available_replicas; });
}

ReplicaSetList active_sets(const ReplicaSetList& sets) {
  ReplicaSetList out;
  for (const ReplicaSetHandle& rs : sets) {
    if (rs && replicas_of(*rs) > 0) out.push_back(rs);
  }
  return out;
}

void sort_by_creation(ReplicaSetList& sets) { std::sort(sets.begin(), sets.end(), created_before); }

void sort_by_size_newer(ReplicaSetList& sets) {
  std::sort(sets.begin(), sets.end(), [](const ReplicaSetHandle& a, const ReplicaSetHandle& b) {
    if (replicas_of(*a) == replicas_of(*b)) return created_before(b, a);
    return replicas_of(*a) > replicas_of(*b);
  });
}

void sort_by_size_older(ReplicaSetList& sets) {
  std::sort(sets.begin(), sets.end(), [](const ReplicaSetHandle& a, const ReplicaSetHandle& b) {
    if (replicas_of(*a) == replicas_of(*b)) return created_before(a, b);
    return replicas_of(*a) > replicas_of(*b);
  });
}

void sort_by_revision(ReplicaSetList& sets) {
  // Stable, since sets without a readable revision compare by age with every other one.
  std::stable_sort(sets.begin(), sets.end(), [](const ReplicaSetHandle& a, const ReplicaSetHandle& b) {
    const auto x = revision_of(a->metadata);
    const auto y = revision_of(b->metadata);
    if (!x || !y || *x == *y) return created_before(a, b);
    return *x < *y;
  });
}

api::PodTemplateSpec without_hash(const api::PodTemplateSpec& t) {
  api::PodTemplateSpec out = t;
  if (out.metadata.labels.contains(kTemplateHashLabel)) out.metadata.labels.erase(kTemplateHashLabel);
  return out;
}

bool equal_ignoring_hash(const api::PodTemplateSpec& a, const api::PodTemplateSpec& b) {
  return api::deep_equal(without_hash(a), without_hash(b));
}

ReplicaSetHandle find_new_set(const api::Deployment& d, ReplicaSetList sets) {
  sort_by_creation(sets);
  for (const ReplicaSetHandle& rs : sets) {
    if (equal_ignoring_hash(rs->spec->template_, d.spec->template_)) return rs;
  }
  return {};
}

ReplicaSetList old_sets(const ReplicaSetList& sets, const ReplicaSetHandle& newest) {
  ReplicaSetList out;
  for (const ReplicaSetHandle& rs : sets) {
    if (!newest || !(rs->metadata.uid == newest->metadata.uid)) out.push_back(rs);
  }
  return out;
}

std::int32_t new_set_replicas(const api::Deployment& d, const ReplicaSetList& all, std::int32_t current) {
  const std::int32_t desired = replicas_of(d);
  if (!is_rolling_update(d)) return desired;
  std::int32_t surge = 0;
  if (d.spec->strategy.rolling_update) {
    surge = static_cast<std::int32_t>(scaled(d.spec->strategy.rolling_update->max_surge, desired, true));
  }
  const std::int32_t total = spec_replicas(all);
  const std::int32_t most = desired + surge;
  if (total >= most) return current;
  return current + std::min(most - total, desired - current);
}

bool is_saturated(const api::Deployment& d, const ReplicaSetHandle& rs) {
  if (!rs) return false;
  const auto desired = int_annotation(rs->metadata, kDesiredReplicasAnnotation);
  if (!desired) return false;
  const std::int32_t wanted = replicas_of(d);
  return replicas_of(*rs) == wanted && *desired == wanted && rs->status->available_replicas == wanted;
}

ReplicaSetHandle active_or_latest(const ReplicaSetHandle& newest, ReplicaSetList old) {
  if (!newest && old.empty()) return {};
  sort_by_creation(old);
  ReplicaSetList all = old;
  all.push_back(newest);
  const ReplicaSetList active = active_sets(all);
  if (active.empty()) return newest ? newest : old.back();
  return active.size() == 1 ? active.front() : ReplicaSetHandle();
}

std::vector<ScaleStep> proportional_scale(const api::Deployment& d, const ReplicaSetList& all) {
  ReplicaSetList sets = active_sets(all);
  const std::int32_t allowed = replicas_of(d) > 0 ? replicas_of(d) + max_surge(d) : 0;
  const std::int32_t to_add = allowed - spec_replicas(sets);
  if (to_add > 0) sort_by_size_newer(sets);
  else if (to_add < 0) sort_by_size_older(sets);
  std::vector<ScaleStep> steps;
  std::int32_t added = 0;
  for (const ReplicaSetHandle& rs : sets) {
    const std::int32_t share = to_add != 0 ? proportion(*rs, d, to_add, added) : 0;
    added += share;
    steps.push_back({rs, replicas_of(*rs) + share});
  }
  // What rounding left over goes to the largest.
  if (!steps.empty() && to_add != 0) steps[0].replicas = std::max(0, steps[0].replicas + to_add - added);
  return steps;
}

std::int32_t max_scaled_down(const api::Deployment& d, const ReplicaSetList& all, const api::ReplicaSet& newest) {
  const std::int32_t min_available = replicas_of(d) - max_unavailable(d);
  const std::int32_t new_unavailable = replicas_of(newest) - newest.status->available_replicas;
  return spec_replicas(all) - min_available - new_unavailable;
}

std::vector<ScaleStep> cleanup_unhealthy(ReplicaSetList old, std::int32_t max_cleanup) {
  sort_by_creation(old);
  std::vector<ScaleStep> steps;
  std::int32_t done = 0;
  for (const ReplicaSetHandle& rs : old) {
    if (done >= max_cleanup) break;
    const std::int32_t size = replicas_of(*rs);
    const std::int32_t unhealthy = size - rs->status->available_replicas;
    if (size == 0 || unhealthy == 0) continue;
    const std::int32_t drop = std::min(max_cleanup - done, unhealthy);
    steps.push_back({rs, size - drop});
    if (drop < 0) break;
    done += drop;
  }
  return steps;
}

std::vector<ScaleStep> scale_down_old(const api::Deployment& d, const ReplicaSetList& all, ReplicaSetList old,
                                      bool trust_spec) {
  const std::int32_t min_available = replicas_of(d) - max_unavailable(d);
  const std::int32_t available = trust_spec ? spec_replicas(all) : available_replicas(all);
  std::vector<ScaleStep> steps;
  if (available <= min_available) return steps;
  sort_by_creation(old);
  std::int32_t left = available - min_available;
  for (const ReplicaSetHandle& rs : old) {
    if (left <= 0) break;
    const std::int32_t size = replicas_of(*rs);
    if (size == 0) continue;
    const std::int32_t drop = std::min(size, left);
    steps.push_back({rs, size - drop});
    left -= drop;
  }
  return steps;
}

ReplicaSetList history_to_delete(const api::Deployment& d, const ReplicaSetList& old) {
  ReplicaSetList out;
  const auto limit = d.spec->revision_history_limit;
  if (!limit || *limit == INT32_MAX) return out;
  ReplicaSetList alive;
  for (const ReplicaSetHandle& rs : old) {
    if (rs && !rs->metadata.deleting()) alive.push_back(rs);
  }
  const auto excess = static_cast<std::int64_t>(alive.size()) - *limit;
  if (excess <= 0) return out;
  sort_by_revision(alive);
  for (std::int64_t i = 0; i < excess; ++i) {
    const api::ReplicaSet& rs = *alive[static_cast<std::size_t>(i)];
    const bool settled = rs.metadata.generation <= rs.status->observed_generation;
    if (rs.status->replicas == 0 && replicas_of(rs) == 0 && settled) out.push_back(alive[static_cast<std::size_t>(i)]);
  }
  return out;
}

}  // namespace orrery::controllers
