#include "control/controllers/service_account.h"

#include "control/controllers/cost.h"
#include "model/api/config_map.h"
#include "model/api/namespace.h"
#include "model/api/service_account.h"

namespace orrery::controllers {
namespace {

constexpr const char* kDefaultAccount = "default";
constexpr const char* kRootCaMap = "kube-root-ca.crt";

bool is_active(const ObjectRef& ns) {
  return ns && !ns->meta().deleting() && !(ns->as<api::Namespace>().status->phase == "Terminating");
}

QueueControllerOptions service_account_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

}  // namespace

ServiceAccountController::ServiceAccountController(ControllerContext context)
    : QueueController(context, "serviceaccount-controller", service_account_options()), namespaces_(informer(KindId::kNamespace)),
      accounts_(informer(KindId::kServiceAccount)) {
  namespaces_.add_handler([this](const ObjectRef&, const ObjectRef& now) { if (now) queue_.add(now->meta().name); });
  accounts_.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
    if (!now && old->meta().name == kDefaultAccount) queue_.add(old->meta().namespace_);
  });
}

env::Task<SyncResult> ServiceAccountController::sync(Str ns) {
  if (!is_active(namespaces_.get({}, ns)) || accounts_.get(ns, kDefaultAccount)) co_return SyncResult::ok();
  api::ServiceAccount account;
  account.metadata.name = kDefaultAccount;
  account.metadata.namespace_ = ns;
  auto created = co_await client_.create(api::make_object(std::move(account)));
  if (created.ok() || created.error().already_exists() || created.error().code == 403) co_return SyncResult::ok();
  co_return SyncResult::fail(created.error());
}

RootCaPublisher::RootCaPublisher(ControllerContext context)
    : QueueController(context, "root-ca-certificate-publisher-controller", service_account_options()),
      namespaces_(informer(KindId::kNamespace)), maps_(informer(KindId::kConfigMap)) {
  namespaces_.add_handler([this](const ObjectRef&, const ObjectRef& now) { if (now) queue_.add(now->meta().name); });
  maps_.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
    if (!now && old->meta().name == kRootCaMap) queue_.add(old->meta().namespace_);
  });
}

env::Task<SyncResult> RootCaPublisher::sync(Str ns) {
  if (!is_active(namespaces_.get({}, ns)) || maps_.get(ns, kRootCaMap)) co_return SyncResult::ok();
  api::ConfigMap map;
  map.metadata.name = kRootCaMap;
  map.metadata.namespace_ = ns;
  map.metadata.annotations.set("kubernetes.io/description",
                               "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
                               "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
                               "guaranteed across distributions of Kubernetes clusters.");
  map.data.set("ca.crt", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
  auto created = co_await client_.create(api::make_object(std::move(map)));
  if (created.ok() || created.error().already_exists() || created.error().code == 403) co_return SyncResult::ok();
  co_return SyncResult::fail(created.error());
}

}  // namespace orrery::controllers
