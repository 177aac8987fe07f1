#include "control/controllers/attach_detach.h"

#include <algorithm>

#include "control/client/volume_util.h"
#include "control/controllers/cost.h"
#include "model/api/conditions.h"
#include "model/api/node.h"
#include "model/api/persistent_volume_claim.h"
#include "model/base/sorted_map.h"
#include "model/codec/json_text.h"

namespace orrery::controllers {
namespace {

constexpr base::Nanos kPeriod = 100 * base::kMillisecond;
constexpr base::Nanos kRetry = base::kSecond;
constexpr const char* kEverything = "volumes";   // the one key of the queue

QueueControllerOptions attach_detach_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

bool is_ready(const api::Node& node) {
  const api::NodeCondition* ready = api::find_condition(*node.status, "Ready");
  return ready && ready->status == "True";
}

bool uses(const api::Node& node, const Str& volume) {
  const auto& in_use = node.status->volumes_in_use;
  return std::find(in_use.begin(), in_use.end(), volume) != in_use.end();
}

}  // namespace

AttachDetachController::AttachDetachController(ControllerContext context)
    : QueueController(context, "attachdetach-controller", attach_detach_options()),
      pods_(informer(KindId::kPod)),
      nodes_(informer(KindId::kNode)),
      claims_(informer(KindId::kPersistentVolumeClaim)),
      volumes_(informer(KindId::kPersistentVolume)),
      started_(context.env.clock.now()),
      operations_(context.env.trampoline) {
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
  nodes_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { node_changed(old, now); });
  const auto wake = [this](const ObjectRef&, const ObjectRef&) {
    if (!users_.empty()) look();
  };
  claims_.add_handler(wake);
  volumes_.add_handler(wake);
}

void AttachDetachController::stop() {
  operations_.cancel_all();
  QueueController::stop();
}

void AttachDetachController::look() {
  queue_.add_after(kEverything, kPeriod - (now() - started_) % kPeriod);
}

void AttachDetachController::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  const ObjectRef& seen = now ? now : old;
  const Str key = api::key_of(seen->meta());
  const auto known = users_.find(key);
  const api::Pod& pod = seen->as<api::Pod>();
  const bool wants = now && !pod.spec->node_name.empty() && !client::claims_of(*pod.spec).empty() &&
                     !client::is_pod_stopped(pod);
  if (!wants) {
    if (known == users_.end()) return;
    users_.erase(known);
    return look();
  }
  const bool same = known != users_.end() && known->second->meta().uid == pod.metadata.uid;
  users_[key] = now;
  if (!same) look();
}

void AttachDetachController::node_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!now) {  // what it had mounted stays known
    if (in_use_.contains(old->meta().name)) look();
    return;
  }
  const api::Node& node = now->as<api::Node>();
  std::vector<Str> in_use(node.status->volumes_in_use.begin(), node.status->volumes_in_use.end());
  const auto known = in_use_.find(node.metadata.name);
  if (known == in_use_.end() && in_use.empty() && node.status->volumes_attached.empty()) return;
  if (!old) unreported_.insert(node.metadata.name);  // registration may have wiped the list
  in_use_[node.metadata.name] = std::move(in_use);
  look();
}

env::Task<SyncResult> AttachDetachController::sync(Str) {
  if (!adopted_) adopt_reported();
  const DesiredVolumes wanted = desired();
  detach_unwanted(wanted);
  attach_wanted(wanted);
  base::SortedSet<Str> again;
  again.swap(unreported_);
  for (const Str& node : again) operations_.spawn(report_again(node));
  co_return SyncResult::ok();
}

/// What was attached before this leader began.
void AttachDetachController::adopt_reported() {
  adopted_ = true;
  nodes_.each([this](const ObjectRef& object) {
    const api::Node& node = object->as<api::Node>();
    for (const api::AttachedVolume& v : node.status->volumes_attached) attached_[{v.name, node.metadata.name}] = {};
  });
}

DesiredVolumes AttachDetachController::desired() const {
  DesiredVolumes out;
  for (const auto& [key, object] : users_) {
    const api::Pod& pod = object->as<api::Pod>();
    for (const Str& claim_name : client::claims_of(*pod.spec)) {
      const auto claim = claims_.get_as<api::PersistentVolumeClaim>(pod.metadata.namespace_, claim_name);
      if (!claim || !(claim->status->phase == "Bound")) continue;
      const auto volume = volumes_.get_as<api::PersistentVolume>({}, claim->spec->volume_name);
      const Str name = volume ? client::attachable_name(*volume) : Str();
      if (name.empty()) continue;
      DesiredVolume& d = out[name];
      d.name = volume->metadata.name;
      d.many = client::attaches_to_many(*volume);
      d.pods[pod.spec->node_name].push_back(object);
    }
  }
  return out;
}

bool AttachDetachController::mounted(const Attachment& a) const {
  const auto it = in_use_.find(a.node);
  return it != in_use_.end() && std::find(it->second.begin(), it->second.end(), a.volume) != it->second.end();
}

NodeView AttachDetachController::view(const Str& name) const {
  const auto node = nodes_.get_as<api::Node>({}, name);
  if (!node) return {};
  const auto& taints = node->spec->taints;
  return {is_ready(*node), std::any_of(taints.begin(), taints.end(), [](const api::Taint& t) {
            return t.key == "node.kubernetes.io/out-of-service";
          })};
}

void AttachDetachController::detach_unwanted(const DesiredVolumes& wanted) {
  const base::Nanos max_wait = context_.config.max_wait_for_unmount;
  for (auto& [what, state] : attached_) {
    const auto d = wanted.find(what.volume);
    if (busy_.contains(what) || (d != wanted.end() && d->second.pods.contains(what.node))) continue;
    if (state.detach_asked == base::kNever) state.detach_asked = now();
    const Detach decision = decide_detach(state, mounted(what), view(what.node), now(), max_wait);
    if (decision == Detach::kWait) {
      const base::Nanos left = state.detach_asked + max_wait - now();
      if (left >= 0) queue_.add_after(kEverything, left + kPeriod);
      continue;
    }
    busy_.insert(what);
    operations_.spawn(detach(what, decision == Detach::kSafely));
  }
}

void AttachDetachController::attach_wanted(const DesiredVolumes& wanted) {
  std::vector<Attachment> over;
  for (const Attachment& t : told_) {
    const auto d = wanted.find(t.volume);
    if (d == wanted.end() || !d->second.pods.contains(t.node)) over.push_back(t);
  }
  for (const Attachment& t : over) told_.erase(t);
  for (const auto& [name, volume] : wanted) {
    for (const auto& [node, pods] : volume.pods) attach_to(name, volume, node);
  }
}

void AttachDetachController::attach_to(const Str& name, const DesiredVolume& volume, const Str& node) {
  const Attachment what{name, node};
  if (busy_.contains(what)) return;
  if (const auto it = attached_.find(what); it != attached_.end()) {
    it->second.detach_asked = base::kNever;
    return;
  }
  if (!volume.many) {
    std::vector<Str> others;
    for (auto it = attached_.lower_bound({name, {}}); it != attached_.end() && it->first.volume == name; ++it)
      others.push_back(it->first.node);
    if (!others.empty()) {
      if (told_.insert(what).second) tell_conflict(volume, node, others);
      return;
    }
    const auto elsewhere = busy_.lower_bound({name, {}});
    if (elsewhere != busy_.end() && elsewhere->volume == name) return;
  }
  busy_.insert(what);
  operations_.spawn(attach(what, volume));
}

void AttachDetachController::tell_conflict(const DesiredVolume& volume, const Str& node, const std::vector<Str>& others) {
  std::vector<ObjectRef> there;
  for (const Str& other : others) {
    const auto it = volume.pods.find(other);
    if (it != volume.pods.end()) there.insert(there.end(), it->second.begin(), it->second.end());
  }
  for (const ObjectRef& pod : volume.pods.find(node)->second)
    events_.event(*pod, "Warning", "FailedAttachVolume", conflict_message(volume.name, pod->meta().namespace_, there));
}

env::Task<> AttachDetachController::attach(Attachment what, DesiredVolume volume) {
  co_await env::sleep(env_, context_.config.attach_delay);
  attached_[what] = {};
  for (const ObjectRef& pod : volume.pods.find(what.node)->second)
    events_.event(*pod, "Normal", "SuccessfulAttachVolume",
                  base::cat("AttachVolume.Attach succeeded for volume \"", volume.name, "\" "));
  const bool told = co_await report(what.node);
  if (!told) unreported_.insert(what.node);
  busy_.erase(what);
  look();
}

/// The node's kubelet is told first, so that it does not mount the volume meanwhile.
env::Task<> AttachDetachController::detach(Attachment what, bool verify) {
  attached_[what].reported = false;
  bool goes_on = co_await report(what.node);
  if (goes_on && verify) goes_on = co_await is_safe(what);
  if (!goes_on) {
    attached_[what].reported = true;
    unreported_.insert(what.node);
    co_await env::sleep(env_, kRetry);
  } else {
    co_await env::sleep(env_, context_.config.attach_delay);
    attached_.erase(what);
  }
  busy_.erase(what);
  look();
}

/// The copy may be behind: the node itself is asked.
env::Task<bool> AttachDetachController::is_safe(Attachment what) {
  const auto live = co_await client_.get(KindId::kNode, {}, what.node);
  if (!live) co_return live.error().not_found();
  co_return !uses((*live)->as<api::Node>(), what.volume);
}

env::Task<> AttachDetachController::report_again(Str node) {
  const bool told = co_await report(node);
  if (told) co_return;
  unreported_.insert(node);
  queue_.add_after(kEverything, kRetry);
}

/// Writes what is attached into the node's status. True also when there is no such node.
env::Task<bool> AttachDetachController::report(Str node) {
  std::string list;
  for (const auto& [what, state] : attached_) {
    if (!(what.node == node) || !state.reported) continue;
    list += list.empty() ? "[{\"name\":" : ",{\"name\":";
    codec::append_json_string(what.volume, list);
    list += ",\"devicePath\":\"\"}";
  }
  const Str patch = base::cat("{\"status\":{\"volumesAttached\":", list.empty() ? "null" : list + "]", "}}");
  const auto written = co_await client_.patch(KindId::kNode, {}, node, api::PatchType::kMerge, patch, "status");
  co_return written.ok() || written.error().not_found();
}

}  // namespace orrery::controllers
