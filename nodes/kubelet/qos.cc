#include "nodes/kubelet/qos.h"

#include <algorithm>

#include "model/api/pod_resources.h"
#include "model/api/qos.h"

namespace orrery::kubelet {
namespace {

constexpr int kGuaranteedScore = -997;
constexpr int kBestEffortScore = 1000;
constexpr std::int32_t kSystemCritical = 2'000'000'000;

std::int64_t amount(const api::ResourceList& list, std::string_view name) {
  const api::Quantity* q = list.find(name);
  return q ? q->value() : 0;
}

std::int64_t milli(const api::ResourceList& list, std::string_view name) {
  const api::Quantity* q = list.find(name);
  return q ? q->milli_value() : 0;
}

Qos parse_qos(std::string_view name) {
  return name == "Guaranteed" ? Qos::kGuaranteed : name == "Burstable" ? Qos::kBurstable : Qos::kBestEffort;
}

int burstable_score(std::int64_t memory_request, std::int64_t capacity) {
  if (capacity <= 0) return kBestEffortScore - 1;
  return static_cast<int>(1000 - (1000 * memory_request) / capacity);
}

std::int64_t least_memory_request(const api::PodSpec& spec) {
  std::int64_t least = INT64_MAX;
  for (const api::Container& c : spec.containers) least = std::min(least, amount(c.resources.requests, "memory"));
  return least == INT64_MAX ? 0 : least;
}

}  // namespace

Qos qos_of(const api::PodSpec& spec) { return parse_qos(api::qos_class(spec)); }

Qos qos_of(const api::Pod& pod) {
  const base::Str& known = pod.status->qos_class;
  return known.empty() ? qos_of(*pod.spec) : parse_qos(known);
}

const char* to_string(Qos qos) {
  switch (qos) {
    case Qos::kGuaranteed: return "Guaranteed";
    case Qos::kBurstable: return "Burstable";
    case Qos::kBestEffort: break;
  }
  return "BestEffort";
}

bool is_critical(const api::Pod& pod) { return pod.spec->priority.value_or(0) >= kSystemCritical; }

int oom_score_adj(const api::Pod& pod, const api::Container& container, std::int64_t memory_capacity_bytes) {
  if (is_critical(pod) && pod.spec->priority_class_name == "system-node-critical") return kGuaranteedScore;
  const Qos qos = qos_of(pod);
  if (qos == Qos::kGuaranteed) return kGuaranteedScore;
  if (qos == Qos::kBestEffort) return kBestEffortScore;
  int score = burstable_score(amount(container.resources.requests, "memory"), memory_capacity_bytes);
  // A sidecar is not killed before the containers it serves.
  if (api::is_sidecar(container)) score = std::min(score, burstable_score(least_memory_request(*pod.spec), memory_capacity_bytes));
  if (score < 1000 + kGuaranteedScore) return 1000 + kGuaranteedScore;
  return score == kBestEffortScore ? score - 1 : score;
}

std::int64_t cpu_shares(std::int64_t milli_cpu) {
  return std::clamp<std::int64_t>(milli_cpu * 1024 / 1000, 2, 262'144);
}

env::ContainerResources container_resources(const api::Pod& pod, const api::Container& container,
                                            std::int64_t memory_capacity_bytes) {
  env::ContainerResources r;
  const std::int64_t limit = milli(container.resources.limits, "cpu");
  const std::int64_t request = milli(container.resources.requests, "cpu");
  r.cpu_shares = cpu_shares(request == 0 ? limit : request);
  r.cpu_quota_milli = limit;
  r.memory_limit_bytes = amount(container.resources.limits, "memory");
  r.oom_score_adj = oom_score_adj(pod, container, memory_capacity_bytes);
  return r;
}

api::ResourceList pod_requests(const api::PodSpec& spec) {
  api::ResourceList total =
      api::total_of_containers(spec, [](const api::Container& c, bool) { return c.resources.requests; });
  api::add_to(total, spec.overhead);
  return total;
}

}  // namespace orrery::kubelet
