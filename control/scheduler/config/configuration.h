// Configuration: what a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) comes to, defaulted and validated as
// kube-scheduler 1.33 does it with its default feature gates.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/scheduler/default_profile.h"
#include "control/scheduler/policies/policy.h"
#include "model/base/result.h"
#include "model/base/time.h"

namespace orrery::scheduler {

/// Plugins for the pods that name it in spec.schedulerName.
struct Profile {
  Str scheduler_name{"default-scheduler"};
  ProfileConfig config;
  /// Set: a policy of the literature instead of `config`.
  struct Research {
    PolicySpec policy;
    std::shared_ptr<const FragmentationModel> model;   ///< where the policy needs one
    std::uint64_t seed = 0;                            ///< of its draws
  };
  std::optional<Research> research;
};

struct Configuration {
  std::vector<Profile> profiles;      ///< at least one
  base::Nanos initial_backoff = base::kSecond, max_backoff = 10 * base::kSecond;
  /// Threads that what a decision costs node by node is spread over (cost.h). Where a KubeSchedulerConfiguration says nothing, one
  /// does it all; benches say upstream's default.
  int parallelism = 1;
  double qps = 50;                    ///< clientConnection
  int burst = 100;

  /// Null when there is none.
  const Profile* find(std::string_view scheduler_name) const;
  /// A profile has the plugin Coscheduling.
  bool schedules_gangs() const;
};

/// One profile, default-scheduler, with the default plugins.
Configuration default_configuration();

struct ConfigProblem {
  int line = 0;
  std::string path, what;
};

/// YAML or JSON. What is unknown, wrong or not there yet (extenders, DynamicResources) is a problem; the first is told. Profiles
/// may name the plugins `outside`, too; they live as long as the configuration.
base::Result<Configuration, ConfigProblem> read_configuration(std::string_view text,
                                                              std::span<const OutsidePlugin* const> outside = {});

}  // namespace orrery::scheduler
