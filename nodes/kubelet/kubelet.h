// Kubelet: the agent of one node. Registers the node and renews its lease, follows the pods bound to it and runs each by a
// PodWorker. After pkg/kubelet/kubelet.go.
#pragma once
#include <memory>

#include "control/client/event_recorder.h"
#include "control/client/informer.h"
#include "model/base/sorted_map.h"
#include "nodes/kubelet/csi_node_writer.h"
#include "nodes/kubelet/eviction_manager.h"
#include "nodes/kubelet/image_collector.h"
#include "nodes/kubelet/node_lease.h"
#include "nodes/kubelet/node_reporter.h"
#include "nodes/kubelet/pod_admission.h"
#include "nodes/kubelet/pod_host.h"
#include "nodes/kubelet/pod_worker.h"

namespace orrery::kubelet {

/// Starts with what the runtime has: containers of pods that are still bound here are taken over as they are, others are
/// stopped once the API's pods are known. Container state arrives by the runtime's events (upstream relists every second);
/// the runtime is listed at the start only, and single containers after errors.
class Kubelet final : public PodHost, private EvictionHost {
 public:
  Kubelet(env::Environment& env, KubeletConfig config);
  ~Kubelet() override;

  using Workers = base::SortedMap<Str, base::Ref<PodWorker>>;
  const Workers& workers() const { return workers_; }
  const api::ObjectRef& node() const { return reporter_.node(); }

 private:
  struct Found {
    base::SortedMap<Str, RuntimePod> pods;   // by uid
  };
  struct OrphanCount : base::RefCounted {
    std::vector<Str> sandboxes;
    int containers = 0;
  };
  void list_runtime();
  void list_containers(std::vector<env::SandboxStatus> sandboxes);
  void begin(Found found);
  void retry_listing();
  void pod_event(const api::ObjectRef& old, const api::ObjectRef& now);
  void pod_added(const api::ObjectRef& object);
  void stop_orphans();
  void stop_orphan(const Str& sandbox_id);
  void report_images();

  env::Environment& env() override { return env_; }
  const KubeletConfig& config() const override { return config_; }
  ImagePuller& images() override { return images_; }
  ReferenceReader& references() override { return references_; }
  AttachedVolumes& volumes() override { return volumes_; }
  std::int64_t memory_capacity() const override { return memory_capacity_; }
  void event(const PodHandle& pod, bool warning, const char* reason, Str message) override;
  base::Nanos probe_phase(env::ProbeKind kind, base::Nanos period) override;
  base::Nanos until_status_pass() override;
  void worker_ended(PodWorker& worker) override;
  void worker_removed(PodWorker& worker) override;
  void call(base::Ref<api::ApiRequest> request, client::Client::Done done) override;

  void each_worker(base::UniqueFunction<void(PodWorker&)> visit) override;
  void set_pressure(bool memory, bool disk) override;
  void threshold_met(const char* resource) override;
  void evicted(PodWorker& worker, const Str& message) override;
  void free_images(std::int64_t bytes) override;

  env::Environment& env_;
  KubeletConfig config_;
  std::int64_t memory_capacity_ = 0;
  base::Instant started_;
  client::Client client_, heartbeat_client_, event_client_;
  client::EventRecorder events_;
  NodeReporter reporter_;
  NodeLease lease_;
  CsiNodeWriter csi_node_;
  client::Informer pods_;
  ImagePuller images_;
  ReferenceReader references_;
  AttachedVolumes volumes_;
  EvictionManager eviction_;
  ImageCollector collector_;
  Workers workers_;
  Found found_;
  api::ResourceList allocatable_;
  NodeUse use_;
  std::uint64_t images_reported_ = 0;
  base::RandomStream phases_;
  env::Liveness liveness_;
};

}  // namespace orrery::kubelet
