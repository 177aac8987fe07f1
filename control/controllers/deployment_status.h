// Status and conditions of Deployments as pure functions (pkg/controller/deployment/{sync,progress}.go).
#pragma once
#include "control/controllers/deployment_decisions.h"
#include "model/api/conditions.h"

namespace orrery::controllers {

inline constexpr std::string_view kAvailable = "Available";
inline constexpr std::string_view kProgressing = "Progressing";
inline constexpr std::string_view kDeploymentReplicaFailure = "ReplicaFailure";

api::DeploymentCondition make_condition(std::string_view type, std::string_view status, std::string_view reason,
                                        Str message, api::Time now);
/// No effect when status and reason stay the same; lastTransitionTime stays when the status does.
void set_condition(api::DeploymentStatus& status, api::DeploymentCondition condition);
void remove_condition(api::DeploymentStatus& status, std::string_view type);

/// `all` includes `newest` (which may be null).
api::DeploymentStatus deployment_status(const api::Deployment& d, const ReplicaSetList& all,
                                        const ReplicaSetHandle& newest, api::Time now);
bool deployment_complete(const api::Deployment& d, const api::DeploymentStatus& status);
bool deployment_progressing(const api::DeploymentStatus& old, const api::DeploymentStatus& next);
bool deployment_timed_out(const api::Deployment& d, const api::DeploymentStatus& next, base::Instant wall);
/// deployment_status with the Progressing and ReplicaFailure conditions of a rollout.
api::DeploymentStatus rollout_status(const api::Deployment& d, const ReplicaSetList& all, const ReplicaSetHandle& newest,
                                     base::Instant wall);

/// When a rollout that shows no progress must be looked at again.
struct StuckCheck {
  enum Kind : unsigned char { kNone, kRateLimited, kAfter } kind = kNone;
  base::Nanos after = 0;
};
StuckCheck stuck_check(const api::Deployment& d, const api::DeploymentStatus& next, base::Instant wall);

/// The condition to write when spec.paused was switched; nullopt when there is nothing to say.
std::optional<api::DeploymentCondition> paused_condition(const api::Deployment& d, api::Time now);

}  // namespace orrery::controllers
