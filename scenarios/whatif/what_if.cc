#include "scenarios/whatif/what_if.h"

#include <algorithm>

#include "control/scheduler/queue/nominator.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::whatif {
namespace {

using api::KindId;
using base::cat;
using scheduler::PodInfo;

const scheduler::Profile& profile_of(const scheduler::Configuration& configuration, const base::Str& name,
                                     const std::string& config_name) {
  if (const scheduler::Profile* profile = configuration.find(name)) return *profile;
  std::string known;
  for (const scheduler::Profile& p : configuration.profiles) known += cat(known.empty() ? "" : ", ", p.scheduler_name);
  throw InputError{config_name, 0, "profiles",
                   cat("none is called \"", name, "\", as the pod's schedulerName is (there is ", known, ")")};
}

/// The cluster of a dump as a scheduler sees it, without the pod in question.
struct World {
  World(const ClusterDump& dump, const api::ObjectMeta& without) {
    for (const api::ObjectRef& o : dump.objects) {
      if (o->kind_id() == KindId::kNode) snapshot.set_node(scheduler::NodeHandle(o));
      else if (o->kind_id() != KindId::kPod) lister.set(o);
      else if (api::key_of(o->meta()) != api::key_of(without)) add_pod(o);
    }
  }
  /// Ended pods hold nothing.
  void add_pod(const api::ObjectRef& o) {
    const api::Pod& pod = o->as<api::Pod>();
    if (pod.status->phase == "Succeeded" || pod.status->phase == "Failed") return;
    auto info = base::make_ref<PodInfo>(o);
    if (!pod.spec->node_name.empty()) snapshot.add_pod(std::move(info), pod.spec->node_name);
    else if (!pod.status->nominated_node_name.empty()) nominator.add(std::move(info));
  }

  scheduler::Snapshot snapshot;
  scheduler::FixedLister lister;
  scheduler::Nominator nominator;
  scheduler::RunningPreemptions running;
};

/// Names the first of the best, so that the same question has the same answer.
std::optional<std::size_t> first_best(const api::ObjectRef&, const std::vector<scheduler::ScoredNode>& feasible) {
  const auto worse = [](const scheduler::ScoredNode& a, const scheduler::ScoredNode& b) { return a.total < b.total; };
  return static_cast<std::size_t>(std::max_element(feasible.begin(), feasible.end(), worse) - feasible.begin());
}

}  // namespace

Answer what_if(const ClusterDump& dump, const PodArgument& argument, const scheduler::Configuration& configuration,
               const std::string& config_name) {
  const auto pod = base::make_ref<PodInfo>(argument.pod);
  const scheduler::Profile& profile = profile_of(configuration, pod->spec().scheduler_name, config_name);
  World world(dump, pod->meta());
  scheduler::ProfileConfig config = profile.config;
  config.percentage_of_nodes_to_score = 100;  // every node is told of,
  config.first_unscored = false;              // also where nothing scores
  const scheduler::ProfileContext context{world.snapshot, world.lister, world.nominator, world.running, nullptr, nullptr};
  const auto framework = scheduler::default_profile(context, config);
  scheduler::CycleMemory memory;
  memory.tie_break = first_best;
  Answer out;
  out.pod.pod = pod;
  out.pod.scheduler_name = profile.scheduler_name;
  out.pod.bound_to = argument.bound_to;
  if (const scheduler::Status gated = framework->run_pre_enqueue(*pod); !gated.ok()) out.pod.gated = gated.message();
  out.explanation = scheduler::explain(*framework, world.snapshot, world.nominator, *pod, std::move(memory));
  return out;
}

}  // namespace orrery::scenarios::whatif
