// Defaulting functions of the kinds that make pods. See Fill for their shape.
#pragma once
#include "model/api/cron_job.h"
#include "model/api/daemon_set.h"
#include "model/api/deployment.h"
#include "model/api/job.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/stateful_set.h"

namespace orrery::api {

bool fill_replica_set(const ReplicaSet& in, ReplicaSet* out);
/// Selector and own labels are those of the template, where they are not given.
bool fill_replication_controller(const ReplicationController& in, ReplicationController* out);
bool fill_deployment(const Deployment& in, Deployment* out);
bool fill_stateful_set(const StatefulSet& in, StatefulSet* out);
bool fill_daemon_set(const DaemonSet& in, DaemonSet* out);
bool fill_job(const Job& in, Job* out);
/// The Job of the template gets its own defaults when it is made.
bool fill_cron_job(const CronJob& in, CronJob* out);

}  // namespace orrery::api
