#include "control/scheduler/framework/node_affinity.h"

namespace orrery::scheduler {
namespace {

std::vector<api::SelectorExpression> expressions(const api::List<api::NodeSelectorRequirement>& list) {
  std::vector<api::SelectorExpression> out;
  for (const api::NodeSelectorRequirement& r : list) {
    out.push_back({r.key, r.operator_.view(), std::span<const base::Str>(r.values.begin(), r.values.size())});
  }
  return out;
}

/// The requirements on labels that are not met.
std::string unmet(const api::Selector& selector, const api::Labels& labels) {
  std::string out;
  for (const api::Requirement& r : selector.requirements()) {
    if (r.matches(labels)) continue;
    const base::Str* has = labels.find(r.key());
    out += base::cat(out.empty() ? "" : " and ", r.str(), has ? base::cat(" (it has ", *has, ")") : " (it has no such label)");
  }
  return out;
}

bool is_empty(const api::NodeSelectorTerm& term) { return term.match_expressions.empty() && term.match_fields.empty(); }

}  // namespace

NodeSelectorTerm::NodeSelectorTerm(const api::NodeSelectorTerm& term, const api::FieldPath& path, api::ErrorList& errors)
    : has_labels_(!term.match_expressions.empty()), has_fields_(!term.match_fields.empty()) {
  const std::size_t before = errors.size();
  if (has_labels_) labels_ = api::node_label_selector(expressions(term.match_expressions), path.child("matchExpressions"), errors);
  if (has_fields_) fields_ = api::node_field_selector(expressions(term.match_fields), path.child("matchFields"), errors);
  broken_ = errors.size() != before;
}

bool NodeSelectorTerm::matches(const api::Node& node) const {
  if (broken_) return false;
  if (has_labels_ && !labels_.matches(node.metadata.labels)) return false;
  if (!has_fields_ || node.metadata.name.empty()) return true;
  return fields_.matches([&](std::string_view field) {
    return field == "metadata.name" ? node.metadata.name.view() : std::string_view();
  });
}

std::string NodeSelectorTerm::shortfall(const api::Node& node) const {
  if (broken_) return "a term that is not valid";
  std::string out = has_labels_ ? unmet(labels_, node.metadata.labels) : std::string();
  if (!matches(node) && (!has_labels_ || labels_.matches(node.metadata.labels))) out = "another node by name";
  return out;
}

NodeSelector::NodeSelector(const api::NodeSelector& selector) {
  api::ErrorList ignored;
  const api::FieldPath path("nodeSelectorTerms");
  for (std::size_t i = 0; i < selector.node_selector_terms.size(); ++i) {
    const api::NodeSelectorTerm& term = selector.node_selector_terms[i];
    const api::FieldPath here = path.index(i);
    if (!is_empty(term)) terms_.emplace_back(term, here, ignored);
  }
}

bool NodeSelector::matches(const api::Node& node) const {
  for (const NodeSelectorTerm& t : terms_) {
    if (t.matches(node)) return true;
  }
  return false;
}

std::string NodeSelector::shortfall(const api::Node& node) const {
  if (matches(node)) return {};
  std::string out;
  for (const NodeSelectorTerm& t : terms_) out += base::cat(out.empty() ? "" : ", or ", t.shortfall(node));
  return out.empty() ? "no term that could match" : out;
}

RequiredNodeAffinity::RequiredNodeAffinity(const api::Pod& pod) {
  const api::PodSpec& spec = *pod.spec;
  if (!spec.node_selector.empty()) labels_ = api::Selector::from_set(spec.node_selector);
  if (!spec.affinity || !spec.affinity->node_affinity) return;
  const auto& required = spec.affinity->node_affinity->required_during_scheduling_ignored_during_execution;
  if (!required) return;
  has_selector_ = true;
  selector_ = NodeSelector(*required);
}

bool RequiredNodeAffinity::matches(const api::Node& node) const {
  return labels_.matches(node.metadata.labels) && (!has_selector_ || selector_.matches(node));
}

std::string RequiredNodeAffinity::shortfall(const api::Node& node) const {
  const std::string label = unmet(labels_, node.metadata.labels);
  const std::string term = has_selector_ ? selector_.shortfall(node) : std::string();
  std::string out = label.empty() ? std::string() : base::cat("nodeSelector asks for ", label);
  if (!term.empty()) out += base::cat(out.empty() ? "" : "; ", "node affinity asks for ", term);
  return out;
}

PreferredNodeAffinity::PreferredNodeAffinity(const Terms& terms, std::string& error) {
  api::ErrorList errors;
  const api::FieldPath root;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].weight == 0 || is_empty(terms[i].preference)) continue;
    const api::FieldPath here = root.index(i);
    terms_.push_back({NodeSelectorTerm(terms[i].preference, here, errors), terms[i].weight});
  }
  error = errors.str();
}

std::int64_t PreferredNodeAffinity::score(const api::Node& node) const {
  std::int64_t sum = 0;
  for (const Term& t : terms_) {
    if (t.term.matches(node)) sum += t.weight;
  }
  return sum;
}

}  // namespace orrery::scheduler
