// Leaders: which master leads the store and which hold the leases of the elected components, as facts tell it.
#pragma once
#include <string>

#include "model/history/cluster_view.h"

namespace orrery::scenarios {

class Leaders {
 public:
  static bool reads(history::RecordKind kind) { return kind == history::RecordKind::kRaftState; }
  void on_record(const history::Record& record);
  /// "store", "kube-scheduler" or "kube-controller-manager" to a host name; "" when nobody leads.
  std::string machine_of(const std::string& role, const history::ClusterView& objects) const;

 private:
  std::uint64_t term_ = 0;
  std::string store_leader_;
};

}  // namespace orrery::scenarios
