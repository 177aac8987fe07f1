// ServiceTable: which backend a connection to a service address goes to, on one machine.
#pragma once
#include <vector>

#include "model/base/sorted_map.h"
#include "model/base/hash_map.h"
#include "model/env/dataplane.h"
#include "model/env/network.h"
#include "sim/net/dial_redirect.h"

namespace orrery::sim {

class ServiceTable {
 public:
  /// As env::Dataplane::apply; returns the services that changed.
  std::vector<base::Ref<const env::ServiceEntry>> apply(const std::vector<base::Ref<const env::ServiceEntry>>& entries, bool full);
  /// Cluster IP and port to a backend, drawn evenly.
  DialRedirect::Answer redirect(const env::Address& to, std::uint64_t draw, env::Address& backend) const;
  /// The entry of a service, or null.
  const env::ServiceEntry* find(std::string_view ns, std::string_view name) const;
  void clear();

 private:
  void index(const env::ServiceEntry& entry, bool add);

  base::SortedMap<base::Str, base::Ref<const env::ServiceEntry>> entries_;      // "namespace/name"
  base::HashMap<base::Str, const env::ServicePort*> by_address_;               // "ip:port"
};

}  // namespace orrery::sim
