// The protection controllers (pkg/controller/volume/pvcprotection, pvprotection).
#pragma once
#include "control/controllers/controller.h"

namespace orrery::controllers {

/// Lets a deleted claim go when no pod on a node uses it.
class ClaimProtection final : public QueueController {
 public:
  explicit ClaimProtection(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str key) override;
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  client::Informer& claims_;
  client::Informer& pods_;
};

/// Lets a deleted volume go when it is not bound.
class VolumeProtection final : public QueueController {
 public:
  explicit VolumeProtection(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str name) override;
  client::Informer& volumes_;
};

}  // namespace orrery::controllers
