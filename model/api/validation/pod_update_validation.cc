#include <algorithm>

#include "model/api/validation/meta_validation.h"
#include "model/api/validation/pod_validation.h"
#include "model/api/validation/rules.h"

namespace orrery::api {

namespace {

constexpr std::string_view kUpdatable =
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n";

/// Annotations that are fixed when a pod is created.
void check_fixed_annotation(const Str& key, std::string_view app_armor, std::string_view mirror,
                            const FieldPath& path, ErrorList& errors) {
  if (key.view().starts_with(kAppArmorAnnotation)) errors.forbidden(path.key(key), app_armor);
  if (key == kMirrorAnnotation) errors.forbidden(path.key(key), mirror);
}

/// False when containers came or went, and nothing else can be compared.
bool check_images(const List<Container>& old, const List<Container>& next, const FieldPath& path,
                  ErrorList& errors) {
  if (old.size() != next.size()) {
    errors.forbidden(path, "pod updates may not add or remove containers");
    return false;
  }
  for (std::size_t i = 0; i < next.size(); ++i) {
    const FieldPath at = path.index(i);
    if (next[i].image.empty()) errors.required(at.child("image"), "");
  }
  return true;
}

/// False when the deadline is wrong and hides what follows.
bool check_deadline(const PodSpec& old, const PodSpec& next, const FieldPath& path, ErrorList& errors) {
  const FieldPath at = path.child("activeDeadlineSeconds");
  const auto& before = old.active_deadline_seconds;
  const auto& after = next.active_deadline_seconds;
  if (!after) {
    if (before) errors.invalid(at, BadValue::null(), "must not update from a positive integer to nil value");
    return true;
  }
  if (*after < 0 || *after > INT32_MAX) {
    errors.invalid(at, *after, inclusive_range_message(0, INT32_MAX));
    return false;
  }
  if (before && *before < *after) {
    errors.invalid(at, *after, "must be less than or equal to previous value");
    return false;
  }
  return true;
}

bool same_but_for_seconds(const Toleration& a, const Toleration& b) {
  return a.key == b.key && a.operator_ == b.operator_ && a.value == b.value && a.effect == b.effect;
}

void check_added_tolerations(const PodSpec& old, const PodSpec& next, const FieldPath& path,
                             ErrorList& errors) {
  for (const Toleration& t : old.tolerations) {
    const bool kept = std::any_of(next.tolerations.begin(), next.tolerations.end(),
                                  [&](const Toleration& n) { return same_but_for_seconds(t, n); });
    if (!kept)
      return errors.forbidden(path.child("tolerations"),
                              "existing toleration can not be modified except its tolerationSeconds");
  }
}

void check_deleted_gates(const PodSpec& old, const PodSpec& next, const FieldPath& path, ErrorList& errors) {
  for (std::size_t i = 0; i < next.scheduling_gates.size(); ++i) {
    const Str& name = next.scheduling_gates[i].name;
    const bool known = std::any_of(old.scheduling_gates.begin(), old.scheduling_gates.end(),
                                   [&](const PodSchedulingGate& g) { return g.name == name; });
    const FieldPath at = path.child_at("schedulingGates", i);
    if (!known)
      errors.forbidden(at.child("name"),
                       base::cat("only deletion is allowed, but found new scheduling gate '", name, "'"));
  }
}

void restore_images(const List<Container>& old, List<Container>& munged) {
  for (std::size_t i = 0; i < munged.size(); ++i)
    if (munged[i].image != old[i].image) munged.edit()[i].image = old[i].image;
}

bool starts_with(const List<NodeSelectorRequirement>& next, const List<NodeSelectorRequirement>& old) {
  if (next.size() < old.size()) return false;
  for (std::size_t i = 0; i < old.size(); ++i)
    if (!same(old[i], next[i])) return false;
  return true;
}

bool only_adds(const NodeSelectorTerm& old, const NodeSelectorTerm& next) {
  const bool was_empty = old.match_expressions.empty() && old.match_fields.empty();
  if (was_empty && !(next.match_expressions.empty() && next.match_fields.empty())) return false;
  return starts_with(next.match_expressions, old.match_expressions) &&
         starts_with(next.match_fields, old.match_fields);
}

void check_gated_affinity(const NodeAffinity* old, const NodeAffinity* next, const FieldPath& path,
                          ErrorList& errors) {
  if (!old || !old->required_during_scheduling_ignored_during_execution) return;
  const auto& before = old->required_during_scheduling_ignored_during_execution->node_selector_terms;
  List<NodeSelectorTerm> after;
  if (next && next->required_during_scheduling_ignored_during_execution)
    after = next->required_during_scheduling_ignored_during_execution->node_selector_terms;
  const FieldPath required = path.child("requiredDuringSchedulingIgnoredDuringExecution");
  const FieldPath terms = required.child("nodeSelectorTerms");
  if (!before.empty() && before.size() != after.size())
    return errors.invalid(terms, BadValue::raw("[]core.NodeSelectorTerm{...}"),
                          "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
  for (std::size_t i = 0; i < before.size(); ++i)
    if (!only_adds(before[i], after[i]))
      errors.invalid(terms.index(i), bad_struct("core.NodeSelectorTerm"),
                     "only additions are allowed (no mutations or deletions)");
}

/// A gated pod may still be narrowed down to fewer nodes. Changes that are allowed are undone in `munged`.
void check_gated(const PodSpec& old, PodSpec& munged, const FieldPath& path, ErrorList& errors) {
  if (!same(old.node_selector, munged.node_selector)) {
    for (const auto& [key, value] : old.node_selector) {
      const Str* kept = munged.node_selector.find(key);
      if (kept && *kept == value) continue;
      errors.invalid(path.child("nodeSelector"), bad_map(munged.node_selector),
                     "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
      break;
    }
    munged.node_selector = old.node_selector;
  }
  const Box<NodeAffinity> before = old.affinity ? old.affinity->node_affinity : Box<NodeAffinity>();
  const Box<NodeAffinity> after = munged.affinity ? munged.affinity->node_affinity : Box<NodeAffinity>();
  if (same(before, after)) return;
  check_gated_affinity(before.get(), after.get(), path.child("affinity", "nodeAffinity"), errors);
  munged.affinity.edit().node_affinity = before;
  const Affinity& left = *munged.affinity;
  if (!old.affinity && !left.node_affinity && !left.pod_affinity && !left.pod_anti_affinity)
    munged.affinity.reset();
}

}  // namespace

void check_pod_annotation_update(const Pod& old, const Pod& next, ErrorList& errors) {
  const Map<Str>& before = old.metadata.annotations;
  const Map<Str>& after = next.metadata.annotations;
  if (before.shares(after)) return;
  const FieldPath meta("metadata");
  const FieldPath path = meta.child("annotations");
  for (const auto& [key, value] : before) {
    const Str* kept = after.find(key);
    if (!kept || *kept != value)
      check_fixed_annotation(key, "may not remove or update AppArmor annotations",
                             "may not remove or update mirror pod annotation", path, errors);
  }
  for (const auto& [key, value] : after)
    if (!before.contains(key))
      check_fixed_annotation(key, "may not add AppArmor annotations", "may not add mirror pod annotation",
                             path, errors);
  check_pod_annotations(after, *next.spec, path, errors);
}

void check_pod_update(const Pod& old, const Pod& next, ErrorList& errors) {
  check_meta_update(old.metadata, next.metadata, errors);
  check_pod_annotation_update(old, next, errors);
  if (next.spec.shares(old.spec)) return;
  const FieldPath path("spec");
  const PodSpec& before = *old.spec;
  const PodSpec& after = *next.spec;
  if (same(before, after)) return;
  check_pod_spec({after, &next.metadata}, path, errors);
  if (!check_images(before.containers, after.containers, path.child("containers"), errors)) return;
  if (!check_images(before.init_containers, after.init_containers, path.child("initContainers"), errors))
    return;
  if (!check_deadline(before, after, path, errors)) return;
  check_added_tolerations(before, after, path, errors);
  check_deleted_gates(before, after, path, errors);

  // What may change is undone in a copy; the rest must be equal.
  PodSpec munged = after;
  restore_images(before.containers, munged.containers);
  restore_images(before.init_containers, munged.init_containers);
  munged.active_deadline_seconds = before.active_deadline_seconds;
  munged.scheduling_gates = before.scheduling_gates;
  munged.tolerations = before.tolerations;
  if (before.termination_grace_period_seconds.value_or(0) < 0 && munged.termination_grace_period_seconds == 1)
    munged.termination_grace_period_seconds = before.termination_grace_period_seconds;
  if (!before.scheduling_gates.empty()) check_gated(before, munged, path, errors);
  if (!same(munged, before))
    errors.forbidden(path, base::cat(kUpdatable, changed_fields(describe<PodSpec>(), &before, &munged)));
}

void check_ephemeral_containers_update(const Pod& old, const Pod& next, ErrorList& errors) {
  const FieldPath root;
  if (old.metadata.annotations.contains(kMirrorAnnotation))
    return errors.forbidden(root, "static pods do not support ephemeral containers");
  check_meta_update(old.metadata, next.metadata, errors);
  check_pod_meta_and_spec(next, errors);
  check_pod_annotation_update(old, next, errors);
  const FieldPath spec("spec");
  const FieldPath path = spec.child("ephemeralContainers");
  for (const EphemeralContainer& before : old.spec->ephemeral_containers) {
    const auto& containers = next.spec->ephemeral_containers;
    const auto after = std::find_if(containers.begin(), containers.end(), [&](const EphemeralContainer& c) {
      return c.common.name == before.common.name;
    });
    const std::string who = base::cat("existing ephemeral containers ", go_quote(before.common.name));
    if (after == containers.end()) errors.forbidden(path, base::cat(who, " may not be removed\n"));
    else if (!same(before, *after)) errors.forbidden(path, base::cat(who, " may not be changed\n"));
  }
}

}  // namespace orrery::api
