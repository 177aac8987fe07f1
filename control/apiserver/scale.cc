#include "control/apiserver/scale.h"

#include "model/api/deployment.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/selector.h"
#include "model/api/stateful_set.h"

namespace orrery::apiserver {

namespace {

std::string selector_text(const api::Box<api::LabelSelector>& selector) {
  if (!selector) return {};
  std::vector<api::SelectorExpression> expressions;
  for (const auto& e : selector->match_expressions) {
    expressions.push_back({e.key, e.operator_, std::span(e.values.begin(), e.values.size())});
  }
  auto parsed = api::label_selector(selector->match_labels, expressions);
  return parsed.ok() ? parsed->str() : std::string();
}

std::string selector_text(const api::Map<base::Str>& selector) { return api::Selector::from_set(selector).str(); }

template <class T>
void read(const api::Object& object, api::Scale& scale) {
  const T& workload = object.as<T>();
  scale.spec.edit().replicas = workload.spec->replicas.value_or(1);
  scale.status.edit().replicas = workload.status->replicas;
  scale.status.edit().selector = selector_text(workload.spec->selector);
}

}  // namespace

ObjectRef scale_of(const api::Object& workload) {
  api::Scale scale;
  const api::ObjectMeta& meta = workload.meta();
  scale.metadata.name = meta.name;
  scale.metadata.namespace_ = meta.namespace_;
  scale.metadata.uid = meta.uid;
  scale.metadata.resource_version = meta.resource_version;
  scale.metadata.creation_timestamp = meta.creation_timestamp;
  switch (workload.kind_id()) {
    case KindId::kDeployment:
      read<api::Deployment>(workload, scale);
      break;
    case KindId::kReplicaSet:
      read<api::ReplicaSet>(workload, scale);
      break;
    case KindId::kReplicationController:
      read<api::ReplicationController>(workload, scale);
      break;
    case KindId::kStatefulSet:
      read<api::StatefulSet>(workload, scale);
      break;
    default:
      ORRERY_CHECK(false, "a kind with a scale");
  }
  return api::make_object(std::move(scale));
}

base::Ref<api::Object> with_scale(const api::Object& workload, const api::Scale& scale) {
  base::Ref<api::Object> next = api::clone(workload);
  const std::int32_t replicas = scale.spec->replicas;
  switch (workload.kind_id()) {
    case KindId::kDeployment:
      edit_as<api::Deployment>(*next).spec.edit().replicas = replicas;
      break;
    case KindId::kReplicaSet:
      edit_as<api::ReplicaSet>(*next).spec.edit().replicas = replicas;
      break;
    case KindId::kReplicationController:
      edit_as<api::ReplicationController>(*next).spec.edit().replicas = replicas;
      break;
    case KindId::kStatefulSet:
      edit_as<api::StatefulSet>(*next).spec.edit().replicas = replicas;
      break;
    default:
      ORRERY_CHECK(false, "a kind with a scale");
  }
  api::ObjectMeta& meta = edit_meta(*next);
  meta.uid = scale.metadata.uid;
  meta.resource_version = scale.metadata.resource_version;
  return next;
}

}  // namespace orrery::apiserver
