// A small cluster written in YAML, in which one plugin of a profile is asked alone: what it says to each node, as text.
#pragma once
#include <string>
#include <string_view>

#include "control/scheduler/default_profile.h"
#include "control/scheduler/queue/nominator.h"
#include "model/codec/json_read.h"
#include "model/codec/yaml_read.h"

namespace orrery::scheduler::testing {

/// An object of T from YAML in one line: "{metadata: {name: a}}".
template <class T>
T from_yaml(std::string_view text) {
  const auto documents = codec::read_yaml(text);
  ORRERY_CHECK(documents.ok() && documents->size() == 1, "a test row that is no YAML");
  auto value = codec::from_json<T>(documents->front().json);
  ORRERY_CHECK(value.ok(), value.ok() ? "" : value.error().message.c_str());
  return std::move(*value);
}

/// Amounts as "cpu=1,memory=2"; "" is none.
inline api::ResourceList amounts(std::string_view text) {
  api::ResourceList out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, end);
    const std::size_t equals = item.find('=');
    out.set(Str(item.substr(0, equals)), api::Quantity::must_parse(item.substr(equals + 1)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// The parts of "a | b | c", without blanks around them; none of "".
inline std::vector<std::string> parts(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    std::string_view item = text.substr(0, end);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    out.emplace_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

class PluginWorld {
 public:
  /// `more`: plugins that upstream does not have, which the layout of `config` names.
  explicit PluginWorld(const ProfileConfig& config = {}, std::vector<std::unique_ptr<Plugin>> more = {})
      : framework_(default_profile({snapshot_, lister_, nominator_, running_, nullptr, nullptr}, config, std::move(more))) {}

  /// `candidate` false: other plugins have rejected it; it is in the cluster but not asked about.
  void node(api::Node node, bool candidate = true) {
    if (node.metadata.name.empty()) node.metadata.name = base::cat("node", std::to_string(++nodes_));
    if (candidate) names_.push_back(node.metadata.name.str());
    snapshot_.set_node(NodeHandle(api::make_object(std::move(node))));
  }
  void place(api::Pod pod, const std::string& node) {
    pod.spec.edit().node_name = node;
    snapshot_.add_pod(this->pod(std::move(pod)), Str(node));
  }
  PodInfoRef pod(api::Pod pod) {
    if (pod.metadata.uid.empty()) pod.metadata.uid = base::cat("pod", std::to_string(++pods_));
    if (pod.metadata.name.empty()) pod.metadata.name = pod.metadata.uid;
    return base::make_ref<PodInfo>(api::make_object(std::move(pod)));
  }
  FixedLister& lister() { return lister_; }
  const Framework& framework() const { return *framework_; }
  const Snapshot& snapshot() const { return snapshot_; }

  /// "queue" or "skip": what the plugin says when an object of `resource` changes; null: it was not there, or is no more.
  std::string hint(std::string_view plugin, const PodInfoRef& pod, EventResource resource, api::ObjectRef old, api::ObjectRef now) {
    const ClusterChange change{{resource, kActionAll}, std::move(old), std::move(now)};
    return framework_->find(plugin)->hint(*pod, change) == QueueingHint::kQueue ? "queue" : "skip";
  }

  /// The plugin's scores of all nodes in the order in which they were made, normalised: "10 0"; "skip" when PreScore skips.
  std::string scores(std::string_view plugin, const PodInfoRef& pod) {
    const std::vector<const NodeInfo*> nodes = in_order();
    const Plugin* p = framework_->find(plugin);
    CycleState state;
    if (const auto* pre = dynamic_cast<const PreScorePlugin*>(p)) {
      const Status s = pre->pre_score(state, *pod, nodes);
      if (s.skipped()) return "skip";
      if (!s.ok()) return base::cat(to_string(s.code()), ": ", s.message());
    }
    std::vector<std::int64_t> scores;
    for (const NodeInfo* node : nodes) scores.push_back(dynamic_cast<const ScorePlugin*>(p)->score(state, *pod, *node));
    if (const auto* n = dynamic_cast<const NormalizeScorePlugin*>(p)) n->normalize(state, *pod, nodes, scores);
    std::string out;
    for (const std::int64_t s : scores) out += base::cat(out.empty() ? "" : " ", std::to_string(s));
    return out;
  }

  /// What the plugin's filter says, per node "ok" or "CODE: REASONS", joined by " | "; what PreFilter says when it rejects.
  std::string verdicts(std::string_view plugin, const PodInfoRef& pod) {
    const Plugin* p = framework_->find(plugin);
    CycleState state;
    NodeNames names;
    if (const auto* pre = dynamic_cast<const PreFilterPlugin*>(p)) {
      const Status s = pre->pre_filter(state, *pod, names);
      if (!s.ok() && !s.skipped()) return text_of(s);
      if (s.skipped()) return "skip";
    }
    std::string out;
    for (const NodeInfo* node : in_order()) {
      const bool left_out = names && !names->contains(node->name());
      const Status s = left_out ? Status() : dynamic_cast<const FilterPlugin*>(p)->filter(state, *pod, *node);
      out += base::cat(out.empty() ? "" : " | ", left_out ? "left out" : text_of(s));
    }
    return out;
  }

 private:
  static std::string text_of(const Status& s) { return s.ok() ? "ok" : base::cat(to_string(s.code()), ": ", s.message()); }
  std::vector<const NodeInfo*> in_order() const {
    std::vector<const NodeInfo*> out;
    snapshot_.nodes();   // gives every node its position
    for (const std::string& name : names_) out.push_back(snapshot_.find(name));
    return out;
  }

  Snapshot snapshot_;
  FixedLister lister_;
  Nominator nominator_;
  RunningPreemptions running_;
  std::unique_ptr<Framework> framework_;
  std::vector<std::string> names_;
  int nodes_ = 0, pods_ = 0;
};

}  // namespace orrery::scheduler::testing
