// Proxy: kube-proxy. Follows Services and EndpointSlices and keeps the machine's service table equal to them.
#pragma once
#include "control/client/informer.h"
#include "model/base/sorted_map.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"
#include "nodes/proxy/proxy_config.h"

namespace orrery::proxy {

/// The table is replaced once as a whole when both copies are complete; from then on only services whose entry changed are
/// written, the first change at once and the following ones together after min_sync. A failed write is repeated. Without
/// changes it costs nothing.
class Proxy {
 public:
  Proxy(env::Environment& env, ProxyConfig config);
  Proxy(const Proxy&) = delete;

 private:
  struct Name {
    Str ns, name;
    friend auto operator<=>(const Name&, const Name&) = default;
  };
  void wait_synced();
  void service_changed(const client::ObjectRef& object);
  void slice_changed(const client::ObjectRef& object);
  void touch(Name name);
  void schedule();
  void sync();
  bool refresh(const Name& name, std::vector<base::Ref<const env::ServiceEntry>>& changed);
  void apply(std::vector<base::Ref<const env::ServiceEntry>> entries, bool full);

  env::Environment& env_;
  ProxyConfig config_;
  client::Client client_;
  client::Informer services_, slices_;
  int slices_of_;
  base::SortedMap<Name, base::Ref<const env::ServiceEntry>> applied_;
  std::vector<Name> dirty_;           // may hold a name more than once
  base::Instant last_sync_;
  bool running_ = false, scheduled_ = false, applying_ = false;
  env::Liveness liveness_;
};

}  // namespace orrery::proxy
