#include "control/apiserver/pod_admission.h"

#include <algorithm>

#include "control/apiserver/admission.h"

namespace orrery::apiserver {

namespace {

bool tolerates(const api::PodSpec& spec, std::string_view taint) {
  return std::any_of(
      spec.tolerations.begin(), spec.tolerations.end(), [taint](const api::Toleration& t) {
        return (t.key == taint || t.key.empty()) && (t.effect == "NoExecute" || t.effect.empty());
      });
}

void merge_label_keys(api::PodAffinityTerm& term, const api::Labels& labels) {
  if (!term.label_selector) return;
  const auto merge = [&](const api::List<Str>& keys, const char* op) {
    for (const Str& key : keys) {
      const Str* value = labels.find(key);
      if (!value) continue;
      api::LabelSelectorRequirement r;
      r.key = key;
      r.operator_ = op;
      r.values.push_back(*value);
      term.label_selector.edit().match_expressions.push_back(std::move(r));
    }
  };
  merge(term.match_label_keys, "In");
  merge(term.mismatch_label_keys, "NotIn");
}

bool has_keys(const api::PodAffinityTerm& t) { return !t.match_label_keys.empty() || !t.mismatch_label_keys.empty(); }

/// Of a PodAffinity or PodAntiAffinity; shared parts stay shared when there is nothing to merge.
template <class Terms>
void merge_terms(api::Box<Terms>& terms, const api::Labels& labels) {
  if (!terms) return;
  const auto& required = terms->required_during_scheduling_ignored_during_execution;
  for (std::size_t i = 0; i < required.size(); ++i) {
    if (!has_keys(required[i])) continue;
    merge_label_keys(terms.edit().required_during_scheduling_ignored_during_execution.edit()[i], labels);
  }
  const auto& preferred = terms->preferred_during_scheduling_ignored_during_execution;
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    if (!has_keys(preferred[i].pod_affinity_term)) continue;
    merge_label_keys(terms.edit().preferred_during_scheduling_ignored_during_execution.edit()[i].pod_affinity_term, labels);
  }
}

bool wants_merge(const api::Affinity& a) {
  const auto any = [](const auto& terms) {
    if (!terms) return false;
    const auto& required = terms->required_during_scheduling_ignored_during_execution;
    const auto& preferred = terms->preferred_during_scheduling_ignored_during_execution;
    return std::any_of(required.begin(), required.end(), has_keys) ||
           std::any_of(preferred.begin(), preferred.end(), [](const auto& t) { return has_keys(t.pod_affinity_term); });
  };
  return any(a.pod_affinity) || any(a.pod_anti_affinity);
}

}  // namespace

const Str& spoken_name(const api::ObjectMeta& meta) { return meta.name.empty() ? meta.generate_name : meta.name; }

api::List<api::Toleration> default_tolerations() {
  api::List<api::Toleration> out;
  for (const std::string_view taint : {kTaintNotReady, kTaintUnreachable}) {
    api::Toleration t;
    t.key = taint;
    t.operator_ = "Exists";
    t.effect = "NoExecute";
    t.toleration_seconds = 300;
    out.push_back(std::move(t));
  }
  return out;
}

void add_tolerations(api::Pod& pod, const api::List<api::Toleration>& defaults) {
  if (pod.spec->tolerations.empty()) {
    pod.spec.edit().tolerations = defaults;
    return;
  }
  for (const api::Toleration& t : defaults) {
    if (!tolerates(*pod.spec, t.key)) pod.spec.edit().tolerations.push_back(t);
  }
}

bool is_better_priority_class(const Str& wanted, const api::PriorityClass& c, const api::PriorityClass* chosen) {
  if (!wanted.empty()) return c.metadata.name == wanted;
  return c.global_default && (!chosen || c.value < chosen->value);
}

Failure set_priority(api::Pod& pod, const api::PriorityClass* chosen) {
  const Str& wanted = pod.spec->priority_class_name;
  const Str& name = spoken_name(pod.metadata);
  if (!wanted.empty() && !chosen) {
    return forbidden(KindId::kPod, name,
                     base::cat("no PriorityClass with name ", wanted, " was found"));
  }
  const std::int32_t value = chosen ? chosen->value : 0;
  const Str policy = chosen ? chosen->preemption_policy.value_or("PreemptLowerPriority")
                            : Str("PreemptLowerPriority");
  if (pod.spec->priority && *pod.spec->priority != value) {
    return forbidden(
        KindId::kPod, name,
        base::cat("the integer value of priority (", std::to_string(*pod.spec->priority),
                  ") must not be provided in pod spec; priority admission controller computed ",
                  std::to_string(value), " from the given PriorityClass name"));
  }
  if (pod.spec->preemption_policy && !(*pod.spec->preemption_policy == policy)) {
    return forbidden(
        KindId::kPod, name,
        base::cat("the string value of PreemptionPolicy (", *pod.spec->preemption_policy,
                  ") must not be provided in pod spec; priority admission controller computed ",
                  policy, " from the given PriorityClass name"));
  }
  api::PodSpec& spec = pod.spec.edit();
  if (chosen) spec.priority_class_name = chosen->metadata.name;
  spec.priority = value;
  spec.preemption_policy = policy;
  return {};
}

void merge_affinity_label_keys(api::Pod& pod) {
  if (!pod.spec->affinity || !wants_merge(*pod.spec->affinity)) return;
  const api::Labels labels = pod.metadata.labels;
  api::Affinity& affinity = pod.spec.edit().affinity.edit();
  merge_terms(affinity.pod_affinity, labels);
  merge_terms(affinity.pod_anti_affinity, labels);
}

}  // namespace orrery::apiserver
