// The service account controllers (pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher).
#pragma once
#include "control/controllers/controller.h"

namespace orrery::controllers {

/// Gives every active namespace its ServiceAccount "default".
class ServiceAccountController final : public QueueController {
 public:
  explicit ServiceAccountController(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str ns) override;
  client::Informer& namespaces_;
  client::Informer& accounts_;
};

/// Publishes the cluster's CA as ConfigMap "kube-root-ca.crt" in every active namespace.
class RootCaPublisher final : public QueueController {
 public:
  explicit RootCaPublisher(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str ns) override;
  client::Informer& namespaces_;
  client::Informer& maps_;
};

}  // namespace orrery::controllers
