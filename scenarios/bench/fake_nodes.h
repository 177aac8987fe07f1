// FakeNodes: keeps Node objects that have no machine looking alive, all in one process: a lease every 10 s and the condition Ready
// every 5 min, as a kubelet does. Pods bound to them are not run, their status stays Pending; those that are deleted end after
// their grace period. The Node objects themselves are made and deleted by others.
#pragma once
#include <memory>

#include "control/client/client.h"
#include "model/base/btree_map.h"
#include "model/env/component.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"
#include "nodes/kubelet/node_lease.h"

namespace orrery::scenarios::bench {

using base::Str;

class FakeNodes final : public env::Component {
 public:
  FakeNodes(env::Environment& env, client::ClientConfig config);
  /// The first lease comes within a period, the status within its own.
  void keep(api::ObjectRef node);
  void forget(const Str& name) { nodes_.erase(name); }
  bool keeps(const Str& name) const { return nodes_.contains(name); }
  /// A pod of one of the nodes has been asked to go.
  void end_pod(const api::Object& pod);

 private:
  struct Kept {
    kubelet::KubeletConfig config;
    std::unique_ptr<kubelet::NodeLease> lease;   // null until the first one
    std::uint64_t registration = 0;              // what an earlier one repeats ends
  };
  /// Null when it is gone, or another of its name came.
  Kept* find(const Str& name, std::uint64_t registration);
  void report(Str name, std::uint64_t registration);
  env::Task<> send_status(Str name, Str json);
  env::Task<> remove_pod(Str ns, Str name, Str uid, base::Nanos grace);

  env::Environment& env_;
  client::Client client_;
  base::RandomStream phases_;
  base::BTreeMap<Str, std::unique_ptr<Kept>> nodes_;
  std::uint64_t registrations_ = 0;
  env::TaskScope tasks_;
  env::Liveness liveness_;
};

}  // namespace orrery::scenarios::bench
