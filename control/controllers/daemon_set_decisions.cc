#include "control/controllers/daemon_set_decisions.h"

#include <algorithm>

#include "control/client/tolerations.h"
#include "control/controllers/history.h"

namespace orrery::controllers {
namespace {

constexpr std::string_view kGenerationAnnotation = "deprecated.daemonset.template.generation";
constexpr std::string_view kGenerationLabel = "pod-template-generation";
constexpr std::string_view kNodeNameField = "metadata.name";

void add_toleration(api::PodSpec& spec, std::string_view key, std::string_view effect) {
  api::Toleration t;
  t.key = key;
  t.operator_ = "Exists";
  t.effect = effect;
  for (std::size_t i = 0; i < spec.tolerations.size(); ++i) {
    const api::Toleration& old = spec.tolerations[i];
    if (!(old.key == t.key) || !(old.effect == t.effect) || !(old.operator_ == t.operator_) || !old.value.empty()) continue;
    if (old.toleration_seconds) spec.tolerations.edit()[i] = t;
    return;
  }
  spec.tolerations.push_back(std::move(t));
}

std::vector<api::SelectorExpression> expressions(const api::List<api::NodeSelectorRequirement>& requirements) {
  std::vector<api::SelectorExpression> out;
  for (const api::NodeSelectorRequirement& r : requirements) {
    out.push_back({r.key, r.operator_, std::span(r.values.begin(), r.values.size())});
  }
  return out;
}

std::int32_t scaled_up(const std::optional<api::IntOrString>& value, std::int32_t total) {
  if (!value) return 0;
  const auto n = value->scaled_value(total, true);
  return n ? static_cast<std::int32_t>(*n) : 0;
}

bool is_rolling(const api::DaemonSet& ds) {
  return ds.spec->update_strategy.type == "RollingUpdate" && ds.spec->update_strategy.rolling_update;
}

}  // namespace

void add_daemon_tolerations(api::PodSpec& spec) {
  add_toleration(spec, "node.kubernetes.io/not-ready", "NoExecute");
  add_toleration(spec, "node.kubernetes.io/unreachable", "NoExecute");
  add_toleration(spec, "node.kubernetes.io/disk-pressure", "NoSchedule");
  add_toleration(spec, "node.kubernetes.io/memory-pressure", "NoSchedule");
  add_toleration(spec, "node.kubernetes.io/pid-pressure", "NoSchedule");
  add_toleration(spec, "node.kubernetes.io/unschedulable", "NoSchedule");
  if (spec.host_network) add_toleration(spec, "node.kubernetes.io/network-unavailable", "NoSchedule");
}

api::PodTemplateSpec daemon_pod_template(const api::DaemonSet& ds, std::string_view hash) {
  api::PodTemplateSpec t = ds.spec->template_;
  add_daemon_tolerations(t.spec.edit());
  if (const auto generation = template_generation(ds)) t.metadata.labels.set(kGenerationLabel, std::to_string(*generation));
  if (!hash.empty()) t.metadata.labels.set(kControllerRevisionHashLabel, hash);
  return t;
}

api::Affinity affinity_to_node(const base::Box<api::Affinity>& affinity, std::string_view node) {
  api::NodeSelectorRequirement name;
  name.key = kNodeNameField;
  name.operator_ = "In";
  name.values.push_back(Str(node));
  api::NodeSelectorTerm term;
  term.match_fields.push_back(std::move(name));
  api::Affinity out = affinity ? *affinity : api::Affinity();
  api::NodeSelector only;
  only.node_selector_terms.push_back(std::move(term));
  out.node_affinity.edit().required_during_scheduling_ignored_during_execution = std::move(only);
  return out;
}

Str target_node(const api::Pod& pod) {
  if (!pod.spec->node_name.empty()) return pod.spec->node_name;
  if (!pod.spec->affinity || !pod.spec->affinity->node_affinity) return {};
  const auto& required = pod.spec->affinity->node_affinity->required_during_scheduling_ignored_during_execution;
  if (!required) return {};
  for (const api::NodeSelectorTerm& term : required->node_selector_terms) {
    for (const api::NodeSelectorRequirement& r : term.match_fields) {
      if (r.key == kNodeNameField && r.operator_ == "In" && r.values.size() == 1) return r.values[0];
    }
  }
  return {};
}

DaemonEligibility::DaemonEligibility(const api::DaemonSet& ds) {
  const api::PodSpec& spec = *ds.spec->template_.spec;
  node_name_ = spec.node_name;
  node_selector_ = spec.node_selector;
  api::PodSpec tolerating;
  tolerating.tolerations = spec.tolerations;
  tolerating.host_network = spec.host_network;
  add_daemon_tolerations(tolerating);
  tolerations_ = tolerating.tolerations;
  if (!spec.affinity || !spec.affinity->node_affinity) return;
  const auto& required = spec.affinity->node_affinity->required_during_scheduling_ignored_during_execution;
  if (!required) return;
  has_terms_ = true;
  const api::FieldPath path;
  for (const api::NodeSelectorTerm& term : required->node_selector_terms) {
    if (term.match_expressions.empty() && term.match_fields.empty()) continue;
    api::ErrorList errors;
    Term t;
    if (!term.match_expressions.empty()) t.labels = api::node_label_selector(expressions(term.match_expressions), path, errors);
    if (!term.match_fields.empty()) t.fields = api::node_field_selector(expressions(term.match_fields), path, errors);
    if (errors.empty()) terms_.push_back(std::move(t));
  }
}

bool DaemonEligibility::fits_affinity(const api::Node& node) const {
  for (const auto& [key, value] : node_selector_) {
    const Str* v = node.metadata.labels.find(key);
    if (!v || !(*v == value)) return false;
  }
  if (!has_terms_) return true;
  return std::any_of(terms_.begin(), terms_.end(), [&node](const Term& t) {
    return t.labels.matches(node.metadata.labels) && t.fields.matches([&node](std::string_view field) {
      return field == kNodeNameField ? node.metadata.name.view() : std::string_view();
    });
  });
}

DaemonEligibility::Verdict DaemonEligibility::of(const api::Node& node) const {
  if (!node_name_.empty() && !(node_name_ == node.metadata.name)) return {};
  if (!fits_affinity(node)) return {};
  const base::List<api::Taint>& taints = node.spec->taints;
  const auto no_execute = [](const api::Taint& t) { return t.effect == "NoExecute"; };
  const auto any = [](const api::Taint& t) { return t.effect == "NoExecute" || t.effect == "NoSchedule"; };
  if (!client::untolerated_taint(taints, tolerations_, any)) return {true, true};
  return {false, client::untolerated_taint(taints, tolerations_, no_execute) == nullptr};
}

std::optional<std::int64_t> template_generation(const api::DaemonSet& ds) {
  const Str* text = ds.metadata.annotations.find(kGenerationAnnotation);
  if (!text) return std::nullopt;
  const auto n = api::parse_decimal(*text);
  if (!n) return std::nullopt;
  return *n;
}

bool is_pod_updated(const api::DaemonSet& ds, const api::Pod& pod, std::string_view hash) {
  const Str* label = pod.metadata.labels.find(kControllerRevisionHashLabel);
  if (!hash.empty() && label && *label == hash) return true;
  const auto generation = template_generation(ds);
  const Str* made_of = pod.metadata.labels.find(kGenerationLabel);
  return generation && made_of && *made_of == std::to_string(*generation);
}

std::int32_t surge_count(const api::DaemonSet& ds, std::int32_t desired) {
  return is_rolling(ds) ? scaled_up(ds.spec->update_strategy.rolling_update->max_surge, desired) : 0;
}

std::int32_t unavailable_count(const api::DaemonSet& ds, std::int32_t desired) {
  return is_rolling(ds) ? scaled_up(ds.spec->update_strategy.rolling_update->max_unavailable, desired) : 0;
}

void sort_daemon_pods(std::vector<PodHandle>& pods) {
  std::sort(pods.begin(), pods.end(), [](const PodHandle& a, const PodHandle& b) {
    const bool x = !a->spec->node_name.empty();
    const bool y = !b->spec->node_name.empty();
    if (x != y) return x;
    if (a->metadata.creation_timestamp == b->metadata.creation_timestamp) return a->metadata.name < b->metadata.name;
    return a->metadata.creation_timestamp < b->metadata.creation_timestamp;
  });
}

api::DaemonSetStatus daemon_status(const api::DaemonSet& ds, const std::vector<NodeHandle>& nodes,
                                   const DaemonEligibility& eligibility, const PodsByNode& by_node,
                                   std::string_view hash, base::Instant wall) {
  api::DaemonSetStatus s = *ds.status;
  s.desired_number_scheduled = s.current_number_scheduled = s.number_misscheduled = 0;
  s.number_ready = s.number_available = s.updated_number_scheduled = 0;
  for (const NodeHandle& node : nodes) {
    const auto it = by_node.find(node->metadata.name);
    const bool scheduled = it != by_node.end() && !it->second.empty();
    if (!eligibility.of(*node).should_run) {
      if (scheduled) ++s.number_misscheduled;
      continue;
    }
    ++s.desired_number_scheduled;
    if (!scheduled) continue;
    ++s.current_number_scheduled;
    std::vector<PodHandle> pods = it->second;
    sort_daemon_pods(pods);
    const api::Pod& pod = *pods.front();
    if (client::is_pod_ready(pod)) {
      ++s.number_ready;
      if (client::is_pod_available(pod, ds.spec->min_ready_seconds, wall)) ++s.number_available;
    }
    if (is_pod_updated(ds, pod, hash)) ++s.updated_number_scheduled;
  }
  s.number_unavailable = s.desired_number_scheduled - s.number_available;
  return s;
}

}  // namespace orrery::controllers
