// What several oracles ask of pods, their owners and nodes.
#pragma once
#include "model/api/node.h"
#include "model/api/pod.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

inline bool has_ended(const api::Pod& pod) {
  return pod.status->phase == "Succeeded" || pod.status->phase == "Failed";
}

/// What controllers count: not ended and not being deleted.
inline bool is_active(const api::Pod& pod) { return !has_ended(pod) && !pod.metadata.deleting(); }

inline bool is_ready(const api::Pod& pod) {
  for (const api::PodCondition& c : pod.status->conditions)
    if (c.type == "Ready") return c.status == "True";
  return false;
}

inline bool is_ready(const api::Node& node) {
  for (const api::NodeCondition& c : node.status->conditions)
    if (c.type == "Ready") return c.status == "True";
  return false;
}

/// The uid of the controller of that kind; empty for none.
inline Str owner_uid(const api::Object& o, std::string_view kind) {
  const api::OwnerReference* owner = api::controller_of(o.meta());
  return owner && owner->kind == kind ? owner->uid : Str();
}

/// The pod of a change when it is one, before or after; null otherwise.
inline const api::Pod* pod_of(const api::ObjectRef& o) {
  return o && o->kind_id() == KindId::kPod ? &o->as<api::Pod>() : nullptr;
}

}  // namespace orrery::scenarios
