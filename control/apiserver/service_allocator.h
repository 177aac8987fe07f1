// ServiceAllocator: cluster IPs and node ports of Services. Each taken one has a key of its own in
// the store, written and removed in the transaction that writes the Service, so that no two
// apiservers can give the same.
#pragma once
#include "control/apiserver/object_store.h"
#include "model/api/service.h"
#include "model/base/sorted_map.h"

namespace orrery::apiserver {

class ServiceAllocator {
 public:
  ServiceAllocator(env::Environment& env, const ApiserverConfig& config, ObjectStore& store);

  /// Fills in what the Service needs and does not name: IP families, cluster IP, node ports. On an
  /// update what `old` has is kept. Fails when a named one is out of range or known to be taken, or
  /// none is left.
  Failure assign(api::Service& next, const api::Service* old);
  /// Adds to `change` what the transaction compares, takes and gives back. Null: no Service before
  /// / after.
  void reserve(const api::Service* old, const api::Service* next, Change& change) const;

 private:
  Failure assign_ip(api::Service& next, const api::Service* old);
  Failure assign_ports(api::Service& next, const api::Service* old);
  std::string ip_at(std::uint32_t offset) const;
  void note(const ObjectRef& before, const ObjectRef& now);

  const ApiserverConfig& config_;
  base::RandomStream random_;
  std::uint32_t base_ = 0, size_ = 0;
  base::SortedMap<Str, int> taken_;  // record names of cached Services, with how many hold them
};

}  // namespace orrery::apiserver
