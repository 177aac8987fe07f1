// The persistent volume controller (pkg/controller/volume/persistentvolume) with a simulated
// provisioner.
#pragma once
#include "control/controllers/controller.h"
#include "control/controllers/volume_matching.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

/// Binds claims to volumes and reclaims volumes. Keys: "NAMESPACE/NAME" of a claim, "NAME" of a
/// volume. It stands for the external provisioner of every storage class, too: a volume appears
/// `provision_delay` after it is needed. Claims that are not bound are looked at every 15 s, too: only then
/// do they see new volumes.
class VolumeBinder final : public QueueController {
 public:
  explicit VolumeBinder(ControllerContext context);
  void start(int workers) override;
  void stop() override;

 private:
  using Failure = std::optional<ApiError>;
  using ClaimHandle = api::Handle<api::PersistentVolumeClaim>;
  using VolumeHandle = api::Handle<api::PersistentVolume>;
  env::Task<SyncResult> sync(Str key) override;
  env::Task<Failure> sync_claim(ClaimHandle claim, Str key);
  env::Task<Failure> sync_unbound(ClaimHandle claim, Str key);
  env::Task<Failure> sync_volume(VolumeHandle volume);
  env::Task<Failure> bind(ClaimHandle claim, VolumeHandle volume);
  env::Task<Failure> provision(ClaimHandle claim, Str key,
                               api::Handle<api::StorageClass> storage_class);
  env::Task<Failure> name_provisioner(ClaimHandle* claim, Str provisioner);
  void tell_who_waits(const api::Object& claim);
  env::Task<> resync();
  env::Task<Failure> set_claim_phase(ClaimHandle claim, Str phase);
  env::Task<Failure> reclaim(VolumeHandle volume);
  env::Task<Failure> set_volume_phase(VolumeHandle volume, Str phase, Str message = {});

  client::Informer& claims_;
  client::Informer& volumes_;
  client::Informer& classes_;
  client::Informer& pods_;
  base::SortedMap<Str, base::Instant> provisioning_;  ///< by claim: when its volume is ready
  env::TaskScope tasks_;
};

}  // namespace orrery::controllers
