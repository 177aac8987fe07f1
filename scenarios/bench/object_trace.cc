#include "scenarios/bench/object_trace.h"

#include "control/scheduler/framework/pod_info.h"
#include "control/scheduler/framework/resource.h"
#include "model/api/defaults/defaults.h"
#include "model/codec/json_read.h"
#include "scenarios/load/culprit.h"
#include "scenarios/whatif/cluster_dump.h"

namespace orrery::scenarios::bench {

TraceNode trace_node(const api::ObjectRef& object) {
  const api::Node& node = object->as<api::Node>();
  scheduler::Resource has;
  has.add(node.status->allocatable);
  TraceNode out;
  out.name = node.metadata.name;
  out.milli_cpu = has.milli_cpu;
  out.memory = has.memory;
  out.gpus = static_cast<std::int32_t>(has.scalar(Str(scheduler::kGpuCount)));
  if (const Str* model = node.metadata.labels.find(scheduler::kGpuModel)) out.gpu_model = *model;
  out.object = object;
  return out;
}

TracePod trace_pod(const api::Pod& pod) {
  api::Pod submitted = pod;
  const bool is_static = pod.metadata.annotations.contains("kubernetes.io/config.mirror");
  if (!is_static) submitted.spec.edit().node_name = Str();
  submitted.status = {};
  submitted.metadata.resource_version = api::Revision();
  submitted.metadata.deletion_timestamp = api::Time();
  if (submitted.metadata.namespace_.empty()) submitted.metadata.namespace_ = "default";
  TracePod out;
  out.name = api::key_of(submitted.metadata);
  out.tenant = submitted.metadata.namespace_;
  out.object = api::make_object(std::move(submitted));
  const scheduler::PodInfo info(out.object);
  out.milli_cpu = info.wanted.milli_cpu;
  out.memory = info.wanted.memory;
  out.gpu = info.gpu;
  return out;
}

std::optional<api::Pod> pod_of_json(const codec::JsonValue& json, PodProblem& problem) {
  const api::Kind& kind = api::kind_of(api::KindId::kPod);
  const std::string text = json.dump();
  const codec::ReadOptions options;
  auto object = codec::read_object_as(kind, text, options);
  if (!object.ok()) {
    problem = {culprit_of(text, object.error().message, options), object.error().message};
    return std::nullopt;
  }
  base::Ref<api::Object> o = std::move(*object);
  api::apply_defaults(kind, api::edit_value(*o));
  return api::ObjectRef(o)->as<api::Pod>();
}

void take_cluster(const std::string& dump, Trace& out) {
  for (const api::ObjectRef& o : whatif::read_cluster_dump(dump).objects) {
    if (o->kind_id() == api::KindId::kNode) out.nodes.push_back(trace_node(o));
    else if (o->kind_id() != api::KindId::kPod) out.objects.push_back(o);
  }
}

}  // namespace orrery::scenarios::bench
