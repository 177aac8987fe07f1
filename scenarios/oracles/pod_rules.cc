#include "scenarios/oracles/pod_rules.h"

#include "model/api/lease.h"
#include "model/api/pod.h"

namespace orrery::scenarios {

void ScheduledOnce::on_record(const history::Record& record, const Changes& changes) {
  if (record.kind == RecordKind::kApiResponse) return on_answer(static_cast<const history::ApiResponseRecord&>(record));
  for (const Change& c : changes) {
    if (!c.now || c.now->kind_id() != KindId::kPod) continue;
    subject();
    if (!c.old) continue;
    const Str &was = c.old->as<api::Pod>().spec->node_name, &is = c.now->as<api::Pod>().spec->node_name;
    check(was.empty() || was == is, c.at, [&] { return cat(label(*c.now), " moved from ", was, " to ", is); });
  }
}

// A scheduler that was told that its binding is done knows that the pod has a node.
void ScheduledOnce::on_answer(const history::ApiResponseRecord& a) {
  if (a.request->kind != KindId::kPod || !(a.request->subresource == "binding") || !a.request->object) return;
  const Str& uid = a.request->object->meta().uid;
  if (uid.empty()) return;
  const std::string process = cat(a.origin.machine, "/", num(a.origin.incarnation));
  const auto known = bound_by_.find(uid);
  check(known == bound_by_.end() || known->second != process, a.origin.at, [&] {
    return cat(a.request->user, " on ", a.origin.machine, " bound pod ", a.request->namespace_, "/", a.request->name, " a second time");
  });
  if (a.response && a.response->code < 300) bound_by_[uid] = process;
}

void PhaseOrder::on_record(const history::Record& record, const Changes& changes) {
  if (record.kind == RecordKind::kProcess && record.origin.process == "kubelet" &&
      static_cast<const history::ProcessRecord&>(record).what == history::ProcessRecord::What::kStarted) {
    kubelets_[record.origin.machine] = record.origin.at;
  }
  for (const Change& c : changes) {
    if ((c.now ? c.now : c.old)->kind_id() == KindId::kPod) on_pod(c);
  }
}

void PhaseOrder::on_pod(const Change& c) {
  subject();
  const Str& uid = (c.now ? c.now : c.old)->meta().uid;
  if (!c.now) {
    running_.erase(uid);
    return;
  }
  const api::Pod& pod = c.now->as<api::Pod>();
  const Str &is = pod.status->phase, was = c.old ? c.old->as<api::Pod>().status->phase : Str();
  if (c.old) {
    const bool ended = was == "Succeeded" || was == "Failed";
    const auto since = running_.find(uid);
    const auto kubelet = kubelets_.find(pod.spec->node_name);
    const bool began_anew = since != running_.end() && kubelet != kubelets_.end() && kubelet->second > since->second;
    const bool back = was == "Running" && is == "Pending" && pod.spec->init_containers.empty() && !began_anew;
    check(was == is || (!ended && !back), c.at, [&] { return cat(label(*c.now), " went from ", was, " to ", is); });
  }
  if (!(is == "Running")) running_.erase(uid);
  else if (!(was == "Running")) running_[uid] = c.at;
}

void LeaseEpochs::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    if (!c.old || !c.now || c.now->kind_id() != KindId::kLease) continue;
    const api::LeaseSpec &was = c.old->as<api::Lease>().spec, &is = c.now->as<api::Lease>().spec;
    if (!was.lease_transitions || !is.lease_transitions) continue;
    const Str before = was.holder_identity.value_or(Str()), after = is.holder_identity.value_or(Str());
    const std::int32_t from = *was.lease_transitions, to = *is.lease_transitions;
    const bool taken = !(before == after) && !after.empty();
    check(taken ? to > from : to == from, c.at, [&] {
      return cat(label(*c.now), " went from ", before, " in epoch ", num(from), " to ", after, " in epoch ", num(to));
    });
  }
}

}  // namespace orrery::scenarios
