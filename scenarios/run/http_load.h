// HttpLoad: virtual users of a Service. Each request starts on a worker, goes through that worker's service table to a
// pod and back, as a connection through kube-proxy's rules would.
#pragma once
#include <vector>

#include "model/base/random.h"
#include "scenarios/expect/world_state.h"
#include "scenarios/spec/scenario.h"
#include "sim/containers/runtime.h"
#include "sim/net/topology.h"

namespace orrery::scenarios {

/// Refused: no backend, or nobody serves at the backend when the request arrives. Lost on the way: failed after the
/// client's timeout, as is one answered later than that. A request queues at its backend and takes CPU time there in contention
/// with the machine's other work (sim::Runtime::request).
class HttpLoad {
 public:
  /// `machines` are the workers that requests start from. `tally` outlives it.
  HttpLoad(sim::World& world, std::vector<sim::MachineId> machines, ClientSpec spec, ClientTally& tally);
  void start();

 private:
  struct Backend {
    sim::Runtime* runtime = nullptr;
    sim::HostId host;
    base::Str ip;
  };
  void schedule_next();
  void request();
  bool served_everywhere();
  bool choose(sim::MachineId from, std::uint64_t draw, Backend& backend);
  void arrive(sim::HostId from, const Backend& backend, base::Instant sent, std::uint64_t draw);
  void end(bool ok, base::Instant sent);

  sim::World& world_;
  std::vector<sim::MachineId> machines_;
  ClientSpec spec_;
  ClientTally& tally_;
  base::RandomStream draws_;
  base::Instant next_;
  bool waiting_;   // for the service to be there
};

}  // namespace orrery::scenarios
