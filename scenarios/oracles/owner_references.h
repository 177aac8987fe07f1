// G1: the garbage collector deletes an object only when none of its owners is there.
//
// Basis: [P] ObjectMeta, garbage collection. When its delete request is sent, every owner that the
// object names (in its own namespace, by kind, name and uid) is absent or is itself being deleted
// in the foreground. An owner that is gone never comes back under its uid, so an honest look before
// the request finds the same. Caveat: an object that has changed since the revision that the
// request names is not looked at; the request will fail.
#pragma once
#include "model/base/hash_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class OwnerReferences final : public BasicOracle {
 public:
  OwnerReferences() : BasicOracle("G1", "a live owner protects its dependents") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  void on_delete(const api::ApiRequest& request, Instant at);
  base::HashMap<std::uint64_t, api::ObjectRef>
      objects_;  // that live, by hash of kind, namespace and name
};

}  // namespace orrery::scenarios
