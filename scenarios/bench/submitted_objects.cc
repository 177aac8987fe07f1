#include "scenarios/bench/submitted_objects.h"

#include <algorithm>
#include <array>

#include "model/api/namespace.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod_disruption_budget.h"
#include "model/api/priority_class.h"
#include "model/api/service.h"
#include "model/api/storage_class.h"
#include "model/base/str.h"
#include "scenarios/bench/priority_classes.h"

namespace orrery::scenarios::bench {
namespace {

using api::KindId;
using base::cat;

/// Kinds that are created, in this order.
constexpr std::array<KindId, 7> kCreated{KindId::kNamespace, KindId::kPriorityClass, KindId::kStorageClass, KindId::kPersistentVolume,
                                         KindId::kPersistentVolumeClaim, KindId::kService, KindId::kPodDisruptionBudget};

bool is_system(const api::Pod& pod) { return pod.spec->priority_class_name.view().starts_with("system-"); }

/// Without what its first cluster made of it.
api::ObjectMeta bare(const api::ObjectMeta& told) {
  api::ObjectMeta out;
  out.name = told.name;
  out.namespace_ = told.namespace_;
  out.labels = told.labels;
  out.annotations = told.annotations;
  return out;
}

template <class T>
T fresh(const api::ObjectRef& object) {
  T out = object->as<T>();
  out.metadata = bare(out.metadata);
  if constexpr (requires { out.status; }) out.status = {};
  return out;
}

api::ObjectRef submitted(const api::ObjectRef& object) {
  switch (object->kind_id()) {
    case KindId::kNamespace: {
      api::Namespace out;
      out.metadata = bare(object->meta());
      return api::make_object(std::move(out));
    }
    case KindId::kPriorityClass: return api::make_object(fresh<api::PriorityClass>(object));
    case KindId::kStorageClass: return api::make_object(fresh<api::StorageClass>(object));
    case KindId::kPersistentVolume: {
      auto out = fresh<api::PersistentVolume>(object);
      auto& claim = out.spec.edit().claim_ref;
      if (claim) claim.edit().uid = claim.edit().resource_version = Str();
      return api::make_object(std::move(out));
    }
    case KindId::kPersistentVolumeClaim: return api::make_object(fresh<api::PersistentVolumeClaim>(object));
    case KindId::kService: {
      auto out = fresh<api::Service>(object);
      api::ServiceSpec& spec = out.spec.edit();
      if (!(spec.cluster_ip == "None")) spec.cluster_ip = Str(), spec.cluster_ips = {};
      for (api::ServicePort& p : spec.ports.edit()) p.node_port = 0;
      return api::make_object(std::move(out));
    }
    default: return api::make_object(fresh<api::PodDisruptionBudget>(object));
  }
}

/// The scheduler's plugins look at it.
bool is_read(const api::Volume& v) {
  const api::VolumeSource& s = *v.source;
  return s.persistent_volume_claim || s.ephemeral || s.gce_persistent_disk || s.aws_elastic_block_store || s.iscsi || s.rbd;
}

void strip(api::List<api::Container>& containers, const api::List<api::Volume>& kept) {
  const auto is_there = [&](const Str& name) {
    return std::any_of(kept.begin(), kept.end(), [&](const api::Volume& v) { return v.name == name; });
  };
  for (api::Container& c : containers.edit()) {
    api::List<api::VolumeMount> mounts;
    api::List<api::VolumeDevice> devices;
    for (const api::VolumeMount& m : c.volume_mounts) {
      if (is_there(m.name)) mounts.push_back(m);
    }
    for (const api::VolumeDevice& d : c.volume_devices) {
      if (is_there(d.name)) devices.push_back(d);
    }
    c.volume_mounts = std::move(mounts);
    c.volume_devices = std::move(devices);
    c.command = c.args = {};
    c.env_from = {};
    c.env = {};
    c.liveness_probe = c.readiness_probe = c.startup_probe = {};
    c.lifecycle = {};
    c.resources.claims = {};
  }
}

void take_priority(api::Pod& pod) {
  api::PodSpec& spec = pod.spec.edit();
  spec.preemption_policy.reset();
  if (is_system(pod)) {
    spec.priority.reset();
  } else if (spec.priority) {
    spec.priority_class_name = Str();
    name_priority(pod);
  }
}

}  // namespace

api::Pod resubmitted(const api::Pod& told, const PodName& name) {
  api::Pod out = told;
  out.metadata = bare(told.metadata);
  out.metadata.namespace_ = name.ns;
  out.metadata.name = name.name;
  out.status = {};
  api::PodSpec& spec = out.spec.edit();
  api::List<api::Volume> kept;
  for (const api::Volume& v : spec.volumes) {
    if (is_read(v)) kept.push_back(v);
  }
  strip(spec.containers, kept);
  strip(spec.init_containers, kept);
  spec.volumes = std::move(kept);
  spec.ephemeral_containers = {};
  spec.image_pull_secrets = {};
  spec.readiness_gates = {};
  spec.resource_claims = {};
  spec.service_account_name = spec.service_account = spec.scheduler_name = Str();
  spec.runtime_class_name.reset();
  spec.overhead = {};
  spec.active_deadline_seconds.reset();
  spec.scheduling_gates = {};
  take_priority(out);
  return out;
}

std::int32_t priority_of(const TracePod& pod) {
  if (!pod.object) return pod.priority;
  const api::Pod& told = pod.object->as<api::Pod>();
  return is_system(told) ? 0 : told.spec->priority.value_or(0);
}

std::vector<api::ObjectRef> first_objects(const Trace& trace) {
  std::vector<api::ObjectRef> out;
  for (const KindId kind : kCreated) {
    for (const api::ObjectRef& o : trace.objects) {
      if (o->kind_id() == kind) out.push_back(submitted(o));
    }
  }
  return out;
}

std::string note_objects(const Trace& trace) {
  if (std::none_of(trace.pods.begin(), trace.pods.end(), [](const TracePod& p) { return static_cast<bool>(p.object); })) return {};
  std::size_t left = 0;
  for (const api::ObjectRef& o : trace.objects) left += std::find(kCreated.begin(), kCreated.end(), o->kind_id()) == kCreated.end();
  return cat("pods are submitted with what the scheduler reads of them: owners, service accounts, environment, probes, files (secrets and the "
             "like), gates, runtime classes and their overhead, and preemption policies are left out; every container ends with its pod's duration",
             left == 0 ? std::string() : cat("; ", std::to_string(left), " objects, such as owners, are left out: controllers would make pods of them"));
}

Str label_value(std::string_view text) {
  constexpr std::size_t kLongest = 63;
  std::string out(text.substr(0, kLongest));
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  for (char& c : out) {
    if (!plain(c) && c != '-' && c != '_' && c != '.') c = '-';
  }
  if (!out.empty() && !plain(out.front())) out.front() = 'x';
  if (!out.empty() && !plain(out.back())) out.back() = 'x';
  return out;
}

}  // namespace orrery::scenarios::bench
