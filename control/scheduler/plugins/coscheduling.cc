#include "control/scheduler/plugins/coscheduling.h"

#include <algorithm>
#include <array>
#include <string>

#include "control/client/pod_util.h"
#include "control/scheduler/queue/queued_pod.h"

namespace orrery::scheduler {
namespace {

/// Below this part of minMember that is missing, the others are tried although one did not fit.
constexpr double kSmallGap = 0.1;

Str full_name(const api::ObjectMeta& pod, const Str& group) { return base::cat(pod.namespace_, "/", group); }

/// "NAMESPACE/GROUP" without memory of its own, as the queue asks for it at each comparison.
class ShortKey {
 public:
  ShortKey(std::string_view ns, std::string_view group) {
    if (ns.size() + 1 + group.size() > buffer_.size()) {
      long_ = base::cat(ns, "/", group);
      view_ = long_;
      return;
    }
    char* const middle = std::copy(ns.begin(), ns.end(), buffer_.data());
    *middle = '/';
    view_ = {buffer_.data(), static_cast<std::size_t>(std::copy(group.begin(), group.end(), middle + 1) - buffer_.data())};
  }
  ShortKey(const ShortKey&) = delete;
  operator std::string_view() const { return view_; }

 private:
  std::array<char, 192> buffer_;
  std::string long_;
  std::string_view view_;
};

/// As comparing "NAMESPACE/NAME".
bool key_before(const api::ObjectMeta& a, const api::ObjectMeta& b) {
  return a.namespace_ == b.namespace_ ? a.name < b.name : api::key_of(a) < api::key_of(b);
}

/// True until the time that is kept for the key has come.
bool still(const base::BTreeMap<Str, base::Instant>& until, const Str& key, base::Instant now) {
  const auto at = until.find(key);
  return at != until.end() && now < at->second;
}

}  // namespace

Str Coscheduling::group_name(const api::ObjectMeta& pod) {
  const Str* const label = pod.labels.find(api::kPodGroupLabel);
  return label ? *label : Str();
}

const api::PodGroup* Coscheduling::group_of(const api::ObjectMeta& pod) const {
  const Str name = group_name(pod);
  if (name.empty()) return nullptr;
  const api::ObjectRef group = context_.lister.get(api::KindId::kPodGroup, pod.namespace_, name);
  return group ? &group->as<api::PodGroup>() : nullptr;
}

base::Instant Coscheduling::now() const { return clock_ ? clock_->now() : base::Instant{0}; }

std::vector<ClusterEvent> Coscheduling::events() const {
  return {{EventResource::kUnscheduledPod, kActionAdd},
          {EventResource::kAssignedPod, kActionAdd},
          {EventResource::kPodGroup, kActionAdd | kActionUpdateOther}};
}

base::Instant Coscheduling::group_time(const QueuedPod& pod) const {
  const base::Instant own = pod.initial_attempt.ns >= 0 ? pod.initial_attempt : pod.timestamp;
  const api::ObjectMeta& meta = pod.pod->meta();
  const Str name = group_name(meta);
  if (name.empty()) return own;
  if (const auto known = times_.find(ShortKey(meta.namespace_, name)); known != times_.end()) return known->second;
  const api::PodGroup* const group = group_of(meta);
  const base::Instant time = group ? base::Instant{group->metadata.creation_timestamp.seconds * base::kSecond} : own;
  times_[full_name(meta, name)] = time;
  return time;
}

bool Coscheduling::less(const QueuedPod& a, const QueuedPod& b) const {
  const std::int32_t pa = a.pod->priority();
  const std::int32_t pb = b.pod->priority();
  if (pa != pb) return pa > pb;
  const api::ObjectMeta &ma = a.pod->meta(), &mb = b.pod->meta();
  const Str* const ga = ma.labels.find(api::kPodGroupLabel);
  const Str* const gb = mb.labels.find(api::kPodGroupLabel);
  const bool together = ga && gb && *ga == *gb && !ga->empty() && ma.namespace_ == mb.namespace_;
  if (together) return key_before(ma, mb);
  const base::Instant ta = group_time(a);
  const base::Instant tb = group_time(b);
  return ta != tb ? ta < tb : key_before(ma, mb);
}

std::vector<api::ObjectRef> Coscheduling::siblings(const api::ObjectMeta& pod) const {
  const Str name = group_name(pod);
  std::vector<api::ObjectRef> out;
  for (const api::ObjectRef& o : context_.lister.list(api::KindId::kPod, pod.namespace_)) {
    if (group_name(o->meta()) == name && !client::is_pod_terminal(o->as<api::Pod>())) out.push_back(o);
  }
  return out;
}

std::int64_t Coscheduling::assigned(const api::ObjectMeta& pod, std::string_view node) const {
  const Str name = group_name(pod);
  std::int64_t out = 0;
  for (const PodGroup* g : context_.snapshot.groups().with_label(label_mark(pod.namespace_, api::kPodGroupLabel, name))) {
    const api::ObjectMeta& sample = g->sample().meta();
    if (!(sample.namespace_ == pod.namespace_) || !(group_name(sample) == name)) continue;
    for (const PodGroup::Place& p : g->places) out += p.count;
  }
  const NodeInfo* const own = node.empty() ? nullptr : context_.snapshot.find(node);
  const auto is_it = [&](const PodInfoRef& p) { return p->meta().uid == pod.uid; };
  return out - (own && std::any_of(own->pods().begin(), own->pods().end(), is_it));
}

std::string Coscheduling::resource_gap(const api::PodGroup& group) const {
  Resource left;
  left.add(group.spec->min_resources);
  std::int64_t pods = group.spec->min_member;
  for (const NodeInfo* n : context_.snapshot.nodes()) {
    left.add(n->allocatable(), -1);
    left.add(n->requested());
    pods -= n->allocatable().allowed_pods;
    // What pods of the group hold already is theirs.
    for (const PodInfoRef& p : n->pods()) {
      const bool own = p->meta().namespace_ == group.metadata.namespace_ && group_name(p->meta()) == group.metadata.name;
      if (own) left.add(p->requested, -1);
      pods += own ? 0 : 1;
    }
  }
  std::string out;
  const auto lacks = [&](std::string_view what, std::int64_t amount) {
    if (amount > 0) out += base::cat(out.empty() ? "resource gap: " : ", ", what, " ", std::to_string(amount));
  };
  for (const auto& [name, quantity] : group.spec->min_resources) {
    if (name == "cpu") lacks("cpu (thousandths)", left.milli_cpu);
    else if (name == "memory") lacks(name, left.memory);
    else if (name == "ephemeral-storage") lacks(name, left.ephemeral_storage);
    else if (!(name == "pods")) lacks(name, left.scalar(name));
  }
  lacks("pods", pods);
  return out;
}

Status Coscheduling::pre_filter(CycleState&, const PodInfo& pod, NodeNames&) const {
  const api::ObjectMeta& meta = pod.meta();
  const api::PodGroup* const group = group_of(meta);
  if (!group) return Status::skip();
  const Str key = full_name(meta, group->metadata.name);
  const auto reject = [&](std::string text) { return Status(Code::kUnschedulableAndUnresolvable, name(), Str(std::move(text))); };
  if (still(backed_off_until_, key, now())) return reject(base::cat("podGroup ", key, " failed recently"));
  const std::size_t there = siblings(meta).size();
  if (static_cast<std::int64_t>(there) < group->spec->min_member) {
    return reject(base::cat("pre-filter pod ", meta.name, " cannot find enough sibling pods, current pods number: ", std::to_string(there),
                            ", minMember of group: ", std::to_string(group->spec->min_member)));
  }
  if (group->spec->min_resources.empty() || still(has_room_until_, key, now())) return Status::skip();
  const std::string gap = resource_gap(*group);
  if (!gap.empty()) return reject(gap);
  has_room_until_[key] = now() + config_.permit_timeout;
  return Status::skip();
}

void Coscheduling::reject_waiting(const api::ObjectMeta& pod, std::string_view why) const {
  if (!waiting_) return;
  const Str name_of_group = group_name(pod);
  for (const PodInfoRef& p : waiting_->all()) {
    const api::ObjectMeta& other = p->meta();
    if (other.namespace_ == pod.namespace_ && group_name(other) == name_of_group) waiting_->reject(other.uid, name(), why);
  }
}

Status Coscheduling::post_filter(const CycleState&, const PodInfo& pod, const Diagnosis&, base::RandomStream&, PostFilterResult& result) const {
  const api::ObjectMeta& meta = pod.meta();
  const auto still_unschedulable = [&](std::string text) { return Status(Code::kUnschedulable, name(), Str(std::move(text))); };
  const api::PodGroup* const group = group_of(meta);
  if (!group) return still_unschedulable("can not find pod group");
  const std::int64_t have = assigned(meta, {});
  const std::int64_t wanted = group->spec->min_member;
  if (have >= wanted) return Status(Code::kUnschedulable, name());
  if (static_cast<double>(wanted - have) / static_cast<double>(wanted) <= kSmallGap) return Status(Code::kUnschedulable, name());
  const Str key = full_name(meta, group->metadata.name);
  const auto rejection = [&] {
    return still_unschedulable(base::cat("PodGroup ", key, " gets rejected due to Pod ", meta.name, " is unschedulable even after PostFilter"));
  };
  if (result.dry) return rejection();
  reject_waiting(meta, "optimistic rejection in PostFilter");
  if (config_.group_backoff > 0 && static_cast<std::int64_t>(siblings(meta).size()) >= wanted) {
    backed_off_until_[key] = now() + config_.group_backoff;
  }
  has_room_until_.erase(key);
  return rejection();
}

Status Coscheduling::permit(CycleState&, const PodInfo& pod, std::string_view node, base::Nanos& timeout) const {
  const api::ObjectMeta& meta = pod.meta();
  if (group_name(meta).empty()) return {};
  const api::PodGroup* const group = group_of(meta);
  if (!group) return Status(Code::kUnschedulable, name(), Str("PodGroup not found"));
  const std::int64_t others = assigned(meta, node);
  if (others + 1 >= group->spec->min_member || !waiting_) {
    for (const PodInfoRef& p : waiting_ ? waiting_->all() : std::vector<PodInfoRef>()) {
      const api::ObjectMeta& other = p->meta();
      if (other.namespace_ == meta.namespace_ && group_name(other) == group->metadata.name) waiting_->allow(other.uid);
    }
    return {};
  }
  // The first one brings the others: whatever they failed by before, the group has a chance now.
  if (others == 0) {
    for (const api::ObjectRef& o : siblings(meta)) {
      if (!(o->meta().uid == meta.uid)) waiting_->activate(o->meta().uid);
    }
  }
  timeout = group->spec->schedule_timeout_seconds ? *group->spec->schedule_timeout_seconds * base::kSecond : config_.permit_timeout;
  return Status(Code::kWait, name());
}

void Coscheduling::unreserve(CycleState&, const PodInfo& pod, std::string_view) const {
  const api::PodGroup* const group = group_of(pod.meta());
  if (!group) return;
  reject_waiting(pod.meta(), "rejection in Unreserve");
  has_room_until_.erase(full_name(pod.meta(), group->metadata.name));
}

}  // namespace orrery::scheduler
