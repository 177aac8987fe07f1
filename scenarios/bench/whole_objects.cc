#include "scenarios/bench/whole_objects.h"

#include <algorithm>

#include "model/api/names.h"
#include "model/api/pod_group.h"
#include "model/base/hash_map.h"
#include "model/base/str.h"
#include "scenarios/bench/placement.h"
#include "scenarios/bench/priority_classes.h"
#include "sim/containers/behaviour.h"

namespace orrery::scenarios::bench {

using base::cat;
using base::Nanos;

MachineSpec machine_of(const TraceNode& node, const std::string& zone) {
  MachineSpec out;
  out.name = node.name.str();
  out.zone = zone;
  out.cpu_milli = node.milli_cpu;
  out.memory_bytes = node.memory + kKubeletMemory;
  out.pods = kMaxPodsOfNode;
  if (node.gpus > 0) {
    out.devices.emplace_back(scheduler::kGpuCount, node.gpus);
    out.labels.emplace_back(scheduler::kGpuModel, node.gpu_model.str());
  }
  return out;
}

bool may_take_pods(const api::Node& node) {
  const auto& taints = node.spec->taints;
  return std::none_of(taints.begin(), taints.end(), [](const api::Taint& t) { return t.key.view().starts_with("node.kubernetes.io/"); });
}

std::vector<Str> names_of(const std::vector<TracePod>& pods) {
  std::vector<Str> out;
  base::HashMap<Str, bool> seen;
  const auto usable = [&](const Str& name) { return api::validate_dns1123_subdomain(name).empty() && !std::exchange(seen[name], true); };
  for (const TracePod& p : pods) {
    if (!usable(p.name)) break;
    out.push_back(p.name);
  }
  if (out.size() == pods.size()) return out;
  out.clear();
  for (std::size_t i = 0; i < pods.size(); ++i) out.push_back(cat("pod-", std::to_string(i)));
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

}  // namespace

api::ObjectRef pod_object(const TracePod& pod, const Str& name, const Str& group, bool exits, std::optional<Nanos> busy_for) {
  api::Pod out = make_pod(pod, name)->pod();
  out.metadata.uid = Str();
  out.metadata.owner_references = {};   // nobody owns it here; the garbage collector would take it
  if (!group.empty()) out.metadata.labels.set(api::kPodGroupLabel, group);
  name_priority(out);
  api::PodSpec& spec = out.spec.edit();
  spec.restart_policy = "Never";
  spec.containers.edit()[0].image = "job:1";
  if (exits) out.metadata.annotations.set(sim::kBehaviourAnnotation, behaviour_of(pod, pod.duration, busy_for.has_value()));
  else if (busy_for) out.metadata.annotations.set(sim::kBehaviourAnnotation, behaviour_of(pod, *busy_for, true));
  return api::make_object(std::move(out));
}

}  // namespace orrery::scenarios::bench
