#include "scenarios/run/leaders.h"

#include "model/api/lease.h"

namespace orrery::scenarios {

void Leaders::on_record(const history::Record& record) {
  if (record.kind != history::RecordKind::kRaftState) return;
  const auto& r = static_cast<const history::RaftState&>(record);
  if (r.role != history::RaftState::Role::kLeader || r.term < term_) return;
  term_ = r.term;
  store_leader_ = record.origin.machine.str();
}

std::string Leaders::machine_of(const std::string& role, const history::ClusterView& objects) const {
  if (role == "store") return store_leader_;
  const api::ObjectRef o = objects.get(api::KindId::kLease, "kube-system", role);
  if (!o) return "";
  const auto& spec = o->as<api::Lease>().spec;
  if (!spec.holder_identity) return "";
  const std::string holder = spec.holder_identity->str();
  return holder.substr(0, holder.rfind('_'));
}

}  // namespace orrery::scenarios
