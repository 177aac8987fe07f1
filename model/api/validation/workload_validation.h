// Validation of the kinds that make pods. Source: pkg/apis/{apps,batch,core}/validation and the
// registry strategies, which fix the selectors.
#pragma once
#include "model/api/controller_revision.h"
#include "model/api/cron_job.h"
#include "model/api/daemon_set.h"
#include "model/api/deployment.h"
#include "model/api/job.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/stateful_set.h"
#include "model/api/validation/rules.h"

namespace orrery::api {

void check_replica_set_spec(const ReplicaSetSpec& spec, ErrorList& errors);
void check_replica_set_status(const ReplicaSet& old, const ReplicaSet& next, ErrorList& errors);
void check_replication_controller_spec(const ReplicationControllerSpec& spec, ErrorList& errors);
void check_replication_controller_status(const ReplicationController& old, const ReplicationController& next, ErrorList& errors);
void check_deployment_spec(const DeploymentSpec& spec, ErrorList& errors);
void check_deployment_status(const Deployment& old, const Deployment& next, ErrorList& errors);
void check_stateful_set_spec(const StatefulSetSpec& spec, ErrorList& errors);
void check_stateful_set_update(const StatefulSetSpec& old, const StatefulSetSpec& next, ErrorList& errors);
void check_stateful_set_status(const StatefulSet& old, const StatefulSet& next, ErrorList& errors);
void check_daemon_set_spec(const DaemonSetSpec& spec, ErrorList& errors);
void check_daemon_set_status(const DaemonSet& old, const DaemonSet& next, ErrorList& errors);
void check_controller_revision(const ControllerRevision& revision, ErrorList& errors);
void check_controller_revision_update(const ControllerRevision& old, const ControllerRevision& next,
                                      ErrorList& errors);

/// What of a Job's spec holds for templates of Jobs, too: all but its selector.
void check_job_template(const JobSpec& spec, const FieldPath& path, ErrorList& errors);
void check_job(const Job& job, ErrorList& errors);
void check_job_update(const Job& old, const Job& next, ErrorList& errors);
void check_job_status_update(const Job& old, const Job& next, ErrorList& errors);
void check_cron_job(const CronJob& cron_job, ErrorList& errors);
void check_cron_job_update(const CronJob& old, const CronJob& next, ErrorList& errors);

/// The selector of a stored workload never changes.
void check_same_selector(const Box<LabelSelector>& old, const Box<LabelSelector>& next, ErrorList& errors);

}  // namespace orrery::api
