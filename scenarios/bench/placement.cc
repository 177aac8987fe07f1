#include "scenarios/bench/placement.h"

namespace orrery::scenarios::bench {

using scheduler::NodeHandle;
using scheduler::PodInfo;
using scheduler::PodInfoRef;

NodeHandle make_node(const TraceNode& node) {
  if (node.object) return NodeHandle(node.object);
  api::Node out;
  out.metadata.name = node.name;
  out.metadata.labels.set("kubernetes.io/hostname", node.name);
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

PodInfoRef make_pod(const TracePod& pod, const Str& uid) {
  if (pod.object) {
    api::Pod told = pod.object->as<api::Pod>();
    const std::string_view name = uid.view();
    told.metadata.name = name.substr(name.find('/') + 1);
    told.metadata.uid = uid;
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
  framework_ = scheduler::policy_profile({snapshot_, lister_, nominator_, running_}, policy, std::move(model), seed);
  classes_ = std::make_unique<scheduler::PodClasses>(*framework_, snapshot_);
  memory_.ties = base::RandomStream(base::stream_key(seed, "bench", "ties"));
  memory_.first_of_best = policy.first_of_best;
}

void Placement::show(const PodInfoRef& pod, const scheduler::NodeInfo* given) const {
  if (watcher_) watcher_->deciding({*framework_, snapshot_, nominator_, pod, memory_, "bench", at_, given});
}

Placement::Placed Placement::place(const PodInfoRef& pod) {
  show(pod, nullptr);
  scheduler::CycleState state;
  const scheduler::CycleResult result =
      scheduler::schedule_pod(*framework_, snapshot_, nominator_, *pod, memory_, state, nullptr, classes_.get());
  ORRERY_CHECK(result.status.code() != scheduler::Code::kError, "a plugin failed to answer");
  return result.node ? settle(pod, *result.node) : Placed();
}

Placement::Placed Placement::place_on(const PodInfoRef& pod, const scheduler::NodeInfo& node) {
  show(pod, &node);
  scheduler::CycleState state;
  scheduler::NodeNames names;
  scheduler::PluginSet restricting = 0;
  if (!framework_->run_pre_filter(state, *pod, names, restricting).ok()) return {};
  if (names && !names->contains(node.name())) return {};
  return framework_->run_filter(state, *pod, node).ok() ? settle(pod, node) : Placed();
}

Placement::Placed Placement::settle(const PodInfoRef& pod, const scheduler::NodeInfo& node) {
  PodInfoRef assigned = framework_->run_assign(pod, node);
  ORRERY_CHECK(static_cast<bool>(assigned), "a node that fits has nothing to assign");
  snapshot_.add_pod(assigned, node.name());
  return {std::move(assigned), &node};
}

void Placement::remove(const Placed& placed) { snapshot_.remove_pod(placed.pod->pod(), placed.node->name()); }

}  // namespace orrery::scenarios::bench
