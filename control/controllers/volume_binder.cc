#include "control/controllers/volume_binder.h"

#include "control/client/pod_util.h"
#include "control/controllers/cost.h"

namespace orrery::controllers {
namespace {

constexpr base::Nanos kResync = 15 * base::kSecond;
constexpr const char* kNoProvisioner = "kubernetes.io/no-provisioner";

QueueControllerOptions volume_binder_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

}  // namespace

VolumeBinder::VolumeBinder(ControllerContext context)
    : QueueController(context, "persistentvolume-controller", volume_binder_options()),
      claims_(informer(KindId::kPersistentVolumeClaim)),
      volumes_(informer(KindId::kPersistentVolume)),
      classes_(informer(KindId::kStorageClass)),
      pods_(informer(KindId::kPod)),
      tasks_(context.env.trampoline) {
  claims_.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
    if (now) return enqueue(now->meta());
    provisioning_.erase(api::key_of(old->meta()));
    const Str& volume = old->as<api::PersistentVolumeClaim>().spec->volume_name;
    if (!volume.empty()) queue_.add(volume);
  });
  volumes_.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
    const ObjectRef& seen = now ? now : old;
    if (now) enqueue(now->meta());
    const auto& ref = seen->as<api::PersistentVolume>().spec->claim_ref;
    if (ref) queue_.add(base::cat(ref->namespace_, "/", ref->name));
  });
}

void VolumeBinder::start(int workers) {
  QueueController::start(workers);
  tasks_.spawn(resync());
}

void VolumeBinder::stop() {
  tasks_.cancel_all();
  QueueController::stop();
}

/// Upstream goes through all claims and volumes; those that are bound would find nothing to do.
env::Task<> VolumeBinder::resync() {
  co_await context_.informers.wait_synced();
  while (true) {
    co_await env::sleep(env_, kResync);
    claims_.each([this](const ObjectRef& claim) {
      if (!claim->meta().annotations.contains(kBindCompleted)) enqueue(claim->meta());
    });
  }
}

env::Task<SyncResult> VolumeBinder::sync(Str key) {
  const SplitKey parts = split_key(key);
  Failure failure;
  if (parts.namespace_.empty()) {
    const VolumeHandle volume = volumes_.get_as<api::PersistentVolume>({}, parts.name);
    if (volume) failure = co_await sync_volume(volume);
  } else {
    const ClaimHandle claim =
        claims_.get_as<api::PersistentVolumeClaim>(parts.namespace_, parts.name);
    if (claim) failure = co_await sync_claim(claim, key);
  }
  if (failure) co_return SyncResult::fail(*failure);
  co_return SyncResult::ok();
}

env::Task<VolumeBinder::Failure> VolumeBinder::sync_claim(ClaimHandle claim, Str key) {
  Failure failure;
  const Str& name = claim->spec->volume_name;
  if (name.empty()) {
    failure = co_await sync_unbound(claim, key);
    co_return failure;
  }
  const VolumeHandle volume = volumes_.get_as<api::PersistentVolume>({}, name);
  const bool completed = claim->metadata.annotations.contains(kBindCompleted);
  const bool ours = volume && (!volume->spec->claim_ref || is_reserved_for(*volume, *claim));
  if (ours) {
    failure = co_await bind(claim, volume);
  } else if (!completed) {
    failure = co_await set_claim_phase(claim, "Pending");
  } else if (!(claim->status->phase == "Lost")) {
    if (volume) {
      events_.event(*claim.object(), "Warning", "ClaimMisbound",
                    "Two claims are bound to the same volume, this one is "
                    "bound incorrectly");
    } else {
      events_.event(*claim.object(), "Warning", "ClaimLost",
                    "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    }
    failure = co_await set_claim_phase(claim, "Lost");
  }
  co_return failure;
}

env::Task<VolumeBinder::Failure> VolumeBinder::sync_unbound(ClaimHandle claim, Str key) {
  if (claim->metadata.deleting()) co_return std::nullopt;
  const Str name = class_of(*claim);
  const auto storage_class = classes_.get_as<api::StorageClass>({}, name);
  const bool delayed = is_delayed(*claim, storage_class ? &*storage_class : nullptr);
  const ObjectRef found = best_volume(volumes_.list(), *claim, delayed);
  Failure failure;
  if (found) {
    failure = co_await bind(claim, VolumeHandle(found));
    co_return failure;
  }
  if (!delayed && !name.empty()) {
    if (storage_class && !(storage_class->provisioner == kNoProvisioner)) {
      failure = co_await provision(claim, key, storage_class);
      co_return failure;
    }
    events_.event(*claim.object(), "Warning", "ProvisioningFailed",
                  storage_class ? base::cat("no volume plugin matched name: ", kNoProvisioner)
                                : base::cat("storageclass.storage.k8s.io \"", name, "\" not found"));
    co_return std::nullopt;
  }
  if (delayed) tell_who_waits(*claim.object());
  else events_.event(*claim.object(), "Normal", "FailedBinding",
                     "no persistent volumes available for this claim and no storage class is set");
  failure = co_await set_claim_phase(claim, "Pending");
  co_return failure;
}

/// emitEventForUnboundDelayBindingClaim.
void VolumeBinder::tell_who_waits(const api::Object& claim) {
  std::string names;
  int waiting = 0;
  for (const ObjectRef& object : pods_.list(claim.meta().namespace_)) {
    const auto& pod = object->as<api::Pod>();
    if (!pod.spec->node_name.empty() || client::is_pod_terminal(pod) || !mounts_claim(pod, claim.meta().name)) continue;
    names += base::cat(waiting++ ? "," : "", pod.metadata.name);
  }
  if (waiting == 0) {
    events_.event(claim, "Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
  } else {
    events_.event(claim, "Normal", "WaitForPodScheduled",
                  base::cat("waiting for pod", waiting > 1 ? "s " : " ", names, " to be scheduled"));
  }
}

env::Task<VolumeBinder::Failure> VolumeBinder::name_provisioner(ClaimHandle* claim, Str provisioner) {
  if ((*claim)->metadata.annotations.get(kStorageProvisioner) == provisioner) co_return std::nullopt;
  api::PersistentVolumeClaim next = **claim;
  next.metadata.annotations.set(kBetaStorageProvisioner, provisioner);
  next.metadata.annotations.set(kStorageProvisioner, provisioner);
  const auto written = co_await client_.update(api::make_object(std::move(next)));
  if (!written) co_return written.error();
  *claim = ClaimHandle(*written);
  co_return std::nullopt;
}

env::Task<VolumeBinder::Failure> VolumeBinder::provision(
    ClaimHandle claim, Str key, api::Handle<api::StorageClass> storage_class) {
  const Str& provisioner = storage_class->provisioner;
  Failure failure = co_await name_provisioner(&claim, provisioner);
  if (failure) co_return failure;
  const base::Nanos delay = context_.config.provision_delay;
  const auto started = provisioning_.find(key);
  if (started == provisioning_.end() || started->second > now()) {
    events_.event(
        *claim.object(), "Normal", "ExternalProvisioning",
        base::cat("Waiting for a volume to be created either by the external provisioner '",
                  provisioner,
                  "' or manually by the system administrator. If volume creation is delayed, "
                  "please verify that "
                  "the provisioner is running and correctly registered."));
    if (started != provisioning_.end() || delay < 0) co_return std::nullopt;
    events_.event(*claim.object(), "Normal", "Provisioning",
                  base::cat("External provisioner is provisioning volume for claim \"", key, "\""));
    provisioning_[key] = now() + delay;
    queue_.add_after(key, delay);
    co_return std::nullopt;
  }
  api::PersistentVolume volume = provisioned_volume(*claim, *storage_class);
  const Str name = volume.metadata.name;
  const auto created = co_await client_.create(api::make_object(std::move(volume)));
  if (!created && !created.error().already_exists()) co_return created.error();
  provisioning_.erase(key);
  if (created) {
    events_.event(*claim.object(), "Normal", "ProvisioningSucceeded",
                  base::cat("Successfully provisioned volume ", name));
  }
  co_return std::nullopt;
}

/// In upstream's order: the volume and its phase, then the claim and its phase; each step may have
/// been done before.
env::Task<VolumeBinder::Failure> VolumeBinder::bind(ClaimHandle claim, VolumeHandle volume) {
  const auto& ref = volume->spec->claim_ref;
  if (!ref || ref->uid.empty()) {
    const auto written = co_await client_.update(api::make_object(reserved(*volume, *claim)));
    if (!written) co_return written.error();
    volume = VolumeHandle(*written);
  }
  Failure failure = co_await set_volume_phase(volume, "Bound");
  if (failure) co_return failure;
  api::PersistentVolumeClaim next = bound(*claim, *volume);
  if (!api::deep_equal(next, *claim)) {
    const auto written = co_await client_.update(api::make_object(std::move(next)));
    if (!written) co_return written.error();
    claim = ClaimHandle(*written);
  }
  api::PersistentVolumeClaim told = *claim;
  api::PersistentVolumeClaimStatus& status = told.status.edit();
  status.phase = "Bound";
  status.access_modes = volume->spec->access_modes;
  status.capacity = volume->spec->capacity;
  if (api::deep_equal(status, *claim->status)) co_return std::nullopt;
  const auto written = co_await client_.update_status(api::make_object(std::move(told)));
  if (written) co_return std::nullopt;
  co_return written.error();
}

env::Task<VolumeBinder::Failure> VolumeBinder::sync_volume(VolumeHandle volume) {
  Failure failure;
  const auto& ref = volume->spec->claim_ref;
  if (!ref || ref->uid.empty()) {
    failure = co_await set_volume_phase(volume, "Available");
    co_return failure;
  }
  ObjectRef claim = claims_.get(ref->namespace_, ref->name);
  if (!claim) {
    // The copy may be behind: a volume is not given up on its word.
    const auto live =
        co_await client_.get(KindId::kPersistentVolumeClaim, ref->namespace_, ref->name);
    if (!live && !live.error().not_found()) co_return live.error();
    if (live) claim = *live;
  }
  if (claim && claim->meta().uid == ref->uid) {
    const Str& wanted = claim->as<api::PersistentVolumeClaim>().spec->volume_name;
    if (wanted == volume->metadata.name) failure = co_await set_volume_phase(volume, "Bound");
    else if (wanted.empty()) enqueue(claim->meta());
    co_return failure;
  }
  if (!(volume->status->phase == "Failed")) failure = co_await set_volume_phase(volume, "Released");
  if (!failure) failure = co_await reclaim(volume);
  co_return failure;
}

/// deleteVolumeOperation: what is not to be kept is deleted by its provisioner, or by the plugin of its source, which fails for
/// all but some directories.
env::Task<VolumeBinder::Failure> VolumeBinder::reclaim(VolumeHandle volume) {
  if (volume->metadata.deleting() || !(volume->spec->persistent_volume_reclaim_policy == "Delete")) co_return std::nullopt;
  Failure failure;
  if (const std::string problem = deletion_problem(*volume); !problem.empty()) {
    if (volume->status->phase == "Failed") co_return std::nullopt;
    events_.event(*volume.object(), "Warning", "VolumeFailedDelete", problem);
    failure = co_await set_volume_phase(volume, "Failed", problem);
    co_return failure;
  }
  const bool external = volume->metadata.annotations.contains(kProvisionedBy);
  if (external && context_.config.provision_delay < 0) co_return std::nullopt;
  const auto removed =
      co_await client_.remove(KindId::kPersistentVolume, {}, volume->metadata.name);
  if (!removed && !removed.error().not_found()) co_return removed.error();
  co_return std::nullopt;
}

env::Task<VolumeBinder::Failure> VolumeBinder::set_claim_phase(ClaimHandle claim, Str phase) {
  if (claim->status->phase == phase) co_return std::nullopt;
  api::PersistentVolumeClaim next = *claim;
  next.status.edit().phase = phase;
  const auto written = co_await client_.update_status(api::make_object(std::move(next)));
  if (written) co_return std::nullopt;
  co_return written.error();
}

env::Task<VolumeBinder::Failure> VolumeBinder::set_volume_phase(VolumeHandle volume, Str phase, Str message) {
  if (volume->status->phase == phase) co_return std::nullopt;
  api::PersistentVolume next = *volume;
  next.status.edit().phase = phase;
  next.status.edit().message = message;
  next.status.edit().last_phase_transition_time = wall_time();
  const auto written = co_await client_.update_status(api::make_object(std::move(next)));
  if (written) co_return std::nullopt;
  co_return written.error();
}

}  // namespace orrery::controllers
