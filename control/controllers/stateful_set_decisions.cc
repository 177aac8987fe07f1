#include "control/controllers/stateful_set_decisions.h"

#include <algorithm>

#include "control/controllers/history.h"

namespace orrery::controllers {
namespace {

bool has_label(const api::ObjectMeta& meta, std::string_view key, std::string_view value) {
  const Str* v = meta.labels.find(key);
  return v && *v == value;
}

}  // namespace

ParentAndOrdinal parent_and_ordinal(std::string_view pod_name) {
  const std::size_t dash = pod_name.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == pod_name.size()) return {};
  const std::string_view digits = pod_name.substr(dash + 1);
  std::int64_t n = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return {};
    n = std::min<std::int64_t>(n * 10 + (c - '0'), INT64_C(1) << 40);
  }
  return {pod_name.substr(0, dash), n <= INT32_MAX ? static_cast<std::int32_t>(n) : -1};
}

std::int32_t ordinal_of(const api::Pod& pod) { return parent_and_ordinal(pod.metadata.name).ordinal; }

bool is_member(const api::Object& set, const api::Object& pod) {
  return set.meta().name == parent_and_ordinal(pod.meta().name).parent;
}

std::int32_t replicas_of(const api::StatefulSet& set) { return set.spec->replicas.value_or(1); }
std::int32_t start_ordinal(const api::StatefulSet& set) { return set.spec->ordinals ? set.spec->ordinals->start : 0; }

bool in_ordinal_range(const api::StatefulSet& set, const api::Pod& pod) {
  const std::int32_t ordinal = ordinal_of(pod);
  const std::int32_t start = start_ordinal(set);
  return ordinal >= start && ordinal < start + replicas_of(set);
}

bool allows_burst(const api::StatefulSet& set) { return set.spec->pod_management_policy == "Parallel"; }

bool is_created(const api::Pod& pod) { return !pod.status->phase.empty(); }
bool is_running_and_ready(const api::Pod& pod) { return pod.status->phase == "Running" && client::is_pod_ready(pod); }
bool is_running_and_available(const api::Pod& pod, std::int32_t min_ready_seconds, base::Instant wall) {
  return client::is_pod_available(pod, min_ready_seconds, wall);
}
bool is_healthy(const api::Pod& pod) { return is_running_and_ready(pod) && !pod.metadata.deleting(); }
Str revision_of(const api::Pod& pod) { return pod.metadata.labels.get(kControllerRevisionHashLabel); }

bool identity_matches(const api::StatefulSet& set, const api::Pod& pod) {
  const ParentAndOrdinal p = parent_and_ordinal(pod.metadata.name);
  return p.ordinal >= 0 && set.metadata.name == p.parent &&
         pod.metadata.name == base::cat(set.metadata.name, "-", std::to_string(p.ordinal)) &&
         pod.metadata.namespace_ == set.metadata.namespace_ && has_label(pod.metadata, kPodNameLabel, pod.metadata.name) &&
         has_label(pod.metadata, kPodIndexLabel, std::to_string(p.ordinal));
}

bool storage_matches(const api::StatefulSet& set, const api::Pod& pod) {
  const std::int32_t ordinal = ordinal_of(pod);
  if (ordinal < 0) return false;
  for (const api::PersistentVolumeClaim& claim : set.spec->volume_claim_templates) {
    const auto& volumes = pod.spec->volumes;
    const api::Volume* v = std::find_if(volumes.begin(), volumes.end(), [&claim](const api::Volume& volume) {
      return volume.name == claim.metadata.name;
    });
    if (v == volumes.end() || !v->source->persistent_volume_claim) return false;
    if (!(v->source->persistent_volume_claim->claim_name == claim_name(set, claim, ordinal))) return false;
  }
  return true;
}

void update_identity(const api::StatefulSet& set, api::Pod& pod) {
  const std::int32_t ordinal = ordinal_of(pod);
  pod.metadata.name = base::cat(set.metadata.name, "-", std::to_string(ordinal));
  pod.metadata.namespace_ = set.metadata.namespace_;
  pod.metadata.labels.set(kPodNameLabel, pod.metadata.name);
  pod.metadata.labels.set(kPodIndexLabel, std::to_string(ordinal));
}

Str claim_name(const api::StatefulSet& set, const api::PersistentVolumeClaim& claim, std::int32_t ordinal) {
  return base::cat(claim.metadata.name, "-", set.metadata.name, "-", std::to_string(ordinal));
}

std::vector<api::PersistentVolumeClaim> claims_of(const api::StatefulSet& set, const api::Pod& pod) {
  std::vector<api::PersistentVolumeClaim> out;
  const std::int32_t ordinal = ordinal_of(pod);
  for (const api::PersistentVolumeClaim& t : set.spec->volume_claim_templates) {
    api::PersistentVolumeClaim claim = t;
    claim.metadata.name = claim_name(set, t, ordinal);
    claim.metadata.namespace_ = set.metadata.namespace_;
    if (set.spec->selector) {
      for (const auto& [key, value] : set.spec->selector->match_labels) claim.metadata.labels.set(key, value);
    }
    out.push_back(std::move(claim));
  }
  return out;
}

void update_storage(const api::StatefulSet& set, api::Pod& pod) {
  if (set.spec->volume_claim_templates.empty()) return;
  const std::int32_t ordinal = ordinal_of(pod);
  std::vector<api::Volume> next;
  for (const api::PersistentVolumeClaim& t : set.spec->volume_claim_templates) {
    api::Volume v;
    v.name = t.metadata.name;
    api::PersistentVolumeClaimVolumeSource source;
    source.claim_name = claim_name(set, t, ordinal);
    v.source.edit().persistent_volume_claim = std::move(source);
    next.push_back(std::move(v));
  }
  const std::size_t claims = next.size();
  for (const api::Volume& v : pod.spec->volumes) {
    const auto end = next.begin() + static_cast<std::ptrdiff_t>(claims);
    const bool replaced = std::any_of(next.begin(), end, [&v](const api::Volume& n) { return n.name == v.name; });
    if (!replaced) next.push_back(v);
  }
  pod.spec.edit().volumes = std::move(next);
}

api::Pod new_pod(const api::StatefulSet& set, const api::Object& owner, std::int32_t ordinal) {
  api::Pod pod = client::pod_from_template(set.spec->template_, owner);
  pod.metadata.name = base::cat(set.metadata.name, "-", std::to_string(ordinal));
  update_identity(set, pod);
  api::PodSpec& spec = pod.spec.edit();
  spec.hostname = pod.metadata.name;
  spec.subdomain = set.spec->service_name;
  update_storage(set, pod);
  return pod;
}

api::Pod new_versioned_pod(const api::StatefulSet& current, const api::StatefulSet& update, const api::Object& owner,
                           Str current_revision, Str update_revision, std::int32_t ordinal) {
  const api::StatefulSetUpdateStrategy& strategy = current.spec->update_strategy;
  const std::int32_t start = start_ordinal(current);
  bool at_current;
  if (strategy.rolling_update) at_current = ordinal < start + strategy.rolling_update->partition.value_or(0);
  else at_current = strategy.type == "RollingUpdate" && ordinal < start + current.status->current_replicas;
  api::Pod pod = new_pod(at_current ? current : update, owner, ordinal);
  pod.metadata.labels.set(kControllerRevisionHashLabel, at_current ? current_revision : update_revision);
  return pod;
}

void count_pods(api::StatefulSetStatus& status, const std::vector<PodHandle>& pods, std::int32_t min_ready_seconds,
                base::Instant wall) {
  status.replicas = status.ready_replicas = status.available_replicas = 0;
  status.current_replicas = status.updated_replicas = 0;
  for (const PodHandle& pod : pods) {
    if (is_created(*pod)) ++status.replicas;
    if (is_running_and_ready(*pod)) {
      ++status.ready_replicas;
      if (is_running_and_available(*pod, min_ready_seconds, wall)) ++status.available_replicas;
    }
    if (!is_created(*pod) || pod->metadata.deleting()) continue;
    const Str revision = revision_of(*pod);
    if (revision == status.current_revision) ++status.current_replicas;
    if (revision == status.update_revision) ++status.updated_replicas;
  }
}

void complete_rolling_update(const api::StatefulSet& set, api::StatefulSetStatus& status) {
  const std::int32_t wanted = replicas_of(set);
  if (!(set.spec->update_strategy.type == "RollingUpdate")) return;
  if (status.updated_replicas != wanted || status.ready_replicas != wanted || status.replicas != wanted) return;
  status.current_replicas = status.updated_replicas;
  status.current_revision = status.update_revision;
}

bool status_differs(const api::StatefulSet& set, const api::StatefulSetStatus& s) {
  const api::StatefulSetStatus& old = *set.status;
  return s.observed_generation > old.observed_generation || s.replicas != old.replicas ||
         s.current_replicas != old.current_replicas || s.ready_replicas != old.ready_replicas ||
         s.updated_replicas != old.updated_replicas || !(s.current_revision == old.current_revision) ||
         s.available_replicas != old.available_replicas || !(s.update_revision == old.update_revision);
}

}  // namespace orrery::controllers
