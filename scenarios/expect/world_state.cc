#include "scenarios/expect/world_state.h"

#include "model/api/node.h"
#include "model/api/pod.h"

namespace orrery::scenarios {
namespace {

using history::RecordKind;

bool has_disruption_target(const api::Pod& pod) {
  for (const api::PodCondition& c : pod.status->conditions)
    if (c.type == "DisruptionTarget" && c.status == "True") return true;
  return false;
}

bool on_master(const api::Pod& pod, const history::ClusterView& objects) {
  const api::ObjectRef node = objects.get(api::KindId::kNode, "", pod.spec->node_name);
  return node && node->meta().labels.contains("node-role.kubernetes.io/control-plane");
}

}  // namespace

bool WorldState::reads(RecordKind kind) {
  return kind == RecordKind::kMachine || kind == RecordKind::kProcess || kind == RecordKind::kStoreCommit ||
         kind == RecordKind::kStoreHash || kind == RecordKind::kContainerStopped || kind == RecordKind::kApiResponse;
}

const std::vector<history::Change>& WorldState::on_record(const history::Record& record) {
  if (record.kind == RecordKind::kMachine) {
    const auto& m = static_cast<const history::MachineRecord&>(record);
    if (m.what == history::MachineRecord::What::kPowerOff) {
      off_[record.origin.machine] = true;
      member_runs_[record.origin.machine] = false;
    } else {
      off_.erase(record.origin.machine);
    }
  } else if (record.kind == RecordKind::kProcess) {
    const auto& p = static_cast<const history::ProcessRecord&>(record);
    if (p.what == history::ProcessRecord::What::kExited) ++totals_.process_exits[record.origin.process];
    if (record.origin.process == "etcd") member_runs_[record.origin.machine] = p.what == history::ProcessRecord::What::kStarted ||
                                          p.what == history::ProcessRecord::What::kResumed;
  } else if (record.kind == RecordKind::kStoreCommit) {
    member_revision_[record.origin.machine] = static_cast<const history::StoreCommit&>(record).revision;
  } else if (record.kind == RecordKind::kStoreHash) {
    const auto& h = static_cast<const history::StoreHash&>(record);
    if (h.revision > member_revision_[record.origin.machine]) member_revision_[record.origin.machine] = h.revision;
  } else if (record.kind == RecordKind::kContainerStopped) {
    const auto& s = static_cast<const history::ContainerStopped&>(record);
    if (s.how == history::ContainerStopped::How::kOom) ++totals_.oom_kills;
  } else if (record.kind == RecordKind::kApiResponse) {
    note_act(record);
  }
  const std::vector<history::Change>& changes = objects_.on_record(record);
  for (const history::Change& c : changes) count(c);
  return changes;
}

void WorldState::note_act(const history::Record& record) {
  const auto& r = static_cast<const history::ApiResponseRecord&>(record);
  const Str& process = record.origin.process;
  if (!(process == "kube-scheduler") && !(process == "kube-controller-manager")) return;
  if (!r.request || !r.response || r.response->code < 200 || r.response->code > 299) return;
  const api::ApiRequest& q = *r.request;
  if (q.verb == api::Verb::kGet || q.verb == api::Verb::kList || q.verb == api::Verb::kWatch) return;
  if (q.kind == api::KindId::kLease || q.kind == api::KindId::kEvent) return;
  acts_[process] = {record.origin.machine, base::Instant{record.origin.at.ns - r.took}};
}

const WorldState::Act* WorldState::last_act(std::string_view component) const {
  const auto it = acts_.find(component);
  return it == acts_.end() ? nullptr : &it->second;
}

std::string WorldState::machine_named(const std::string& name) const {
  const auto it = named_.find(name);
  return it == named_.end() ? name : it->second;
}

void WorldState::count(const history::Change& c) {
  const api::KindId kind = (c.now ? c.now : c.old)->kind_id();
  if (kind == api::KindId::kPod && c.now) {
    const auto& pod = c.now->as<api::Pod>();
    if (!c.old) ++totals_.pods_created[pod.metadata.namespace_];
    const bool before = c.old && has_disruption_target(c.old->as<api::Pod>());
    if (has_disruption_target(pod) && !before) {
      ++totals_.pods_evicted;
      if (!on_master(pod, objects_)) ++totals_.worker_pods_evicted;
    }
  } else if (kind == api::KindId::kNode && c.now) {
    for (const api::Taint& t : c.now->as<api::Node>().spec->taints)
      if (t.key == "node.kubernetes.io/unreachable" && t.effect == "NoExecute") totals_.nodes_tainted[c.now->meta().name] = true;
  }
}

bool WorldState::members_equal(const std::vector<std::string>& members) const {
  std::int64_t revision = -1;
  for (const std::string& m : members) {
    const auto runs = member_runs_.find(m);
    const auto at = member_revision_.find(m);
    if (runs == member_runs_.end() || !runs->second || at == member_revision_.end()) return false;
    if (revision >= 0 && at->second != revision) return false;
    revision = at->second;
  }
  return revision >= 0;
}

const ClientTally* WorldState::find_tally(const std::string& client) const {
  const auto it = tallies_.find(client);
  return it == tallies_.end() ? nullptr : &it->second;
}

namespace {

const void* step(const api::Type*& type, const void* value, const char* name) {
  while (type->kind == api::TypeKind::kCow || type->kind == api::TypeKind::kBox) {
    if (type->wrap->is_nil(value)) return nullptr;
    value = type->wrap->at(value, 0);
    type = &type->element();
  }
  if (type->kind != api::TypeKind::kStruct) return nullptr;
  const api::Field* f = type->find(name);
  if (!f) return nullptr;
  type = &f->type();
  return static_cast<const char*>(value) + f->offset;
}

Str text_of(const api::Type& item, const void* value, const char* name) {
  const api::Field* f = item.find(name);
  if (!f || f->type().kind != api::TypeKind::kString) return {};
  return *reinterpret_cast<const Str*>(static_cast<const char*>(value) + f->offset);
}

}  // namespace

bool find_condition(const api::Object& object, std::string_view wanted, ConditionText& out) {
  const api::Type* type = &object.kind().type();
  const void* value = step(type, object.value(), "status");
  if (value) value = step(type, value, "conditions");
  if (!value || type->kind != api::TypeKind::kList) return false;
  const api::Type& item = type->element();
  for (std::size_t i = 0; i < type->wrap->size(value); ++i) {
    const void* c = type->wrap->at(value, i);
    if (!(text_of(item, c, "type") == wanted)) continue;
    out = {text_of(item, c, "status"), text_of(item, c, "reason"), text_of(item, c, "message")};
    return true;
  }
  return false;
}

}  // namespace orrery::scenarios
