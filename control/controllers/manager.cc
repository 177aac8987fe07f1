#include "control/controllers/manager.h"

#include "control/controllers/attach_detach.h"
#include "control/controllers/cron_job.h"
#include "control/controllers/daemon_set.h"
#include "control/controllers/deployment.h"
#include "control/controllers/disruption.h"
#include "control/controllers/endpoint_slice.h"
#include "control/controllers/garbage_collector.h"
#include "control/controllers/job.h"
#include "control/controllers/namespace_deletion.h"
#include "control/controllers/node_lifecycle.h"
#include "control/controllers/node_ttl.h"
#include "control/controllers/pod_gc.h"
#include "control/controllers/pod_group.h"
#include "control/controllers/replica_set.h"
#include "control/controllers/resource_quota.h"
#include "control/controllers/service_account.h"
#include "control/controllers/stateful_set.h"
#include "control/controllers/taint_eviction.h"
#include "control/controllers/ttl_after_finished.h"
#include "control/controllers/volume_binder.h"
#include "control/controllers/volume_protection.h"

namespace orrery::controllers {
namespace {

// An idle kube-controller-manager 1.33 (an estimate), and its growth per encoded byte of what it watches: from a measured peak of
// 423 MiB at 5,000 nodes and 10,000 pods, which are 9 MiB of encodings (tests/scenarios/memory_factors_test.cc).
constexpr std::int64_t kBaseMemory = std::int64_t{60} << 20;
constexpr std::int64_t kMemoryFactor = 40;

client::ClientConfig for_informers(client::ClientConfig c) {
  c.qps = 0;
  c.user_agent = base::cat(c.user_agent, "/shared-informers");
  return c;
}

}  // namespace

template <class C>
void Manager::add(const char* name, int workers, int qps_factor, int burst_factor) {
  client::ClientConfig config = base_;
  config.user = base::cat("system:serviceaccount:kube-system:", name);
  config.user_agent = base::cat("kube-controller-manager/", name);
  config.qps = config_.qps * qps_factor;
  config.burst = config_.burst * burst_factor;
  Entry entry;
  entry.client = std::make_unique<client::Client>(env_, config);
  entry.controller = std::make_unique<C>(ControllerContext{env_, *entry.client, informers_, config_});
  entry.workers = workers;
  controllers_.push_back(std::move(entry));
}

Manager::Manager(env::Environment& env, client::ClientConfig base, const ManagerConfig& config)
    : env_(env), base_(std::move(base)), config_(config), informer_client_(env, for_informers(base_)),
      memory_(env.compute, kBaseMemory, kMemoryFactor),
      informers_(env, informer_client_, &memory_) {
  add<ServiceAccountController>("service-account-controller", 1);
  add<RootCaPublisher>("root-ca-cert-publisher", 1);
  add<DeploymentController>("deployment-controller", config_.deployment_workers);
  add<ReplicaSetController>("replicaset-controller", config_.replicaset_workers);
  add<ReplicationManager>("replication-controller", config_.replication_controller_workers);
  add<StatefulSetController>("statefulset-controller", config_.statefulset_workers);
  add<DaemonSetController>("daemon-set-controller", config_.daemonset_workers);
  add<EndpointSliceController>("endpointslice-controller", 5);
  add<EndpointsController>("endpoint-controller", 5);
  add<EndpointSliceMirroring>("endpointslicemirroring-controller", 5);
  add<NodeLifecycleController>("node-controller", 8);
  add<TaintEvictionController>("taint-eviction-controller", 8);
  add<JobController>("job-controller", config_.job_workers);
  add<CronJobController>("cronjob-controller", config_.cronjob_workers);
  add<TtlAfterFinishedController>("ttl-after-finished-controller", config_.ttl_workers);
  // Two that talk much have more, by the factors of cmd/kube-controller-manager/app/core.go.
  add<NamespaceController>("namespace-controller", config_.namespace_workers, 20, 100);
  add<GarbageCollector>("generic-garbage-collector", config_.gc_workers, 2);
  add<PodGcController>("pod-garbage-collector", 1);
  add<DisruptionController>("disruption-controller", 1);
  add<ResourceQuotaController>("resourcequota-controller", config_.quota_workers);
  add<VolumeBinder>("persistent-volume-binder", 1);
  add<AttachDetachController>("attachdetach-controller", 1);
  add<ClaimProtection>("pvc-protection-controller", 1);
  add<VolumeProtection>("pv-protection-controller", 1);
  add<NodeTtlController>("ttl-controller", 5);
  if (config_.pod_groups) add<PodGroupController>("pod-group-controller", 1);
}

void Manager::start() {
  informers_.start();
  for (Entry& e : controllers_) e.controller->start(e.workers);
}

}  // namespace orrery::controllers
