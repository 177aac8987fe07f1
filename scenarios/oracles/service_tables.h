// V1: once settled, each node's service table is what the EndpointSlices say.
//
// Basis: [P] discovery/v1 EndpointConditions, KEP-1669. At the end, for each machine whose
// kube-proxy and kubelet have run for 30 s and whose node lease was renewed in the last 30 s, and
// each Service that neither changed nor had a slice change in that time: the backends in use are
// the ready endpoints of each port, or the serving and terminating ones when none is ready.
// Caveats: Services with a Local traffic policy are left out, as are those that kube-proxy does not
// serve.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/allowance.h"

namespace orrery::scenarios {

class ServiceTables final : public BasicOracle {
 public:
  ServiceTables() : BasicOracle("V1", "service tables equal the ready endpoints") {}
  void on_record(const history::Record& record, const Changes& changes) override;
  void finish(const RunFacts& facts) override;

 private:
  struct Machine {
    Instant up = base::kNever, renewed;            // kube-proxy runs since
    base::SortedMap<Str, std::vector<Str>> tables;  // by service
  };
  struct Service {
    api::ObjectRef object;
    Instant changed;
    base::SortedMap<Str, api::ObjectRef> slices;
  };
  void on_change(const Change& c);
  static std::vector<Str> expected(const Service& s);
  base::SortedMap<Str, Machine> machines_;
  base::SortedMap<Str, Service> services_;  // by "namespace/name"
  Instant last_;
};

}  // namespace orrery::scenarios
