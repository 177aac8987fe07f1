#include "control/client/pod_util.h"

#include <algorithm>
#include <bit>

#include "control/client/owner.h"
#include "model/api/names.h"
#include "model/api/pod_resources.h"
#include "model/codec/go_dump.h"

namespace orrery::client {
namespace {

int phase_order(std::string_view phase) {
  if (phase == "Unknown") return 1;
  return phase == "Running" ? 2 : 0;
}

/// Newer first, with the zero time first of all.
bool after_or_zero(api::Time a, api::Time b) {
  if (a.is_zero() || b.is_zero()) return a.is_zero();
  return a > b;
}

/// Ages compare by their binary logarithm, so that of two pods of similar age either may go.
std::int64_t log_rank(api::Time t, base::Instant wall) {
  const base::Nanos age = wall - t.instant();
  return age > 0 ? std::bit_width(static_cast<std::uint64_t>(age)) - 1 : -1;
}

/// -1, 1: decided that a goes first or last; 0: the times are equal.
int compare_ages(api::Time a, api::Time b, const Str& uid_a, const Str& uid_b, base::Instant wall) {
  if (a == b) return 0;
  if (a.is_zero() || b.is_zero()) return after_or_zero(a, b) ? -1 : 1;
  const std::int64_t diff = log_rank(a, wall) - log_rank(b, wall);
  if (diff == 0) return uid_a < uid_b ? -1 : 1;
  return diff < 0 ? -1 : 1;
}

api::Time ready_time(const api::Pod& pod) {
  const api::PodCondition* c = find_condition(*pod.status, "Ready");
  return c && c->status == "True" ? c->last_transition_time : api::Time();
}

std::int32_t max_restarts(const api::List<api::ContainerStatus>& statuses) {
  std::int32_t n = 0;
  for (const api::ContainerStatus& s : statuses) n = std::max(n, s.restart_count);
  return n;
}

std::int32_t max_sidecar_restarts(const api::Pod& pod) {
  std::int32_t n = 0;
  for (const api::Container& c : pod.spec->init_containers) {
    if (!api::is_sidecar(c)) continue;
    for (const api::ContainerStatus& s : pod.status->init_container_statuses) {
      if (s.name == c.name) n = std::max(n, s.restart_count);
    }
  }
  return n;
}

}  // namespace

bool set_condition(api::PodStatus& status, api::PodCondition condition, api::Time now) {
  const api::PodCondition* old = find_condition(status, condition.type);
  condition.last_transition_time = now;
  if (!old) {
    status.conditions.push_back(std::move(condition));
    return true;
  }
  if (old->status == condition.status) condition.last_transition_time = old->last_transition_time;
  if (api::deep_equal(*old, condition)) return false;
  const auto index = static_cast<std::size_t>(old - status.conditions.begin());
  status.conditions.edit()[index] = std::move(condition);
  return true;
}

bool is_pod_ready(const api::Pod& pod) {
  const api::PodCondition* c = find_condition(*pod.status, "Ready");
  return c && c->status == "True";
}

bool is_pod_available(const api::Pod& pod, std::int32_t min_ready_seconds, base::Instant wall) {
  const api::PodCondition* c = find_condition(*pod.status, "Ready");
  if (!c || !(c->status == "True")) return false;
  if (min_ready_seconds == 0) return true;
  if (c->last_transition_time.is_zero()) return false;
  return c->last_transition_time.instant() + min_ready_seconds * base::kSecond < wall;
}

bool is_pod_terminal(const api::Pod& pod) { return pod.status->phase == "Succeeded" || pod.status->phase == "Failed"; }
bool is_pod_active(const api::Pod& pod) { return !is_pod_terminal(pod) && !pod.metadata.deleting(); }
bool is_pod_terminating(const api::Pod& pod) { return !is_pod_terminal(pod) && pod.metadata.deleting(); }

std::int32_t deletion_cost(const api::Pod& pod) {
  const Str* text = pod.metadata.annotations.find("controller.kubernetes.io/pod-deletion-cost");
  if (!text) return 0;
  const auto value = api::parse_decimal(*text);
  if (!value || *value < INT32_MIN || *value > INT32_MAX) return 0;
  return static_cast<std::int32_t>(*value);
}

bool delete_before(const RankedPod& a, const RankedPod& b, base::Instant wall) {
  const api::Pod& x = *a.pod;
  const api::Pod& y = *b.pod;
  const bool x_unassigned = x.spec->node_name.empty();
  const bool y_unassigned = y.spec->node_name.empty();
  if (x_unassigned != y_unassigned) return x_unassigned;
  const int x_phase = phase_order(x.status->phase);
  const int y_phase = phase_order(y.status->phase);
  if (x_phase != y_phase) return x_phase < y_phase;
  const bool x_ready = is_pod_ready(x);
  const bool y_ready = is_pod_ready(y);
  if (x_ready != y_ready) return !x_ready;
  const std::int32_t x_cost = deletion_cost(x);
  const std::int32_t y_cost = deletion_cost(y);
  if (x_cost != y_cost) return x_cost < y_cost;
  if (a.rank != b.rank) return a.rank > b.rank;
  const Str& x_uid = x.metadata.uid;
  const Str& y_uid = y.metadata.uid;
  if (x_ready) {
    const int by_ready = compare_ages(ready_time(x), ready_time(y), x_uid, y_uid, wall);
    if (by_ready != 0) return by_ready < 0;
  }
  const std::int32_t x_restarts = max_restarts(x.status->container_statuses);
  const std::int32_t y_restarts = max_restarts(y.status->container_statuses);
  if (x_restarts != y_restarts) return x_restarts > y_restarts;
  const std::int32_t x_sidecar = max_sidecar_restarts(x);
  const std::int32_t y_sidecar = max_sidecar_restarts(y);
  if (x_sidecar != y_sidecar) return x_sidecar > y_sidecar;
  return compare_ages(x.metadata.creation_timestamp, y.metadata.creation_timestamp, x_uid, y_uid, wall) < 0;
}

std::uint32_t fnv32(std::string_view bytes, std::uint32_t hash) {
  for (const char c : bytes) {
    hash *= 16777619u;
    hash ^= static_cast<unsigned char>(c);
  }
  return hash;
}

std::uint32_t fnv32a(std::string_view bytes, std::uint32_t hash) {
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 16777619u;
  }
  return hash;
}

Str template_hash(const api::PodTemplateSpec& pod_template, std::optional<std::int32_t> collision_count) {
  std::uint32_t hash = fnv32a(codec::go_dump(pod_template));
  if (collision_count) {
    char bytes[8] = {};
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(static_cast<std::uint32_t>(*collision_count) >> (8 * i));
    hash = fnv32a(std::string_view(bytes, sizeof(bytes)), hash);
  }
  return api::safe_encode_string(std::to_string(hash));
}

api::Pod pod_from_template(const api::PodTemplateSpec& pod_template, const api::Object& owner) {
  api::Pod pod;
  pod.metadata.namespace_ = owner.meta().namespace_;
  pod.metadata.labels = pod_template.metadata.labels;
  pod.metadata.annotations = pod_template.metadata.annotations;
  pod.metadata.finalizers = pod_template.metadata.finalizers;
  pod.metadata.generate_name = base::cat(owner.meta().name, "-");
  pod.metadata.owner_references.push_back(controller_reference(owner));
  pod.spec = pod_template.spec;
  return pod;
}

}  // namespace orrery::client
