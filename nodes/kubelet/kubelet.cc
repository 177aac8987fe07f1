#include "nodes/kubelet/kubelet.h"

#include <algorithm>

#include "model/base/sorted_map.h"
#include "nodes/kubelet/qos.h"

namespace orrery::kubelet {
namespace {

/// Upstream gives containers whose pod is unknown one second.
constexpr base::Nanos kOrphanGrace = base::kSecond;

KubeletConfig completed(KubeletConfig config, env::Environment& env) {
  if (config.node_name.empty()) config.node_name = env.process.machine();
  return config;
}

client::ClientConfig client_config(const KubeletConfig& config, const char* purpose, double qps, int burst, base::Nanos timeout) {
  client::ClientConfig c;
  c.user = base::cat("system:node:", config.node_name);
  c.user_agent = "kubelet";
  c.purpose = purpose;
  c.endpoints = config.apiservers;
  c.qps = qps;
  c.burst = burst;
  c.timeout = timeout;
  return c;
}

client::InformerConfig bound_to(const Str& node) {
  client::InformerConfig c;
  c.field_selector = base::cat("spec.nodeName=", node);
  return c;
}

}  // namespace

Kubelet::Kubelet(env::Environment& env, KubeletConfig config)
    : env_(env), config_(completed(std::move(config), env)), started_(env.clock.now()),
      client_(env, client_config(config_, "pods", config_.api_qps, config_.api_burst, base::kMinute)),
      heartbeat_client_(env, client_config(config_, "heartbeats", 0, 1, config_.heartbeat_timeout)),
      event_client_(env, client_config(config_, "events", config_.event_qps, config_.event_burst, base::kMinute)),
      events_(env, event_client_, "kubelet", config_.node_name),
      reporter_(env, heartbeat_client_, events_, config_), lease_(env, heartbeat_client_, config_), csi_node_(env, client_, config_),
      pods_(env, client_, api::KindId::kPod, bound_to(config_.node_name)), images_(env, config_), references_(env, *this),
      volumes_(reporter_), eviction_(env, config_, *this),
      collector_(env, config_, images_,
                 [this](base::SortedSet<Str>& names) {
                   for (const auto& [uid, worker] : workers_) {
                     for (const api::Container& c : worker->pod()->spec->init_containers) names.insert(with_default_tag(c.image));
                     for (const api::Container& c : worker->pod()->spec->containers) names.insert(with_default_tag(c.image));
                   }
                 }),
      phases_(env.random.stream("probe-phase")) {
  NodeFacts& facts = reporter_.facts();
  facts.machine = env_.containers.machine();
  memory_capacity_ = facts.machine.memory_bytes;
  allocatable_ = node_allocatable(config_, facts.machine);
  pods_.add_handler([this](const api::ObjectRef& old, const api::ObjectRef& now) { pod_event(old, now); });
  env_.containers.events([this, token = liveness_.token()](const env::ContainerEvent& event) {
    if (!token.alive()) return;
    const auto it = workers_.find(event.pod_uid);
    if (it != workers_.end()) base::Ref<PodWorker>(it->second)->container_event(event);
  });
  list_runtime();
}

Kubelet::~Kubelet() = default;

void Kubelet::list_runtime() {
  images_.refresh([this] {
    env_.containers.list_sandboxes([this, token = liveness_.token()](base::Result<std::vector<env::SandboxStatus>> sandboxes) {
      if (!token.alive()) return;
      if (!sandboxes) return retry_listing();
      list_containers(std::move(*sandboxes));
    });
  });
}

void Kubelet::list_containers(std::vector<env::SandboxStatus> sandboxes) {
  env_.containers.list_containers([this, token = liveness_.token(), sandboxes = std::move(sandboxes)](
                                      base::Result<std::vector<env::ContainerStatus>> containers) mutable {
    if (!token.alive()) return;
    if (!containers) return retry_listing();
    Found found;
    base::SortedMap<Str, Str> pod_of;
    for (env::SandboxStatus& s : sandboxes) {
      pod_of[s.id] = s.spec.pod_uid;
      found.pods[s.spec.pod_uid].sandboxes.push_back(std::move(s));
    }
    for (env::ContainerStatus& c : *containers) {
      const auto it = pod_of.find(c.sandbox_id);
      if (it != pod_of.end()) found.pods[it->second].containers.push_back(std::move(c));
    }
    begin(std::move(found));
  });
}

void Kubelet::retry_listing() {
  env_.timers.after(config_.retry_period, [this, token = liveness_.token()] {
    if (token.alive()) list_runtime();
  });
}

void Kubelet::begin(Found found) {
  found_ = std::move(found);
  report_images();
  reporter_.start([this](const api::ObjectRef& node) {
    lease_.start(node);
    csi_node_.start(node);
  });
  pods_.start();
  collector_.start();
  stop_orphans();
}

/// What no pod has claimed when the API's pods are known belongs to pods that are gone.
void Kubelet::stop_orphans() {
  if (!pods_.synced()) return pods_.on_synced([this] { stop_orphans(); });
  volumes_.settle();
  const Found left = std::move(found_);
  found_ = {};
  if (env_.faults.here(env::Site::kKubeletForgetsOrphans)) return;
  for (const auto& [uid, pod] : left.pods) {
    auto waiting = base::make_ref<OrphanCount>();
    for (const env::SandboxStatus& s : pod.sandboxes) waiting->sandboxes.push_back(s.id);
    waiting->containers = 1;
    const auto done = [this, waiting, token = liveness_.token()] {
      if (!token.alive() || --waiting->containers > 0) return;
      for (const Str& id : waiting->sandboxes) stop_orphan(id);
    };
    for (const env::ContainerStatus& c : pod.containers) {
      if (c.state != env::ContainerState::kRunning) continue;
      ++waiting->containers;
      env_.containers.stop_container(c.id, kOrphanGrace, [done](base::Status) { done(); });
    }
    done();
  }
}

void Kubelet::stop_orphan(const Str& sandbox_id) {
  env_.containers.stop_sandbox(sandbox_id, [this, sandbox_id, token = liveness_.token()](base::Status stopped) {
    if (!token.alive()) return;
    if (!stopped && stopped.error().code != base::ErrorCode::kNotFound) {
      env_.timers.after(config_.retry_period, [this, sandbox_id, token] {
        if (token.alive()) stop_orphan(sandbox_id);
      });
      return;
    }
    env_.containers.remove_sandbox(sandbox_id, [](base::Status) {});
  });
}

void Kubelet::pod_event(const api::ObjectRef& old, const api::ObjectRef& now) {
  const bool successor = old && now && !(old->meta().uid == now->meta().uid);
  if (old && (!now || successor)) {
    const auto it = workers_.find(old->meta().uid);
    if (it != workers_.end()) {
      const base::Ref<PodWorker> worker = it->second;
      worker->pod_gone(PodHandle(old));
    }
  }
  if (!now) return;
  if (!old || successor) return pod_added(now);
  const auto it = workers_.find(now->meta().uid);
  if (it != workers_.end()) base::Ref<PodWorker>(it->second)->pod_changed(PodHandle(now));
}

void Kubelet::pod_added(const api::ObjectRef& object) {
  const PodHandle pod(object);
  if (workers_.contains(pod->metadata.uid)) return;
  auto worker = base::make_ref<PodWorker>(*this, pod);
  const auto found = found_.pods.find(pod->metadata.uid);
  if (found != found_.pods.end()) {
    worker->adopt(std::move(found->second));
    found_.pods.erase(found);
  } else {
    worker->adopt({});
  }
  workers_.emplace(pod->metadata.uid, worker);
  const bool ends = pod->metadata.deleting() || pod->status->phase == "Failed" || pod->status->phase == "Succeeded";
  // A pod that already ran here was admitted by an earlier kubelet.
  if (!ends && !worker->has_history()) {
    const api::Node* node = reporter_.node() ? &reporter_.node()->as<api::Node>() : nullptr;
    if (auto refusal = refuse(*pod, node, allocatable_, use_, reporter_.facts())) {
      event(pod, true, refusal->reason.c_str(), refusal->message);
      use_.add(*pod->spec);  // worker_ended() takes it off again
      return worker->reject(refusal->reason, base::cat("Pod was rejected: ", refusal->message));
    }
  }
  use_.add(*pod->spec);
  eviction_.wake();
  worker->start();
}

void Kubelet::worker_ended(PodWorker& worker) {
  use_.remove(*worker.pod()->spec);
  volumes_.release(worker.uid());
}

void Kubelet::worker_removed(PodWorker& worker) { workers_.erase(worker.uid()); }

void Kubelet::event(const PodHandle& pod, bool warning, const char* reason, Str message) {
  static const Str kNormal("Normal"), kWarning("Warning");
  events_.event(*pod.object(), warning ? kWarning : kNormal, reason, std::move(message));
}

/// Right after its start a kubelet spreads the probes of the containers it took over; readiness is asked for at once.
base::Nanos Kubelet::probe_phase(env::ProbeKind kind, base::Nanos period) {
  if (kind == env::ProbeKind::kReadiness || env_.process.incarnation() == 0) return 0;
  if (env_.clock.now() - started_ >= period) return 0;
  return static_cast<base::Nanos>(phases_.below(static_cast<std::uint64_t>(period)));
}

base::Nanos Kubelet::until_status_pass() {
  const base::Nanos period = 10 * base::kSecond;
  return period - (env_.clock.now() - started_) % period;
}

void Kubelet::call(base::Ref<api::ApiRequest> request, client::Client::Done done) {
  client_.call(std::move(request), std::move(done));
}

void Kubelet::each_worker(base::UniqueFunction<void(PodWorker&)> visit) {
  for (const auto& [uid, worker] : workers_) {
    if (worker->stage() != PodWorker::Stage::kTerminated) visit(*worker);
  }
}

void Kubelet::set_pressure(bool memory, bool disk) {
  report_images();
  NodeFacts& facts = reporter_.facts();
  if (facts.memory_pressure == memory && facts.disk_pressure == disk) return;
  facts.memory_pressure = memory;
  facts.disk_pressure = disk;
  reporter_.changed();
}

void Kubelet::threshold_met(const char* resource) {
  if (reporter_.node()) events_.event(*reporter_.node(), "Warning", "EvictionThresholdMet", base::cat("Attempting to reclaim ", resource));
}

void Kubelet::evicted(PodWorker& worker, const Str& message) { event(worker.pod(), true, "Evicted", message); }

void Kubelet::free_images(std::int64_t bytes) { collector_.free(bytes); }

void Kubelet::report_images() {
  NodeFacts& facts = reporter_.facts();
  if (images_reported_ == images_.version()) return;
  images_reported_ = images_.version();
  facts.images.clear();
  for (const auto& [name, info] : images_.present()) facts.images.push_back(info);
  reporter_.changed();
}

}  // namespace orrery::kubelet
