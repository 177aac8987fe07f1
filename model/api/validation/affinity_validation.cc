#include <algorithm>

#include "model/api/validation/pod_validation.h"

namespace orrery::api {

namespace {

constexpr std::string_view kRequiredTerms = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view kPreferredTerms = "preferredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view kBothText = "exists in both matchLabelKeys and labelSelector";
constexpr std::string_view kNoSelectorText = "must not be specified when labelSelector is not set";

void check_node_requirement(const NodeSelectorRequirement& r, bool check_values, const FieldPath& path,
                            ErrorList& errors) {
  const FieldPath values = path.child("values");
  if (r.operator_ == "In" || r.operator_ == "NotIn") {
    if (r.values.empty()) errors.required(values, "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (r.operator_ == "Exists" || r.operator_ == "DoesNotExist") {
    if (!r.values.empty())
      errors.forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else if (r.operator_ == "Gt" || r.operator_ == "Lt") {
    if (r.values.size() != 1)
      errors.required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
  } else {
    errors.invalid(path.child("operator"), r.operator_, "not a valid selector operator");
  }
  check_qualified_name(r.key, path.child("key"), errors);
  if (!check_values) return;
  for (std::size_t i = 0; i < r.values.size(); ++i) check_label_value(r.values[i], values.index(i), errors);
}

void check_field_requirement(const NodeSelectorRequirement& r, const FieldPath& path, ErrorList& errors) {
  const FieldPath values = path.child("values");
  if (r.operator_ == "In" || r.operator_ == "NotIn") {
    if (r.values.size() != 1)
      errors.required(values,
                      "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
  } else {
    errors.invalid(path.child("operator"), r.operator_, "not a valid selector operator");
  }
  if (r.key != "metadata.name")
    return errors.invalid(path.child("key"), r.key, "not a valid field selector key");
  for (std::size_t i = 0; i < r.values.size(); ++i)
    check_name(r.values[i], subdomain_name, values.index(i), errors);
}

/// Preferences may name values that no label can have.
void check_node_term(const NodeSelectorTerm& term, bool check_values, const FieldPath& path,
                     ErrorList& errors) {
  for (std::size_t i = 0; i < term.match_expressions.size(); ++i)
    check_node_requirement(term.match_expressions[i], check_values, path.child_at("matchExpressions", i),
                           errors);
  for (std::size_t i = 0; i < term.match_fields.size(); ++i)
    check_field_requirement(term.match_fields[i], path.child_at("matchFields", i), errors);
}

void check_weight(std::int32_t weight, const FieldPath& path, ErrorList& errors) {
  if (weight < 1 || weight > 100) errors.invalid(path, weight, "must be in the range 1-100");
}

void check_node_affinity(const NodeAffinity& affinity, const FieldPath& path, ErrorList& errors) {
  if (affinity.required_during_scheduling_ignored_during_execution)
    check_node_selector(*affinity.required_during_scheduling_ignored_during_execution,
                        path.child(kRequiredTerms), errors);
  const auto& preferred = affinity.preferred_during_scheduling_ignored_during_execution;
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const FieldPath at = path.child_at(kPreferredTerms, i);
    check_weight(preferred[i].weight, at.child("weight"), errors);
    check_node_term(preferred[i].preference, false, at.child("preference"), errors);
  }
}

void check_term_keys(const List<Str>& keys, bool has_selector, const FieldPath& path, ErrorList& errors) {
  if (keys.empty()) return;
  if (!has_selector) return errors.forbidden(path, kNoSelectorText);
  for (std::size_t i = 0; i < keys.size(); ++i) check_qualified_name(keys[i], path.index(i), errors);
}

/// matchLabelKeys were already merged into the selector, so a key that stands there twice was given twice.
void check_merged_keys(const PodAffinityTerm& term, const FieldPath& path, ErrorList& errors) {
  const auto& expressions = term.label_selector->match_expressions;
  for (std::size_t e = 0; e < expressions.size(); ++e) {
    const Str& key = expressions[e].key;
    const auto& keys = term.match_label_keys;
    const auto found = std::find(keys.begin(), keys.end(), key);
    if (found == keys.end()) continue;
    const bool twice =
        term.label_selector->match_labels.contains(key) ||
        repeats(expressions, e, [](const LabelSelectorRequirement& r) { return r.key.view(); });
    if (twice) errors.invalid(path.index(static_cast<std::size_t>(found - keys.begin())), key, kBothText);
  }
}

void check_pod_term(const PodAffinityTerm& term, const FieldPath& path, ErrorList& errors) {
  check_label_selector(term.label_selector.get(), path.child("labelSelector"), errors);
  check_label_selector(term.namespace_selector.get(), path.child("namespaceSelector"), errors);
  for (const Str& name : term.namespaces) check_name(name, label_name, path.child("namespace"), errors);
  const bool has_selector = term.label_selector.has_value();
  check_term_keys(term.match_label_keys, has_selector, path.child("matchLabelKeys"), errors);
  check_term_keys(term.mismatch_label_keys, has_selector, path.child("mismatchLabelKeys"), errors);
  if (has_selector && !term.match_label_keys.empty()) check_merged_keys(term, path, errors);
  for (std::size_t i = 0; i < term.match_label_keys.size(); ++i)
    if (contains(term.mismatch_label_keys, term.match_label_keys[i]))
      errors.invalid(path.child_at("matchLabelKeys", i), term.match_label_keys[i],
                     "exists in both matchLabelKeys and mismatchLabelKeys");
  if (term.topology_key.empty()) errors.required(path.child("topologyKey"), "can not be empty");
  check_qualified_name(term.topology_key, path.child("topologyKey"), errors);
}

template <class A>
void check_pod_affinity(const A& affinity, const FieldPath& path, ErrorList& errors) {
  const auto& required = affinity.required_during_scheduling_ignored_during_execution;
  for (std::size_t i = 0; i < required.size(); ++i)
    check_pod_term(required[i], path.child_at(kRequiredTerms, i), errors);
  const auto& preferred = affinity.preferred_during_scheduling_ignored_during_execution;
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const FieldPath at = path.child_at(kPreferredTerms, i);
    check_weight(preferred[i].weight, at.child("weight"), errors);
    check_pod_term(preferred[i].pod_affinity_term, at.child("podAffinityTerm"), errors);
  }
}

void check_spread_keys(const TopologySpreadConstraint& c, const FieldPath& path, ErrorList& errors) {
  if (c.match_label_keys.empty()) return;
  if (!c.label_selector) errors.forbidden(path, kNoSelectorText);
  for (std::size_t i = 0; i < c.match_label_keys.size(); ++i) {
    const Str& key = c.match_label_keys[i];
    check_qualified_name(key, path.index(i), errors);
    if (!c.label_selector) continue;
    const auto& expressions = c.label_selector->match_expressions;
    const bool used =
        c.label_selector->match_labels.contains(key) ||
        std::any_of(expressions.begin(), expressions.end(), [&](const auto& r) { return r.key == key; });
    if (used) errors.invalid(path.index(i), key, kBothText);
  }
}

void check_inclusion_policy(const std::optional<Str>& policy, const FieldPath& path, ErrorList& errors) {
  if (policy && *policy != "Honor" && *policy != "Ignore")
    errors.not_supported(path, *policy, {"Honor", "Ignore"});
}

void check_min_domains(const TopologySpreadConstraint& c, const FieldPath& path, ErrorList& errors) {
  if (!c.min_domains) return;
  if (*c.min_domains <= 0) errors.invalid(path, *c.min_domains, kNotPositiveText);
  if (c.when_unsatisfiable != "DoNotSchedule")
    errors.invalid(
        path, *c.min_domains,
        base::cat("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ", c.when_unsatisfiable));
}

}  // namespace

void check_node_selector(const NodeSelector& selector, const FieldPath& path, ErrorList& errors) {
  const FieldPath terms = path.child("nodeSelectorTerms");
  if (selector.node_selector_terms.empty())
    return errors.required(terms, "must have at least one node selector term");
  for (std::size_t i = 0; i < selector.node_selector_terms.size(); ++i)
    check_node_term(selector.node_selector_terms[i], true, terms.index(i), errors);
}

void check_affinity(const Affinity* affinity, const FieldPath& path, ErrorList& errors) {
  if (!affinity) return;
  if (affinity->node_affinity)
    check_node_affinity(*affinity->node_affinity, path.child("nodeAffinity"), errors);
  if (affinity->pod_affinity) check_pod_affinity(*affinity->pod_affinity, path.child("podAffinity"), errors);
  if (affinity->pod_anti_affinity)
    check_pod_affinity(*affinity->pod_anti_affinity, path.child("podAntiAffinity"), errors);
}

void check_spread_constraints(const List<TopologySpreadConstraint>& constraints, const FieldPath& path,
                              ErrorList& errors) {
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const TopologySpreadConstraint& c = constraints[i];
    const FieldPath at = path.index(i);
    if (c.max_skew <= 0) errors.invalid(at.child("maxSkew"), c.max_skew, kNotPositiveText);
    if (c.topology_key.empty()) errors.required(at.child("topologyKey"), "can not be empty");
    if (c.when_unsatisfiable != "DoNotSchedule" && c.when_unsatisfiable != "ScheduleAnyway")
      errors.not_supported(at.child("whenUnsatisfiable"), c.when_unsatisfiable,
                           {"DoNotSchedule", "ScheduleAnyway"});
    const bool again = std::any_of(constraints.begin() + i + 1, constraints.end(), [&](const auto& o) {
      return o.topology_key == c.topology_key && o.when_unsatisfiable == c.when_unsatisfiable;
    });
    if (again)
      errors.duplicate(at.child("{topologyKey, whenUnsatisfiable}"),
                       base::cat("{", c.topology_key, ", ", c.when_unsatisfiable, "}"));
    check_min_domains(c, at.child("minDomains"), errors);
    check_inclusion_policy(c.node_affinity_policy, at.child("nodeAffinityPolicy"), errors);
    check_inclusion_policy(c.node_taints_policy, at.child("nodeTaintsPolicy"), errors);
    check_spread_keys(c, at.child("matchLabelKeys"), errors);
    check_label_selector(c.label_selector.get(), at.child("labelSelector"), errors);
  }
}

void check_taint_effect(std::string_view effect, bool allow_empty, const FieldPath& path, ErrorList& errors) {
  if (effect == "NoSchedule" || effect == "PreferNoSchedule" || effect == "NoExecute") return;
  if (effect.empty() && !allow_empty) return errors.required(path, "");
  errors.not_supported(path, effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
}

void check_tolerations(const List<Toleration>& tolerations, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < tolerations.size(); ++i) {
    const Toleration& t = tolerations[i];
    const FieldPath at = path.index(i);
    if (!t.key.empty()) check_qualified_name(t.key, at.child("key"), errors);
    if (t.key.empty() && t.operator_ != "Exists")
      errors.invalid(
          at.child("operator"), t.operator_,
          "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
    if (t.toleration_seconds && t.effect != "NoExecute")
      errors.invalid(at.child("effect"), t.effect,
                     "effect must be 'NoExecute' when `tolerationSeconds` is set");
    if (t.operator_.empty() || t.operator_ == "Equal") {
      check_label_value_once(t.value, at.child("operator"), errors);
    } else if (t.operator_ == "Exists") {
      if (!t.value.empty())
        errors.invalid(at.child("operator"), t.value, "value must be empty when `operator` is 'Exists'");
    } else {
      errors.not_supported(at.child("operator"), t.operator_, {"Equal", "Exists"});
    }
    if (!t.effect.empty()) check_taint_effect(t.effect, true, at.child("effect"), errors);
  }
}

}  // namespace orrery::api
