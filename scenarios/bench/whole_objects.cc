#include "scenarios/bench/whole_objects.h"

#include <algorithm>

#include "control/scheduler/policies/tenant_turns.h"
#include "model/api/names.h"
#include "model/api/pod_group.h"
#include "model/base/hash_map.h"
#include "model/base/str.h"
#include "scenarios/bench/placement.h"
#include "scenarios/bench/priority_classes.h"
#include "scenarios/bench/submitted_objects.h"
#include "scenarios/bench/whole_queue.h"
#include "sim/containers/behaviour.h"

namespace orrery::scenarios::bench {

using base::cat;
using base::Nanos;

namespace {

/// Kubernetes' own say that a node is not ready, not reached or cordoned.
bool is_of_health(const api::Taint& t) { return t.key.view().starts_with("node.kubernetes.io/"); }

/// Labels, zone and taints.
void describe(const api::Node& node, MachineSpec& out) {
  out.zone.clear();
  for (const auto& [key, value] : node.metadata.labels) {
    if (key == kZoneLabel) out.zone = value.str();
    else if (!(key == "kubernetes.io/hostname")) out.labels.emplace_back(key.str(), value.str());
  }
  for (const api::Taint& t : node.spec->taints) {
    if (!is_of_health(t)) out.taints.push_back({t.key.str(), t.value.str(), t.effect.str()});
  }
}

}  // namespace

MachineSpec machine_of_node(const api::Node& node) {
  MachineSpec out;
  out.name = node.metadata.name.str();
  describe(node, out);
  const api::ResourceList& has = node.status->capacity;
  if (const api::Quantity* q = has.find("cpu")) out.cpu_milli = q->milli_value();
  if (const api::Quantity* q = has.find("memory")) out.memory_bytes = q->value() + kKubeletMemory;
  if (const api::Quantity* q = has.find("pods")) out.pods = q->value();
  return out;
}

MachineSpec machine_of(const TraceNode& node, const std::string& zone) {
  MachineSpec out;
  out.name = node.name.str();
  out.zone = node.zone.empty() ? zone : node.zone.str();
  out.cpu_milli = node.milli_cpu;
  out.memory_bytes = node.memory + kKubeletMemory;
  out.pods = kMaxPodsOfNode;
  if (node.object) {
    describe(node.object->as<api::Node>(), out);
    for (const auto& [name, q] : node.object->as<api::Node>().status->allocatable) {
      if (name == "pods") out.pods = q.value();
      else if (!(name == "cpu") && !(name == "memory") && !(name == "ephemeral-storage")) out.devices.emplace_back(name.str(), q.value());
    }
  } else if (node.gpus > 0) {
    out.devices.emplace_back(scheduler::kGpuCount, node.gpus);
    out.labels.emplace_back(scheduler::kGpuModel, node.gpu_model.str());
  }
  return out;
}

bool tells_zones(const Trace& trace) {
  return std::any_of(trace.nodes.begin(), trace.nodes.end(), [](const TraceNode& n) { return n.object || !n.zone.empty(); });
}

bool may_take_pods(const api::Node& node) {
  const auto& taints = node.spec->taints;
  return std::none_of(taints.begin(), taints.end(), is_of_health);
}

Str PodName::key() const { return cat(ns, "/", name); }

std::vector<PodName> names_of(const std::vector<TracePod>& pods) {
  std::vector<PodName> out;
  base::HashMap<Str, bool> seen;
  bool usable = true;
  for (const TracePod& p : pods) {
    PodName name{"default", p.name};
    if (p.object) {
      const std::size_t slash = p.name.view().find('/');
      name = {Str(p.name.view().substr(0, slash)), Str(p.name.view().substr(slash + 1))};
    }
    usable = usable && api::validate_dns1123_subdomain(name.name).empty() && !std::exchange(seen[name.key()], true);
    out.push_back(std::move(name));
  }
  for (std::size_t i = 0; !usable && i < out.size(); ++i) out[i].name = cat("pod-", std::to_string(i));
  return out;
}

Str group_name(std::size_t gang) { return cat("gang-", std::to_string(gang)); }

api::ObjectRef group_object(std::size_t gang, std::size_t members) {
  api::PodGroup out;
  out.metadata.namespace_ = "default";
  out.metadata.name = group_name(gang);
  out.spec.edit().min_member = static_cast<std::int32_t>(members);
  return api::make_object(std::move(out));
}

namespace {

/// What a container does: it exits after `length`, and works as much as it asks for if it is `busy`.
std::string behaviour_of(const TracePod& pod, Nanos length, bool busy) {
  const Nanos us = std::max<Nanos>(length / base::kMicrosecond, 1);
  return cat("{\"kind\":\"exit\",\"code\":0,\"after\":\"", std::to_string(us), "us\"",
             busy && pod.milli_cpu > 0 ? cat(",\"busyMilli\":", std::to_string(pod.milli_cpu)) : std::string(), "}");
}

api::Pod pod_of_amounts(const TracePod& pod, const PodName& name) {
  api::Pod out = make_pod(pod, name.name)->pod();
  out.metadata.uid = Str();
  out.metadata.owner_references = {};   // nobody owns it here; the garbage collector would take it
  name_priority(out);
  out.spec.edit().containers.edit()[0].image = "job:1";
  return out;
}

}  // namespace

api::ObjectRef pod_object(const TracePod& pod, const PodName& name, const PodShaping& shaping) {
  api::Pod out = pod.object ? resubmitted(pod.object->as<api::Pod>(), name) : pod_of_amounts(pod, name);
  if (!shaping.group.empty()) out.metadata.labels.set(api::kPodGroupLabel, shaping.group);
  if (shaping.tells_tenant && !pod.tenant.empty()) out.metadata.labels.set(scheduler::kTenantLabel, label_value(pod.tenant));
  api::PodSpec& spec = out.spec.edit();
  spec.restart_policy = "Never";
  if (shaping.gated) spec.scheduling_gates = {{Str(kQueueGate)}};
  auto& annotations = out.metadata.annotations;
  if (shaping.exits) annotations.set(sim::kBehaviourAnnotation, behaviour_of(pod, pod.duration, shaping.busy_for.has_value()));
  else if (shaping.busy_for) annotations.set(sim::kBehaviourAnnotation, behaviour_of(pod, *shaping.busy_for, true));
  return api::make_object(std::move(out));
}

}  // namespace orrery::scenarios::bench
