#include "nodes/kubelet/pod_admission.h"

#include <algorithm>

#include "model/api/selector.h"
#include "nodes/kubelet/qos.h"

namespace orrery::kubelet {
namespace {

std::string insufficient(std::string_view name, std::int64_t asked, std::int64_t used, std::int64_t capacity) {
  return base::cat("Node didn't have enough resource: ", name, ", requested: ", std::to_string(asked), ", used: ",
                   std::to_string(used), ", capacity: ", std::to_string(capacity));
}

Refusal predicate(const char* name, std::string_view why) {
  return {name, base::cat("Predicate ", name, " failed: ", why)};
}

std::int64_t in_unit(std::string_view name, const api::Quantity& q) { return name == "cpu" ? q.milli_value() : q.value(); }

std::vector<api::SelectorExpression> expressions(const api::List<api::NodeSelectorRequirement>& list) {
  std::vector<api::SelectorExpression> out;
  for (const auto& r : list) out.push_back({r.key, r.operator_.view(), {r.values.begin(), r.values.size()}});
  return out;
}

bool term_matches(const api::NodeSelectorTerm& term, const api::Node& node) {
  if (term.match_expressions.empty() && term.match_fields.empty()) return false;
  api::ErrorList errors;
  if (!term.match_expressions.empty()) {
    const auto list = expressions(term.match_expressions);
    if (!api::node_label_selector(list, {}, errors).matches(node.metadata.labels)) return false;
  }
  if (!term.match_fields.empty()) {
    const auto list = expressions(term.match_fields);
    const api::FieldSelector fields = api::node_field_selector(list, {}, errors);
    const std::string_view name = node.metadata.name;
    if (!fields.matches([&](std::string_view field) { return field == "metadata.name" ? name : std::string_view(); })) return false;
  }
  return errors.empty();
}

bool affinity_matches(const api::PodSpec& spec, const api::Node& node) {
  for (const auto& [key, value] : spec.node_selector) {
    const Str* have = node.metadata.labels.find(key);
    if (!have || !(*have == value)) return false;
  }
  if (!spec.affinity || !spec.affinity->node_affinity) return true;
  const auto& required = spec.affinity->node_affinity->required_during_scheduling_ignored_during_execution;
  if (!required) return true;
  const auto& terms = required->node_selector_terms;
  return std::any_of(terms.begin(), terms.end(), [&](const api::NodeSelectorTerm& t) { return term_matches(t, node); });
}

const api::Taint* untolerated(const api::PodSpec& spec, const api::Node& node) {
  for (const api::Taint& taint : node.spec->taints) {
    if (!(taint.effect == "NoExecute")) continue;
    const auto& all = spec.tolerations;
    if (std::none_of(all.begin(), all.end(), [&](const api::Toleration& t) { return tolerates(t, taint); })) return &taint;
  }
  return nullptr;
}

/// Under pressure only pods that could help themselves are let in.
std::optional<Refusal> refuse_under_pressure(const api::Pod& pod, const NodeFacts& facts) {
  if (!facts.memory_pressure && !facts.disk_pressure) return {};
  if (is_critical(pod)) return {};
  if (facts.memory_pressure && !facts.disk_pressure) {
    if (qos_of(pod) != Qos::kBestEffort) return {};
    const api::Taint taint{"node.kubernetes.io/memory-pressure", {}, "NoSchedule", {}};
    const auto& all = pod.spec->tolerations;
    if (std::any_of(all.begin(), all.end(), [&](const api::Toleration& t) { return tolerates(t, taint); })) return {};
  }
  std::string conditions;
  if (facts.memory_pressure) conditions = "MemoryPressure";
  if (facts.disk_pressure) conditions += conditions.empty() ? "DiskPressure" : " DiskPressure";
  return Refusal{"Evicted", base::cat("The node had condition: [", conditions, "]. ")};
}

}  // namespace

void NodeUse::add(const api::PodSpec& spec) {
  for (const auto& [name, q] : pod_requests(spec)) requests.add(name).add(q);
  ++pods;
}

void NodeUse::remove(const api::PodSpec& spec) {
  for (const auto& [name, q] : pod_requests(spec)) requests.add(name).sub(q);
  --pods;
}

bool tolerates(const api::Toleration& toleration, const api::Taint& taint) {
  if (!toleration.effect.empty() && !(toleration.effect == taint.effect)) return false;
  if (!toleration.key.empty() && !(toleration.key == taint.key)) return false;
  if (toleration.operator_ == "Exists") return true;
  return (toleration.operator_.empty() || toleration.operator_ == "Equal") && toleration.value == taint.value;
}

std::optional<Refusal> refuse(const api::Pod& pod, const api::Node* node, const api::ResourceList& allocatable,
                              const NodeUse& use, const NodeFacts& facts) {
  if (auto refusal = refuse_under_pressure(pod, facts)) return refusal;
  if (pod.spec->os && !(pod.spec->os->name == "linux")) {
    return Refusal{"PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"};
  }
  const std::int64_t max_pods = allocatable.get("pods").value();
  if (use.pods + 1 > max_pods) return Refusal{"OutOfpods", insufficient("pods", 1, use.pods, max_pods)};
  for (const auto& [name, q] : pod_requests(*pod.spec)) {
    const api::Quantity* total = allocatable.find(name);
    // What the node does not know at all is a cluster-level resource.
    if (!total || q.is_zero()) continue;
    const std::int64_t asked = in_unit(name, q), capacity = in_unit(name, *total), used = in_unit(name, use.requests.get(name));
    if (asked > capacity - used) return Refusal{base::cat("OutOf", name), insufficient(name, asked, used, capacity)};
  }
  if (!node) return {};
  if (!affinity_matches(*pod.spec, *node)) return predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
  if (const api::Taint* taint = untolerated(*pod.spec, *node)) {
    return predicate("TaintToleration", base::cat("node(s) had untolerated taint {", taint->key, ": ", taint->value, "}"));
  }
  return {};
}

}  // namespace orrery::kubelet
