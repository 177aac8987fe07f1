// Compactor: keeps the history of the store short. Of all apiservers one per interval wins a
// compare on a shared key and compacts to the revision that was newest an interval ago
// (k8s.io/apiserver storage/etcd3/compact.go).
#pragma once
#include "control/apiserver/config.h"
#include "control/store/kv.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"

namespace orrery::apiserver {

class Compactor {
 public:
  Compactor(env::Environment& env, store::Kv& kv, base::Nanos interval)
      : env_(env), kv_(kv), interval_(interval) {}
  void start();

 private:
  void tick();

  env::Environment& env_;
  store::Kv& kv_;
  const base::Nanos interval_;
  std::int64_t version_ = 0;   // of the shared key as last seen
  std::int64_t revision_ = 0;  // of the store then: what the next round compacts to
  env::Liveness live_;
};

}  // namespace orrery::apiserver
