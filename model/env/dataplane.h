// Dataplane: the service table of one machine, replaced as a whole or service by service.
#pragma once
#include <cstdint>
#include <vector>

#include "model/base/function.h"
#include "model/base/ref.h"
#include "model/base/result.h"
#include "model/base/str.h"

namespace orrery::env {

struct Backend {
  base::Str ip;
  std::uint16_t port = 0;
  friend bool operator==(const Backend&, const Backend&) = default;
};

/// One service port and where its connections go. No backends: connections are refused.
struct ServicePort {
  base::Str service_namespace, service_name, port_name;
  base::Str protocol;                 ///< "TCP", "UDP", "SCTP"
  base::Str cluster_ip;               ///< empty for none
  std::uint16_t port = 0;
  std::uint16_t node_port = 0;        ///< 0 is none
  std::int32_t affinity_seconds = 0;  ///< ClientIP session affinity; 0 is none
  std::vector<Backend> backends;      ///< in byte order of (ip, port)
  friend bool operator==(const ServicePort&, const ServicePort&) = default;
};

/// All ports of one Service, immutable and shared between the tables of many machines.
struct ServiceEntry : base::RefCounted {
  base::Str service_namespace, service_name;
  std::vector<ServicePort> ports;
};

class Dataplane {
 public:
  virtual ~Dataplane() = default;
  /// Sets (or, with an entry without ports, removes) the entries of these services in one atomic step; other services stay.
  /// `full` removes every service not named. `done` runs later.
  virtual void apply(std::vector<base::Ref<const ServiceEntry>> entries, bool full,
                     base::UniqueFunction<void(base::Status)> done) = 0;
};

}  // namespace orrery::env
