// Bootstrap: the objects that every cluster has (system namespaces, system priority classes, the
// Service `kubernetes`), and MasterLeases: which apiservers live, as leases in the store, and the
// endpoints of `kubernetes` made of them (k8s.io/kubernetes pkg/controlplane, the lease endpoint
// reconciler).
#pragma once
#include <vector>

#include "control/apiserver/call.h"
#include "control/store/kv.h"

namespace orrery::apiserver {

/// How the server calls itself.
using LocalHandle = base::UniqueFunction<void(RequestRef, ResponseDone)>;

class Bootstrap {
 public:
  Bootstrap(env::Environment& env, const ApiserverConfig& config, LocalHandle handle);
  /// Creates what is missing, one object after the other, until all exist; then checks again every
  /// minute.
  void start();
  bool done() const { return done_; }

 private:
  void next();

  env::Environment& env_;
  LocalHandle handle_;
  std::vector<ObjectRef> objects_;
  std::size_t at_ = 0;
  bool done_ = false;
  env::Liveness live_;
};

class MasterLeases {
 public:
  MasterLeases(env::Environment& env, const ApiserverConfig& config, store::Kv& kv,
               LocalHandle handle);
  void start();

 private:
  void tick();
  void renew();
  void read_masters();
  void publish(std::vector<Str> addresses);
  void publish_endpoints(const std::vector<Str>& addresses, ObjectRef present);
  void publish_slice(const std::vector<Str>& addresses, ObjectRef present);
  /// Creates the object, or replaces what was read.
  template <class T>
  void put(T wanted, const ObjectRef& present);

  env::Environment& env_;
  const ApiserverConfig& config_;
  store::Kv& kv_;
  LocalHandle handle_;
  base::RandomStream ids_;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
