#include "scenarios/bench/placement.h"

#include "scenarios/outside/outside.h"

namespace orrery::scenarios::bench {

using scheduler::NodeHandle;
using scheduler::PodInfo;
using scheduler::PodInfoRef;

NodeHandle make_node(const TraceNode& node) {
  if (node.object) return NodeHandle(node.object);
  api::Node out;
  out.metadata.name = node.name;
  out.metadata.labels.set("kubernetes.io/hostname", node.name);
  if (!node.zone.empty()) out.metadata.labels.set(kZoneLabel, node.zone);
  api::ResourceList& has = out.status.edit().allocatable;
  has.set("cpu", api::Quantity::milli(node.milli_cpu, api::QuantityFormat::kDecimalSI));
  has.set("memory", api::Quantity(node.memory, api::QuantityFormat::kBinarySI));
  has.set("pods", api::Quantity(kMaxPodsOfNode, api::QuantityFormat::kDecimalSI));
  if (node.gpus > 0) {
    has.set(scheduler::kGpuCount, api::Quantity(node.gpus, api::QuantityFormat::kDecimalSI));
    out.metadata.labels.set(scheduler::kGpuModel, node.gpu_model);
  }
  return NodeHandle(api::make_object(std::move(out)));
}

namespace {

/// A replica of a ReplicaSet named as its app.
void join_app(const TracePod& pod, api::Pod& out) {
  out.metadata.labels.set("app", pod.app);
  api::OwnerReference owner;
  owner.api_version = "apps/v1";
  owner.kind = "ReplicaSet";
  owner.name = pod.app;
  owner.uid = pod.app;
  owner.controller = true;
  out.metadata.owner_references.push_back(std::move(owner));
  if (pod.zone_skew <= 0) return;
  api::TopologySpreadConstraint constraint;
  constraint.max_skew = pod.zone_skew;
  constraint.topology_key = kZoneLabel;
  constraint.when_unsatisfiable = "DoNotSchedule";
  constraint.label_selector.edit().match_labels.set("app", pod.app);
  out.spec.edit().topology_spread_constraints.push_back(std::move(constraint));
}

}  // namespace

PodInfoRef make_pod(const TracePod& pod, const Str& uid, std::optional<base::Nanos> started) {
  if (pod.object) {
    api::Pod told = pod.object->as<api::Pod>();
    const std::string_view name = uid.view();
    told.metadata.name = name.substr(name.find('/') + 1);
    told.metadata.uid = uid;
    if (started) told.status.edit().start_time = api::Time(*started / base::kSecond);
    return base::make_ref<PodInfo>(api::make_object(std::move(told)));
  }
  api::Pod out;
  out.metadata.namespace_ = "default";
  out.metadata.name = uid;
  out.metadata.uid = uid;
  if (pod.gpu.wants()) {
    auto& annotations = out.metadata.annotations;
    annotations.set(scheduler::kGpuCount, std::to_string(pod.gpu.count));
    annotations.set(scheduler::kGpuMilli, std::to_string(pod.gpu.milli));
    if (!pod.gpu.models.empty()) annotations.set(scheduler::kGpuModel, pod.gpu.models);
  }
  if (!pod.app.empty()) join_app(pod, out);
  if (pod.priority != 0) out.spec.edit().priority = pod.priority;
  if (started) out.status.edit().start_time = api::Time(*started / base::kSecond);
  api::Container container;
  container.name = "main";
  container.resources.requests.set("cpu", api::Quantity::milli(pod.milli_cpu, api::QuantityFormat::kDecimalSI));
  container.resources.requests.set("memory", api::Quantity(pod.memory, api::QuantityFormat::kBinarySI));
  out.spec.edit().containers.push_back(std::move(container));
  return base::make_ref<PodInfo>(api::make_object(std::move(out)));
}

scheduler::PodShape shape_of(const TracePod& pod) { return {pod.milli_cpu, pod.gpu}; }

Placement::Placement(std::span<const TraceNode> nodes, const scheduler::PolicySpec& policy,
                     std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed) {
  for (const TraceNode& node : nodes) snapshot_.set_node(make_node(node));
  if (policy.adviser) adviser_ = policy.adviser(snapshot_, seed);
  framework_ = scheduler::policy_profile({snapshot_, lister_, nominator_, running_}, policy, std::move(model), seed, adviser_.get());
  classes_ = std::make_unique<scheduler::PodClasses>(*framework_, snapshot_);
  memory_.ties = base::RandomStream(base::stream_key(seed, "bench", "ties"));
  memory_.first_of_best = policy.first_of_best;
}

void Placement::show(const PodInfoRef& pod, const scheduler::NodeInfo* given) const {
  if (watcher_) watcher_->deciding({*framework_, snapshot_, nominator_, pod, memory_, "bench", at_, given});
}

Placement::Placed Placement::place(const PodInfoRef& pod, scheduler::PostFilterResult* preemption) {
  show(pod, nullptr);
  scheduler::CycleState state;
  scheduler::CycleResult result =
      scheduler::schedule_pod(*framework_, snapshot_, nominator_, *pod, memory_, state, nullptr, classes_.get());
  if (result.status.code() == scheduler::Code::kError) throw PolicyFailure(result.message);
  if (!result.node && preemption) *preemption = std::move(result.post_filter);
  return result.node ? settle(pod, *result.node, state) : Placed();
}

Placement::Placed Placement::place_on(const PodInfoRef& pod, const scheduler::NodeInfo& node) {
  show(pod, &node);
  scheduler::CycleState state;
  scheduler::NodeNames names;
  scheduler::PluginSet restricting = 0;
  if (!framework_->run_pre_filter(state, *pod, names, restricting).ok()) return {};
  if (names && !names->contains(node.name())) return {};
  return framework_->run_filter(state, *pod, node).ok() ? settle(pod, node, state) : Placed();
}

Placement::Placed Placement::settle(const PodInfoRef& pod, const scheduler::NodeInfo& node, scheduler::CycleState& state) {
  if (const scheduler::Status reserved = framework_->run_reserve(state, *pod, node); !reserved.ok()) {
    framework_->run_unreserve(state, *pod, node.name());
    if (reserved.code() == scheduler::Code::kError) throw PolicyFailure(reserved.message());
    return {};
  }
  PodInfoRef assigned = framework_->run_assign(pod, node);
  ORRERY_CHECK(static_cast<bool>(assigned), "a node that fits has nothing to assign");
  snapshot_.add_pod(assigned, node.name());
  return {std::move(assigned), &node};
}

void Placement::add_node(const TraceNode& node) { snapshot_.set_node(make_node(node)); }

void Placement::remove_node(const Str& name) { snapshot_.remove_node(name); }

bool Placement::goes_before(const PodInfoRef& a, base::Nanos a_came, const PodInfoRef& b, base::Nanos b_came) const {
  const auto queued = [](const PodInfoRef& pod, base::Nanos came) {
    auto out = base::make_ref<scheduler::QueuedPod>();
    out->pod = pod;
    out->timestamp = {came};
    return out;
  };
  return framework_->queue_less(*queued(a, a_came), *queued(b, b_came));
}

void Placement::remove(const Placed& placed) { snapshot_.remove_pod(placed.pod->pod(), placed.node->name()); }

}  // namespace orrery::scenarios::bench
