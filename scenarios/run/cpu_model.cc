#include "scenarios/run/cpu_model.h"

#include <algorithm>

#include "model/api/daemon_set.h"
#include "model/api/deployment.h"
#include "model/api/job.h"
#include "model/api/pod.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/stateful_set.h"
#include "sim/containers/behaviour.h"

namespace orrery::scenarios {
namespace {

using api::KindId;

constexpr std::int64_t kSimgridLimit = 1000;

/// Threads that keep a core busy in one pod with this metadata.
std::int64_t busy_threads(const api::ObjectMeta& meta) {
  const base::Str* text = meta.annotations.find(sim::kBehaviourAnnotation);
  if (!text) return 0;
  const auto parsed = sim::parse_behaviour(*text);
  if (!parsed.ok()) return 0;
  const sim::Behaviour& b = **parsed;
  if (b.kind == sim::Behaviour::Kind::kWork) return 1;
  return b.cpu_per_request > 0 ? b.threads : 0;
}

/// Pods at once times their busy threads; `replicas` above 0 replaces the object's own number.
std::int64_t threads_of(const api::Object& o, std::int64_t nodes, std::int64_t replicas) {
  const auto times = [replicas](std::int64_t own, const api::ObjectMeta& meta) {
    return std::max(own, replicas) * busy_threads(meta);
  };
  switch (o.kind_id()) {
    case KindId::kDeployment: {
      const auto& spec = *o.as<api::Deployment>().spec;
      return 2 * times(spec.replicas.value_or(1), spec.template_.metadata);  // both revisions of a roll-out
    }
    case KindId::kStatefulSet: {
      const auto& spec = *o.as<api::StatefulSet>().spec;
      return times(spec.replicas.value_or(1), spec.template_.metadata);
    }
    case KindId::kReplicaSet: {
      const auto& spec = *o.as<api::ReplicaSet>().spec;
      return times(spec.replicas.value_or(1), spec.template_.metadata);
    }
    case KindId::kReplicationController: {
      const auto& spec = *o.as<api::ReplicationController>().spec;
      return spec.template_ ? times(spec.replicas.value_or(1), spec.template_->metadata) : 0;
    }
    case KindId::kJob: {
      const auto& spec = *o.as<api::Job>().spec;
      return times(spec.parallelism.value_or(1), spec.template_.metadata);
    }
    case KindId::kDaemonSet:
      return nodes * busy_threads(o.as<api::DaemonSet>().spec->template_.metadata);
    case KindId::kPod:
      return busy_threads(o.as<api::Pod>().metadata);
    default:
      return 0;
  }
}

std::int64_t scaled_to(const Scenario& s, const api::Object& o) {
  std::int64_t most = 0;
  for (const TimelineEntry& e : s.timeline)
    for (const UserAction& a : e.actions)
      if (a.kind == UserAction::Kind::kScale && a.object.kind == o.kind_id() &&
          o.meta().name == a.object.name && o.meta().namespace_ == a.object.namespace_)
        most = std::max<std::int64_t>(most, a.replicas);
  return most;
}

}  // namespace

std::int64_t greatest_concurrency(const Scenario& s) {
  const auto nodes = static_cast<std::int64_t>(s.cluster.nodes.size() + s.cluster.masters.size());
  std::int64_t sum = nodes;
  for (const WorkloadSpec& w : s.workloads)
    for (const api::ObjectRef& o : w.objects) sum += threads_of(*o, nodes, scaled_to(s, *o));
  for (const TimelineEntry& e : s.timeline)
    for (const UserAction& a : e.actions)
      for (const api::ObjectRef& o : a.objects) sum += threads_of(*o, nodes, scaled_to(s, *o));
  return sum;
}

CpuModel cpu_model(const Scenario& s) {
  if (s.cluster.cpu_model != CpuModel::kByConcurrency) return s.cluster.cpu_model;
  return greatest_concurrency(s) <= kSimgridLimit ? CpuModel::kSimgrid : CpuModel::kHost;
}

const char* to_string(CpuModel model) { return model == CpuModel::kHost ? "host" : "simgrid"; }

std::unique_ptr<sim::RateSolver> make_solver(CpuModel model) {
  return model == CpuModel::kHost ? sim::make_max_min_solver() : sim::make_simgrid_solver();
}

}  // namespace orrery::scenarios
