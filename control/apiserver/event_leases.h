// EventLeases: the store leases by which Events end. Events of one minute (at most 1,000) share a
// lease.
#pragma once
#include <vector>

#include "control/apiserver/config.h"
#include "control/store/kv.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"

namespace orrery::apiserver {

class EventLeases {
 public:
  EventLeases(env::Environment& env, store::Kv& kv, base::Nanos ttl)
      : env_(env), kv_(kv), ttl_(ttl), ids_(env.random.stream("event-lease")) {}
  /// A lease that lasts at least the time to live; 0 when events stay for ever. May run inside the
  /// call.
  using Done = base::UniqueFunction<void(base::Result<store::LeaseId>)>;
  void get(Done done);

 private:
  static constexpr base::Nanos kWindow = base::kMinute;
  static constexpr int kMaxShared = 1000;

  env::Environment& env_;
  store::Kv& kv_;
  const base::Nanos ttl_;
  base::RandomStream ids_;
  store::LeaseId lease_ = 0;
  base::Instant until_;
  int shared_ = 0;
  bool asking_ = false;
  std::vector<Done> waiting_;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
