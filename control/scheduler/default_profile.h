// The default profile: upstream's plugins in the order and with the weights of apis/config/v1/default_plugins.go.
#pragma once
#include "control/client/client.h"
#include "control/scheduler/framework/framework.h"
#include "control/scheduler/plugins/default_preemption.h"
#include "control/scheduler/plugins/inter_pod_affinity.h"
#include "control/scheduler/plugins/node_resources.h"
#include "control/scheduler/plugins/pod_topology_spread.h"

namespace orrery::scheduler {

/// What a plugin's score counts; 0: it only filters.
struct ScoreWeight {
  Str plugin;
  std::int64_t weight = 0;
};

struct ProfileConfig {
  int percentage_of_nodes_to_score = 0;      ///< 0: adaptive
  FitConfig fit;
  SpreadConfig spread;
  InterPodAffinityConfig inter_pod_affinity;
  PreemptionConfig preemption;
  bool preempts = true;
  /// Instead of upstream's weights; plugins that are not named do not score.
  std::optional<std::vector<ScoreWeight>> scores;
};

/// What the plugins act on; the references outlive the framework.
struct ProfileContext {
  const Snapshot& snapshot;
  const Lister& lister;
  const Nominated& nominated;
  const RunningPreemptions& running;
  client::Client* client = nullptr;          ///< null: placement only, nothing is written
  env::Environment* env = nullptr;           ///< null with client
};

/// `more` plugins come after upstream's.
std::unique_ptr<Framework> default_profile(const ProfileContext& context, const ProfileConfig& config = {},
                                           std::vector<std::unique_ptr<Plugin>> more = {});

/// Upstream's plugins that score, with their default weights.
std::vector<ScoreWeight> default_scores();

}  // namespace orrery::scheduler
