#include "control/scheduler/plugins/node_resources.h"

#include <algorithm>
#include <cmath>

namespace orrery::scheduler {
namespace {

constexpr std::int64_t kMaxUtilization = 100;
constexpr std::int64_t kMaxShapeScore = 10;

struct Requests final : StateData {
  std::vector<std::int64_t> amounts;  // in the order of the configured resources
  std::unique_ptr<StateData> clone() const override { return std::make_unique<Requests>(*this); }
};

std::unique_ptr<Requests> requests_of(const std::vector<ResourceWeight>& resources, const api::ResourceList& list) {
  auto out = std::make_unique<Requests>();
  for (const ResourceWeight& r : resources) out->amounts.push_back(amount_of(list, r.name));
  return out;
}

struct Usage {
  std::int64_t allocatable = 0, requested = 0;
};

/// Both 0 for a resource that does not count here.
Usage usage_of(const NodeInfo& node, ResourceKind kind, const Str& resource, std::int64_t request, bool plain) {
  const Resource& has = node.allocatable();
  const Resource& used = node.requested();
  if (kind == ResourceKind::kCpu) return {has.milli_cpu, (plain ? used.milli_cpu : node.nonzero_milli_cpu()) + request};
  if (kind == ResourceKind::kMemory) return {has.memory, (plain ? used.memory : node.nonzero_memory()) + request};
  if (kind == ResourceKind::kEphemeralStorage) return {has.ephemeral_storage, used.ephemeral_storage + request};
  if (request == 0 && kind == ResourceKind::kScalar) return {};
  if (!has.has_scalar(resource)) return {};
  return {has.scalar(resource), used.scalar(resource) + request};
}

std::int64_t least_allocated(const Usage& u) {
  if (u.allocatable == 0 || u.requested > u.allocatable) return 0;
  return (u.allocatable - u.requested) * kMaxNodeScore / u.allocatable;
}

std::int64_t most_allocated(const Usage& u) {
  if (u.allocatable == 0) return 0;
  return std::min(u.requested, u.allocatable) * kMaxNodeScore / u.allocatable;
}

bool is_extended(std::string_view name) {
  return name.find('/') != name.npos && name.find("kubernetes.io/") == name.npos && !name.starts_with("requests.");
}

struct Lack {
  std::vector<Str> reasons;

  void check(std::string_view what, std::int64_t request, std::int64_t has, std::int64_t used) {
    if (request <= 0 || request <= has - used) return;
    reasons.push_back(base::cat("Insufficient ", what));
  }
};

/// The pod itself asks for less now, or one on a node does, of something that `pod` asks for.
bool scaled_down_for(const PodInfo& pod, const ClusterChange& change) {
  if (change.now->meta().uid == pod.meta().uid) return true;
  if (!change.old || change.now->as<api::Pod>().spec->node_name.empty()) return false;
  const Resource before = PodInfo(change.old).requested;
  const Resource now = PodInfo(change.now).requested;
  const Resource& want = pod.wanted;
  if ((want.milli_cpu > 0 && before.milli_cpu > now.milli_cpu) || (want.memory > 0 && before.memory > now.memory) ||
      (want.ephemeral_storage > 0 && before.ephemeral_storage > now.ephemeral_storage)) {
    return true;
  }
  return std::any_of(want.scalars.begin(), want.scalars.end(),
                     [&](const ScalarAmount& s) { return s.amount > 0 && before.scalar(s.name) > now.scalar(s.name); });
}

}  // namespace

std::vector<ResourceKind> kinds_of(const std::vector<ResourceWeight>& resources) {
  std::vector<ResourceKind> out;
  for (const ResourceWeight& r : resources) {
    out.push_back(r.name == "cpu"                 ? ResourceKind::kCpu
                  : r.name == "memory"            ? ResourceKind::kMemory
                  : r.name == "ephemeral-storage" ? ResourceKind::kEphemeralStorage
                  : is_scalar_resource(r.name)    ? ResourceKind::kScalar
                                                  : ResourceKind::kOther);
  }
  return out;
}

Status NodeResourcesFit::pre_filter(CycleState&, const PodInfo&, NodeNames&) const { return {}; }

bool NodeResourcesFit::ignored(const Str& resource) const {
  if (!is_extended(resource)) return false;
  if (std::find(config_.ignored_resources.begin(), config_.ignored_resources.end(), resource) != config_.ignored_resources.end()) {
    return true;
  }
  const std::string_view group = resource.view().substr(0, resource.view().find('/'));
  return std::any_of(config_.ignored_resource_groups.begin(), config_.ignored_resource_groups.end(),
                     [&](const Str& g) { return g == group; });
}

Status NodeResourcesFit::filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const Resource& want = pod.wanted;
  const Resource& has = node.allocatable();
  const Resource& used = node.requested();
  const bool full = static_cast<std::int64_t>(node.pods().size()) + 1 > has.allowed_pods;
  const bool fits = want.milli_cpu <= std::max<std::int64_t>(has.milli_cpu - used.milli_cpu, 0) &&
                    want.memory <= std::max<std::int64_t>(has.memory - used.memory, 0) &&
                    want.ephemeral_storage <= std::max<std::int64_t>(has.ephemeral_storage - used.ephemeral_storage, 0);
  if (!full && fits && want.scalars.empty()) return {};
  Lack lack;
  if (full) lack.reasons.push_back("Too many pods");
  lack.check("cpu", want.milli_cpu, has.milli_cpu, used.milli_cpu);
  lack.check("memory", want.memory, has.memory, used.memory);
  lack.check("ephemeral-storage", want.ephemeral_storage, has.ephemeral_storage, used.ephemeral_storage);
  for (const ScalarAmount& s : want.scalars) {
    if (!ignored(s.name)) lack.check(s.name, s.amount, has.scalar(s.name), used.scalar(s.name));
  }
  if (lack.reasons.empty()) return {};
  return Status(Code::kUnschedulable, name(), std::move(lack.reasons));
}

std::string NodeResourcesFit::shortfall(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const Resource& want = pod.wanted;
  const Resource& has = node.allocatable();
  const Resource& used = node.requested();
  std::string out;
  const auto compare = [&](std::string_view what, std::int64_t asked, std::int64_t all, std::int64_t taken, auto shown) {
    if (asked <= 0 || asked <= all - taken) return;
    out += base::cat(out.empty() ? "" : "; ", what, ": asks ", shown(asked), ", free ", shown(all - taken), " of ", shown(all));
  };
  const auto milli = [](std::int64_t n) { return api::Quantity::milli(n, api::QuantityFormat::kDecimalSI).str(); };
  const auto bytes = [](std::int64_t n) { return api::Quantity(n, api::QuantityFormat::kBinarySI).str(); };
  const auto plain = [](std::int64_t n) { return std::to_string(n); };
  compare("pods", 1, has.allowed_pods, static_cast<std::int64_t>(node.pods().size()), plain);
  compare("cpu", want.milli_cpu, has.milli_cpu, used.milli_cpu, milli);
  compare("memory", want.memory, has.memory, used.memory, bytes);
  compare("ephemeral-storage", want.ephemeral_storage, has.ephemeral_storage, used.ephemeral_storage, bytes);
  for (const ScalarAmount& s : want.scalars) {
    if (!ignored(s.name)) compare(s.name, s.amount, has.scalar(s.name), used.scalar(s.name), plain);
  }
  return out;
}

Status NodeResourcesFit::pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const>) const {
  state.set_score_state(slot(), requests_of(config_.resources, pod.scoring_requests));
  return {};
}

std::int64_t NodeResourcesFit::shape_at(std::int64_t utilization) const {
  const auto& shape = config_.shape;
  const auto score = [&](std::size_t i) { return shape[i].score * (kMaxNodeScore / kMaxShapeScore); };
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (utilization > shape[i].utilization) continue;
    if (i == 0) return score(0);
    return score(i - 1) + (score(i) - score(i - 1)) * (utilization - shape[i - 1].utilization) /
                              (shape[i].utilization - shape[i - 1].utilization);
  }
  return shape.empty() ? 0 : score(shape.size() - 1);
}

std::int64_t NodeResourcesFit::score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  const Requests* kept = state.score_state<Requests>(slot());
  const std::unique_ptr<Requests> made = kept ? nullptr : requests_of(config_.resources, pod.scoring_requests);
  const auto& requests = (kept ? kept : made.get())->amounts;
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (std::size_t i = 0; i < config_.resources.size(); ++i) {
    const Usage u = usage_of(node, kinds_[i], config_.resources[i].name, requests[i], false);
    if (u.allocatable == 0) continue;
    const std::int64_t weight = config_.resources[i].weight;
    std::int64_t score = 0;
    if (config_.strategy == ScoringStrategy::kLeastAllocated) {
      score = least_allocated(u);
    } else if (config_.strategy == ScoringStrategy::kMostAllocated) {
      score = most_allocated(u);
    } else {
      score = shape_at(u.requested > u.allocatable ? kMaxUtilization : u.requested * kMaxUtilization / u.allocatable);
      if (score <= 0) continue;
    }
    sum += score * weight;
    weights += weight;
  }
  if (weights == 0) return 0;
  if (config_.strategy != ScoringStrategy::kRequestedToCapacityRatio) return sum / weights;
  return static_cast<std::int64_t>(std::round(static_cast<double>(sum) / static_cast<double>(weights)));
}

std::vector<ClusterEvent> NodeResourcesFit::events() const {
  return {{EventResource::kAssignedPod, kActionDelete | kActionUpdatePodScaleDown},
          {EventResource::kUnscheduledPod, kActionUpdatePodScaleDown},
          {EventResource::kNode, kActionAdd | kActionUpdateNodeAllocatable}};
}

QueueingHint NodeResourcesFit::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (change.event.resource != EventResource::kNode) {
    if (change.now) return scaled_down_for(pod, change) ? QueueingHint::kQueue : QueueingHint::kSkip;
    const api::Pod& gone = change.old->as<api::Pod>();
    const bool held = !gone.spec->node_name.empty() || !gone.status->nominated_node_name.empty();
    return held ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  if (!change.now) return QueueingHint::kSkip;
  Resource now;
  Resource before;
  now.add(change.now->as<api::Node>().status->allocatable);
  if (change.old) before.add(change.old->as<api::Node>().status->allocatable);
  const Resource& want = pod.wanted;
  bool scalars_fit = true;
  for (const ScalarAmount& s : want.scalars) scalars_fit = scalars_fit && s.amount <= now.scalar(s.name);
  if (now.allowed_pods < 1 || want.milli_cpu > now.milli_cpu || want.memory > now.memory ||
      want.ephemeral_storage > now.ephemeral_storage || !scalars_fit) {
    return QueueingHint::kSkip;
  }
  if (!change.old) return QueueingHint::kQueue;
  bool more = now.allowed_pods > before.allowed_pods || (want.milli_cpu > 0 && now.milli_cpu > before.milli_cpu) ||
              (want.memory > 0 && now.memory > before.memory) ||
              (want.ephemeral_storage > 0 && now.ephemeral_storage > before.ephemeral_storage);
  for (const ScalarAmount& s : want.scalars) more = more || now.scalar(s.name) > before.scalar(s.name);
  return more ? QueueingHint::kQueue : QueueingHint::kSkip;
}

Status NodeResourcesBalancedAllocation::pre_score(CycleState& state, const PodInfo& pod,
                                                  std::span<const NodeInfo* const>) const {
  auto requests = requests_of(resources_, pod.plain_requests);
  const bool nothing = std::all_of(requests->amounts.begin(), requests->amounts.end(), [](std::int64_t a) { return a == 0; });
  if (nothing) return Status::skip();
  state.set_score_state(slot(), std::move(requests));
  return {};
}

std::int64_t NodeResourcesBalancedAllocation::score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const {
  const Requests* kept = state.score_state<Requests>(slot());
  const std::unique_ptr<Requests> made = kept ? nullptr : requests_of(resources_, pod.plain_requests);
  const auto& requests = (kept ? kept : made.get())->amounts;
  constexpr std::size_t kMax = 16;
  double fractions[kMax];
  std::size_t n = 0;
  double total = 0;
  for (std::size_t i = 0; i < resources_.size() && n < kMax; ++i) {
    const Usage u = usage_of(node, kinds_[i], resources_[i].name, requests[i], true);
    if (u.allocatable == 0) continue;
    const double fraction = std::min(1.0, static_cast<double>(u.requested) / static_cast<double>(u.allocatable));
    total += fraction;
    fractions[n++] = fraction;
  }
  double deviation = 0;
  if (n == 2) {
    deviation = std::fabs((fractions[0] - fractions[1]) / 2);
  } else if (n > 2) {
    const double mean = total / static_cast<double>(n);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum = sum + (fractions[i] - mean) * (fractions[i] - mean);
    deviation = std::sqrt(sum / static_cast<double>(n));
  }
  return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kMaxNodeScore));
}

}  // namespace orrery::scheduler
