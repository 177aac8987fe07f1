// Core: the parts of one apiserver that its request handlers share.
#pragma once
#include "control/apiserver/admission.h"
#include "control/apiserver/event_leases.h"
#include "control/apiserver/object_rules.h"
#include "control/apiserver/quota.h"
#include "control/apiserver/service_allocator.h"

namespace orrery::apiserver {

struct Core {
  Core(env::Environment& e, const ApiserverConfig& c, store::Kv& kv)
      : env(e),
        config(c),
        meter(e),
        store(e, kv, config, meter),
        admission(e, config, store),
        quota(e, config, store),
        services(e, config, store),
        event_leases(e, kv, config.event_ttl),
        uids(e.random.stream("uid")),
        names(e.random.stream("names")) {}
  Core(const Core&) = delete;

  Str next_uid() {
    if (env.faults.here(env::Site::kUidReuse) && !last_uid.empty()) return last_uid;
    const std::uint64_t high = uids.next();
    const std::uint64_t low = uids.next();
    return last_uid = make_uid(high, low);
  }

  env::Environment& env;
  const ApiserverConfig config;
  CostMeter meter;
  ObjectStore store;
  Admission admission;
  Quota quota;
  ServiceAllocator services;
  EventLeases event_leases;
  base::RandomStream uids, names;
  Str last_uid;
};

}  // namespace orrery::apiserver
