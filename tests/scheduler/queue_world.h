// A scheduling queue with made-up plugins, driven by words: for upstream's tables of the queue.
#pragma once
#include <algorithm>
#include <string>

#include "control/scheduler/queue/scheduling_queue.h"
#include "tests/scheduler/plugin_world.h"

namespace orrery::scheduler::testing {

constexpr base::Instant moment(double seconds) { return {static_cast<std::int64_t>(seconds * 1e9)}; }

inline ClusterEvent event_of(std::string_view word) {
  struct Entry {
    std::string_view word;
    ClusterEvent event;
  };
  static constexpr Entry kEvents[] = {
      {"node+", {EventResource::kNode, kActionAdd}}, {"node-labels", {EventResource::kNode, kActionUpdateNodeLabel}},
      {"node-labels-taints", {EventResource::kNode, kActionUpdateNodeLabel | kActionUpdateNodeTaint}},
      {"node-update", {EventResource::kNode, kActionUpdate}}, {"pv+", {EventResource::kPersistentVolume, kActionAdd}},
      {"pv-update", {EventResource::kPersistentVolume, kActionUpdateOther}}, {"pvc+", {EventResource::kPersistentVolumeClaim, kActionAdd}},
      {"csi-update", {EventResource::kCSINode, kActionUpdateOther}}, {"assigned+", {EventResource::kAssignedPod, kActionAdd}},
      {"self-update", {EventResource::kUnscheduledPod, kActionUpdate}}, {"any+", {EventResource::kWildCard, kActionAdd}},
      {"any", {EventResource::kWildCard, kActionAll}}};
  const auto* const found = std::find_if(std::begin(kEvents), std::end(kEvents), [&](const Entry& e) { return e.word == word; });
  ORRERY_CHECK(found != std::end(kEvents), "no such event");
  return found->event;
}

/// Says of the events that it was given whether they help. Lets only pods with one of the labels `gate` into the queue, if that is set.
class MadeUpPlugin final : public Plugin, public PreEnqueuePlugin {
 public:
  explicit MadeUpPlugin(std::string_view name) : name_(name) {}
  std::string_view name() const override { return name_; }
  std::vector<ClusterEvent> events() const override {
    std::vector<ClusterEvent> out;
    for (const auto& [event, hint] : hints) out.push_back(event);
    return out;
  }
  QueueingHint hint(const PodInfo&, const ClusterChange& change) const override {
    for (const auto& [event, hint] : hints) {
      if (event.wild() || (event.resource == change.event.resource && (event.action & change.event.action) != 0)) return hint;
    }
    return QueueingHint::kSkip;
  }
  Status pre_enqueue(const PodInfo& pod) const override {
    if (!gate || std::any_of(gate->begin(), gate->end(), [&](const std::string& l) { return pod.meta().labels.contains(Str(l)); })) return {};
    return Status(Code::kUnschedulableAndUnresolvable, name_, Str("pod name not in allowlists"));
  }

  std::vector<std::pair<ClusterEvent, QueueingHint>> hints;
  std::optional<std::vector<std::string>> gate;

 private:
  std::string_view name_;
};

class WordQueue {
 public:
  /// `hints`: "PLUGIN EVENT+" (it helps) or "PLUGIN EVENT!" (it does not), ";" between. Plugins: foo1 to foo4.
  explicit WordQueue(std::string_view hints = {}, QueueConfig config = {})
      : framework_(default_profile({snapshot_, lister_, none_, running_, nullptr, nullptr}, layout(), made_up(hints))),
        queue(*framework_, std::move(config)) {}

  /// Of one pod: "NAME [pN] [@NODE] [label]", where pN is its priority and @NODE its nomination.
  static PodInfoRef pod(const std::string& text) {
    const std::vector<std::string> words = parts(text, ' ');
    api::Pod p;
    p.metadata.name = words[0];
    p.metadata.uid = words[0];
    p.metadata.namespace_ = "ns1";
    p.spec.edit().priority = 0;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string& w = words[i];
      if (w[0] == '@') p.status.edit().nominated_node_name = w.substr(1);
      else if (w[0] == 'p' && w.size() > 1 && w[1] >= '0' && w[1] <= '9') p.spec.edit().priority = std::stoi(w.substr(1));
      else p.metadata.labels.set(Str(w), "");
    }
    return base::make_ref<PodInfo>(api::make_object(std::move(p)));
  }

  void add(const std::string& text, double seconds) {
    PodInfoRef p = pod(text);
    pods_[p->meta().name.str()] = p;
    queue.add(std::move(p), moment(seconds));
  }
  std::string pop(double seconds) {
    const QueuedPodRef p = queue.pop(moment(seconds));
    if (!p) return "";
    const std::string name = p->pod->meta().name.str();
    popped[name] = p;
    return name;
  }
  /// Its attempt failed: rejected by `rejecters`, blanks between ("?foo1": foo1 lets it wait); by none: an error.
  void back(const std::string& name, std::string_view rejecters, double seconds) { return_pod(popped[name], rejecters, seconds); }
  /// As if it had been popped this often.
  void back_after(const std::string& name, int attempts, std::string_view rejecters, double seconds) {
    auto p = base::make_ref<QueuedPod>();
    p->pod = pods_[name];
    p->attempts = attempts;
    return_pod(p, rejecters, seconds);
  }
  void event(std::string_view word, double seconds) { queue.change({event_of(word), {}, {}}, moment(seconds)); }
  /// Another version of the pod: "annotation", "toleration", "@NODE" or a label more.
  void update(const std::string& name, const std::string& what, double seconds) {
    const PodInfoRef old = pods_[name];
    api::Pod p = old->pod();
    if (what == "annotation") p.metadata.annotations.set("foo", "test");
    else if (what == "toleration") p.spec.edit().tolerations.push_back(from_yaml<api::Toleration>("{key: foo, effect: NoSchedule}"));
    else if (what[0] == '@') p.status.edit().nominated_node_name = what.substr(1);
    else if (!what.empty()) p.metadata.labels.set(Str(what), "");
    pods_[name] = base::make_ref<PodInfo>(api::make_object(std::move(p)));
    queue.update(old->object(), pods_[name], moment(seconds));
  }
  /// Knows the pod without queueing it.
  void know(const std::string& text) { pods_[parts(text, ' ')[0]] = pod(text); }
  void remove(const std::string& name) { queue.remove(pods_[name]->pod()); }
  /// Those that are nominated to the node, blanks between.
  std::string nominated(std::string_view node) {
    std::string out;
    for (const PodInfoRef& p : queue.nominator().nominated_on(node)) out += base::cat(out.empty() ? "" : " ", p->meta().name);
    return out;
  }

  /// Steps, ";" between: "add POD", "pop NAME", "back NAME REJECTER...", "ev EVENT", "activate NAME", "update NAME WHAT", "wait SECONDS".
  void run(std::string_view steps) {
    for (const std::string& step : parts(steps, ';')) {
      const std::size_t blank = step.find(' ');
      const std::string verb = step.substr(0, blank);
      const std::string rest = blank == step.npos ? "" : step.substr(blank + 1);
      const std::vector<std::string> words = parts(rest, ' ');
      if (verb == "add") add(rest, now);
      else if (verb == "know") know(rest);
      else if (verb == "pop") CHECK(pop(now) == rest);
      else if (verb == "back") back(words[0], rest.substr(words[0].size()), now);
      else if (verb == "ev") event(rest, now);
      else if (verb == "activate") queue.activate(Str(rest), moment(now));
      else if (verb == "update") update(words[0], words[1], now);
      else if (verb == "wait") now += std::stod(rest);
      else FAIL("no step ", verb);
    }
  }
  std::string counts() const {
    return base::cat(std::to_string(queue.active()), " ", std::to_string(queue.backing_off()), " ", std::to_string(queue.unschedulable()));
  }
  /// "active a b; backoff c; unschedulable d", parts without pods left out; takes all pods off the queue.
  std::string where() {
    std::string out = taken("active", queue.active(), now);
    const std::size_t waiting = queue.backing_off();
    queue.flush_backoff(moment(now + 1000));
    out += taken(out.empty() ? "backoff" : "; backoff", waiting, now + 1000);
    const std::size_t rest = queue.unschedulable();
    queue.flush_unschedulable(moment(now + 2000));
    return out + taken(out.empty() ? "unschedulable" : "; unschedulable", rest, now + 2000);
  }

  MadeUpPlugin& plugin(std::string_view name) { return *plugins_.at(static_cast<std::size_t>(name.back() - '1')); }

  double now = 100.3;
  base::BTreeMap<std::string, QueuedPodRef> popped;

 private:
  static constexpr std::string_view kNames[] = {"foo1", "foo2", "foo3", "foo4"};

  static ProfileConfig layout() {
    ProfileConfig out;
    for (const std::string_view name : kNames) out.layout.at(Point::kPreEnqueue).push_back({Str(name), 0});
    return out;
  }
  std::vector<std::unique_ptr<Plugin>> made_up(std::string_view hints) {
    std::vector<std::unique_ptr<Plugin>> out;
    for (const std::string_view name : kNames) {
      auto p = std::make_unique<MadeUpPlugin>(name);
      plugins_.push_back(p.get());
      out.push_back(std::move(p));
    }
    for (const std::string& text : parts(hints, ';')) {
      const std::vector<std::string> words = parts(text, ' ');
      const std::string event = words[1].substr(0, words[1].size() - 1);
      plugin(words[0]).hints.emplace_back(event_of(event), words[1].back() == '!' ? QueueingHint::kSkip : QueueingHint::kQueue);
    }
    return out;
  }
  void return_pod(const QueuedPodRef& p, std::string_view rejecters, double seconds) {
    for (const std::string& word : parts(rejecters, ' ')) {
      if (word.empty()) continue;
      (word[0] == '?' ? p->pending : p->unschedulable) |= framework_->bit_of(word[0] == '?' ? word.substr(1) : word);
    }
    queue.add_unschedulable(p, moment(seconds));
  }
  std::string taken(std::string_view title, std::size_t count, double seconds) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(pop(seconds));
    std::sort(names.begin(), names.end());
    std::string out;
    for (const std::string& n : names) out += base::cat(out.empty() ? std::string(title) : "", " ", n);
    return out;
  }

  Snapshot snapshot_;
  FixedLister lister_;
  Nominator none_;
  RunningPreemptions running_;
  std::vector<MadeUpPlugin*> plugins_;
  std::unique_ptr<Framework> framework_;
  base::BTreeMap<std::string, PodInfoRef> pods_;

 public:
  SchedulingQueue queue;
};

}  // namespace orrery::scheduler::testing
