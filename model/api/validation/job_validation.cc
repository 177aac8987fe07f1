#include <algorithm>

#include "model/api/validation/index_ranges.h"
#include "model/api/validation/pod_validation.h"
#include "model/api/validation/workload_validation.h"

namespace orrery::api {

namespace {

constexpr std::int32_t kIndexedParallelismMax = 100'000;
constexpr std::int32_t kFailedIndexesMax = 100'000;
constexpr std::int32_t kCompletionsSoftLimit = 100'000;
constexpr std::int32_t kHighCompletionsLimit = 10'000;
constexpr std::size_t kRulesMax = 20;
constexpr std::size_t kExitCodesMax = 255;
constexpr std::size_t kManagedByMax = 63;
constexpr std::size_t kSucceededIndexesMax = 64 * 1024;
constexpr std::string_view kIndexedOnly = "requires indexed completion mode";

bool is_indexed(const JobSpec& spec) { return spec.completion_mode && *spec.completion_mode == "Indexed"; }

void check_has_label(const Map<Str>& labels, std::string_view key, const Str& expected, const FieldPath& path,
                     ErrorList& errors) {
  const Str* value = labels.find(key);
  if (value && *value == expected) return;
  const FieldPath at = path.child_key("labels", key);
  const std::string text = base::cat("must be '", expected, "'");
  if (value) errors.invalid(at, bad_map(labels), text);
  else errors.required(at, text);
}

/// Unless the user chose the selector, it is by the uid of the job.
void check_generated_selector(const Job& job, ErrorList& errors) {
  const JobSpec& spec = *job.spec;
  if (spec.manual_selector.value_or(false) || !spec.selector) return;
  const FieldPath meta("metadata"), path("spec");
  if (job.metadata.uid.empty()) errors.required(meta.child("uid"), "");
  const FieldPath labels = path.child("template", "metadata");
  Map<Str> expected;
  for (const char* key : {"controller-uid", "batch.kubernetes.io/controller-uid"}) {
    check_has_label(spec.template_.metadata.labels, key, job.metadata.uid, labels, errors);
    expected.set(key, job.metadata.uid);
  }
  for (const char* key : {"job-name", "batch.kubernetes.io/job-name"}) {
    check_has_label(spec.template_.metadata.labels, key, job.metadata.name, labels, errors);
    expected.set(key, job.metadata.name);
  }
  if (!selector_matches(spec.selector.get(), expected))
    errors.invalid(path.child("selector"), bad_struct("v1.LabelSelector"), "`selector` not auto-generated");
}

template <class T>
void check_optional(const std::optional<T>& value, const char* name, const FieldPath& path,
                    ErrorList& errors) {
  if (value && *value < 0) errors.invalid(path.child(name), *value, kNegativeText);
}

void check_numbers(const JobSpec& spec, const FieldPath& path, ErrorList& errors) {
  check_optional(spec.parallelism, "parallelism", path, errors);
  check_optional(spec.completions, "completions", path, errors);
  check_optional(spec.active_deadline_seconds, "activeDeadlineSeconds", path, errors);
  check_optional(spec.backoff_limit, "backoffLimit", path, errors);
  check_optional(spec.ttl_seconds_after_finished, "ttlSecondsAfterFinished", path, errors);
  check_optional(spec.backoff_limit_per_index, "backoffLimitPerIndex", path, errors);
  check_optional(spec.max_failed_indexes, "maxFailedIndexes", path, errors);
  if (spec.max_failed_indexes && !spec.backoff_limit_per_index)
    errors.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
}

/// DOMAIN/PATH
void check_managed_by(const Str& managed_by, const FieldPath& path, ErrorList& errors) {
  const std::string_view text = managed_by;
  const std::size_t slash = text.find('/');
  if (text.empty()) {
    errors.required(path, "");
  } else if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
    errors.invalid(path, text, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  } else {
    check_subdomain(text.substr(0, slash), path, errors);
  }
  if (text.size() > kManagedByMax) errors.too_long(path, kManagedByMax);
}

void check_high_completions(const JobSpec& spec, const FieldPath& path, ErrorList& errors) {
  constexpr std::string_view kText =
      "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per "
      "index";
  if (!spec.completions || *spec.completions <= kCompletionsSoftLimit || !spec.backoff_limit_per_index)
    return;
  if (!spec.max_failed_indexes)
    errors.required(path.child("maxFailedIndexes"), "must be specified when completions is above 100000");
  if (spec.parallelism.value_or(0) > kHighCompletionsLimit)
    errors.invalid(path.child("parallelism"), *spec.parallelism, kText);
  if (spec.max_failed_indexes.value_or(0) > kHighCompletionsLimit)
    errors.invalid(path.child("maxFailedIndexes"), *spec.max_failed_indexes, kText);
}

void check_completion_mode(const JobSpec& spec, const FieldPath& path, ErrorList& errors) {
  if (spec.completion_mode && *spec.completion_mode != "Indexed" && *spec.completion_mode != "NonIndexed")
    errors.not_supported(path.child("completionMode"), *spec.completion_mode, {"NonIndexed", "Indexed"});
  const auto& failed = spec.max_failed_indexes;
  if (is_indexed(spec)) {
    if (!spec.completions) errors.required(path.child("completions"), "when completion mode is Indexed");
    if (spec.parallelism.value_or(0) > kIndexedParallelismMax)
      errors.invalid(path.child("parallelism"), *spec.parallelism,
                     "must be less than or equal to 100000 when completion mode is Indexed");
    if (failed && spec.completions && *failed > *spec.completions)
      errors.invalid(path.child("maxFailedIndexes"), *failed, "must be less than or equal to completions");
    if (failed.value_or(0) > kFailedIndexesMax)
      errors.invalid(path.child("maxFailedIndexes"), *failed, "must be less than or equal to 100000");
    check_high_completions(spec, path, errors);
  } else if (!spec.completion_mode || *spec.completion_mode == "NonIndexed") {
    if (spec.backoff_limit_per_index)
      errors.invalid(path.child("backoffLimitPerIndex"), *spec.backoff_limit_per_index, kIndexedOnly);
    if (failed) errors.invalid(path.child("maxFailedIndexes"), *failed, kIndexedOnly);
  }
}

void check_exit_codes(const PodFailurePolicyOnExitCodesRequirement& codes, const PodSpec& pod,
                      const FieldPath& path, ErrorList& errors) {
  if (codes.operator_.empty()) errors.required(path.child("operator"), "valid values: [\"In\" \"NotIn\"]");
  else if (codes.operator_ != "In" && codes.operator_ != "NotIn")
    errors.not_supported(path.child("operator"), codes.operator_, {"In", "NotIn"});
  const auto named = [&](const Container& c) { return c.name == *codes.container_name; };
  if (codes.container_name && std::none_of(pod.containers.begin(), pod.containers.end(), named) &&
      std::none_of(pod.init_containers.begin(), pod.init_containers.end(), named))
    errors.invalid(path.child("containerName"), *codes.container_name,
                   "must be one of the container or initContainer names in the pod template");
  const FieldPath values = path.child("values");
  if (codes.values.empty())
    errors.invalid(values, BadValue::raw("[]int32{}"), "at least one value is required");
  else if (codes.values.size() > kExitCodesMax)
    errors.too_many(values, static_cast<std::int64_t>(codes.values.size()), kExitCodesMax);
  for (std::size_t i = 0; i < codes.values.size(); ++i) {
    if (codes.operator_ == "In" && codes.values[i] == 0)
      errors.invalid(values.index(i), 0, "must not be 0 for the In operator");
    if (repeats(codes.values, i, [](std::int32_t v) { return v; }))
      errors.duplicate(values.index(i), codes.values[i]);
  }
  if (!std::is_sorted(codes.values.begin(), codes.values.end()))
    errors.invalid(values, BadValue::raw("[]int32{...}"), "must be ordered");
}

void check_pod_conditions(const List<PodFailurePolicyOnPodConditionsPattern>& patterns, const FieldPath& path,
                          ErrorList& errors) {
  if (patterns.size() > kRulesMax)
    errors.too_many(path, static_cast<std::int64_t>(patterns.size()), kRulesMax);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const FieldPath at = path.index(i);
    const Str& status = patterns[i].status;
    check_qualified_name(patterns[i].type, at.child("type"), errors);
    if (status.empty()) errors.required(at.child("status"), "valid values: [\"False\" \"True\" \"Unknown\"]");
    else if (status != "True" && status != "False" && status != "Unknown")
      errors.not_supported(at.child("status"), status, {"False", "True", "Unknown"});
  }
}

void check_failure_rule(const JobSpec& spec, const PodFailurePolicyRule& rule, const FieldPath& path,
                        ErrorList& errors) {
  const FieldPath action = path.child("action");
  if (rule.action.empty()) {
    errors.required(action, "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
  } else if (rule.action == "FailIndex") {
    if (!spec.backoff_limit_per_index)
      errors.invalid(action, rule.action, "requires the backoffLimitPerIndex to be set");
  } else if (rule.action != "Count" && rule.action != "FailJob" && rule.action != "Ignore") {
    errors.not_supported(action, rule.action, {"Count", "FailIndex", "FailJob", "Ignore"});
  }
  const bool conditions = !rule.on_pod_conditions.empty();
  if (rule.on_exit_codes)
    check_exit_codes(*rule.on_exit_codes, *spec.template_.spec, path.child("onExitCodes"), errors);
  if (conditions) check_pod_conditions(rule.on_pod_conditions, path.child("onPodConditions"), errors);
  if (rule.on_exit_codes.has_value() == conditions)
    errors.invalid(path, BadValue::raw(""),
                   conditions ? "specifying both OnExitCodes and OnPodConditions is not supported"
                              : "specifying one of OnExitCodes and OnPodConditions is required");
}

void check_failure_policy(const JobSpec& spec, const FieldPath& path, ErrorList& errors) {
  const auto& rules = spec.pod_failure_policy->rules;
  const FieldPath at = path.child("podFailurePolicy", "rules");
  if (rules.size() > kRulesMax) errors.too_many(at, static_cast<std::int64_t>(rules.size()), kRulesMax);
  for (std::size_t i = 0; i < rules.size(); ++i) check_failure_rule(spec, rules[i], at.index(i), errors);
}

void check_success_rule(const JobSpec& spec, const SuccessPolicyRule& rule, const FieldPath& path,
                        ErrorList& errors) {
  const std::int32_t completions = spec.completions.value_or(0);
  if (!rule.succeeded_count && !rule.succeeded_indexes)
    errors.required(path, "at least one of succeededCount or succeededIndexes must be specified");
  std::int64_t total = 0;
  if (rule.succeeded_indexes) {
    const FieldPath at = path.child("succeededIndexes");
    if (rule.succeeded_indexes->size() > kSucceededIndexesMax) errors.too_long(at, kSucceededIndexesMax);
    const auto ranges = IndexRanges::parse(*rule.succeeded_indexes, completions);
    if (ranges) total = ranges->count();
    else
      errors.invalid(at, *rule.succeeded_indexes,
                     base::cat("error parsing succeededIndexes: ", ranges.error().message));
  }
  if (!rule.succeeded_count) return;
  const FieldPath at = path.child("succeededCount");
  const std::int32_t count = *rule.succeeded_count;
  check_non_negative(count, at, errors);
  if (count > completions)
    errors.invalid(at, count,
                   base::cat("must be less than or equal to ", std::to_string(completions),
                             " (the number of specified completions)"));
  if (rule.succeeded_indexes && count > total)
    errors.invalid(at, count,
                   base::cat("must be less than or equal to ", std::to_string(total),
                             " (the number of indexes in the specified succeededIndexes field)"));
}

void check_success_policy(const JobSpec& spec, const FieldPath& path, ErrorList& errors) {
  const FieldPath at = path.child("successPolicy");
  if (!is_indexed(spec)) return errors.invalid(at, bad_struct("batch.SuccessPolicy"), kIndexedOnly);
  const FieldPath rules = at.child("rules");
  const std::size_t n = spec.success_policy->rules.size();
  if (n == 0)
    errors.required(rules, "at least one rules must be specified when the successPolicy is specified");
  if (n > kRulesMax) errors.too_many(rules, static_cast<std::int64_t>(n), kRulesMax);
  for (std::size_t i = 0; i < n; ++i)
    check_success_rule(spec, spec.success_policy->rules[i], rules.index(i), errors);
}

void check_replacement(const JobSpec& spec, const FieldPath& path, ErrorList& errors) {
  if (!spec.pod_replacement_policy || *spec.pod_replacement_policy == "Failed") return;
  const FieldPath at = path.child("podReplacementPolicy");
  const Str& policy = *spec.pod_replacement_policy;
  if (spec.pod_failure_policy) errors.not_supported(at, policy, {"Failed"});
  else if (policy != "TerminatingOrFailed")
    errors.not_supported(at, policy, {"Failed", "TerminatingOrFailed"});
}

void check_restart_policy(const JobSpec& spec, const FieldPath& path, ErrorList& errors) {
  const FieldPath pod = path.child("template", "spec");
  const FieldPath at = pod.child("restartPolicy");
  const Str& policy = spec.template_.spec->restart_policy;
  if (policy.empty() || policy == "Always") errors.required(at, "valid values: \"OnFailure\", \"Never\"");
  else if (policy != "OnFailure" && policy != "Never")
    errors.not_supported(at, policy, {"OnFailure", "Never"});
  else if (spec.pod_failure_policy && policy != "Never")
    errors.invalid(at, policy, "only \"Never\" is supported when podFailurePolicy is specified");
}

void check_job_spec(const JobSpec& spec, ErrorList& errors) {
  const FieldPath path("spec");
  check_job_template(spec, path, errors);
  const std::size_t before = errors.size();
  if (!spec.selector) errors.required(path.child("selector"), "");
  check_label_selector(spec.selector.get(), path.child("selector"), errors);
  const bool sound = errors.size() == before || !spec.selector;
  if (!sound || selector_matches(spec.selector.get(), spec.template_.metadata.labels)) return;
  const FieldPath meta = path.child("template", "metadata");
  errors.invalid(meta.child("labels"), bad_map(spec.template_.metadata.labels),
                 "`selector` does not match template `labels`");
}

/// Jobs that are suspended and never started may still be placed elsewhere.
void check_template_update(const Job& old, const Job& next, const FieldPath& path, ErrorList& errors) {
  const JobSpec& before = *old.spec;
  const JobSpec& after = *next.spec;
  const bool placeable = before.suspend.value_or(false) && old.status->start_time.is_zero();
  PodTemplateSpec munged = after.template_;
  if (placeable) {
    PodSpec& spec = munged.spec.edit();
    const PodSpec& was = *before.template_.spec;
    if (spec.affinity || was.affinity) {
      spec.affinity.edit().node_affinity = was.affinity ? was.affinity->node_affinity : Box<NodeAffinity>();
      if (!was.affinity && same(*spec.affinity, Affinity())) spec.affinity.reset();
    }
    spec.node_selector = was.node_selector;
    spec.tolerations = was.tolerations;
    spec.scheduling_gates = was.scheduling_gates;
    munged.metadata.annotations = before.template_.metadata.annotations;
    munged.metadata.labels = before.template_.metadata.labels;
  }
  if (!same(munged, before.template_))
    errors.invalid(path.child("template"), bad_struct("core.PodTemplateSpec"), kImmutableText);
}

void check_completions_update(const JobSpec& old, const JobSpec& next, const FieldPath& path,
                              ErrorList& errors) {
  if (old.completions == next.completions) return;
  const FieldPath at = path.child("completions");
  const BadValue value = next.completions ? BadValue(*next.completions) : BadValue::null();
  if (!is_indexed(next)) return errors.invalid(at, value, kImmutableText);
  if (next.completions && next.completions != next.parallelism)
    errors.invalid(at, value, "can only be modified in tandem with spec.parallelism");
}

}  // namespace

void check_job_template(const JobSpec& spec, const FieldPath& path, ErrorList& errors) {
  check_numbers(spec, path, errors);
  if (spec.managed_by) check_managed_by(*spec.managed_by, path.child("managedBy"), errors);
  check_completion_mode(spec, path, errors);
  if (spec.pod_failure_policy) check_failure_policy(spec, path, errors);
  if (spec.success_policy) check_success_policy(spec, path, errors);
  check_replacement(spec, path, errors);
  check_pod_template(spec.template_, path.child("template"), errors);
  check_restart_policy(spec, path, errors);
}

void check_job(const Job& job, ErrorList& errors) {
  check_generated_selector(job, errors);
  check_job_spec(*job.spec, errors);
  const JobSpec& spec = *job.spec;
  if (!is_indexed(spec) || spec.completions.value_or(0) <= 0) return;
  const std::string hostname = base::cat(job.metadata.name, "-", std::to_string(*spec.completions - 1));
  if (validate_dns1123_label(hostname).empty()) return;
  const FieldPath meta("metadata");
  errors.invalid(meta.child("name"), job.metadata.name,
                 base::cat("will not able to create pod with invalid DNS label: ", hostname));
}

void check_job_update(const Job& old, const Job& next, ErrorList& errors) {
  if (next.spec.shares(old.spec)) return;
  const JobSpec& before = *old.spec;
  const JobSpec& after = *next.spec;
  const FieldPath path("spec");
  check_job_spec(after, errors);
  check_completions_update(before, after, path, errors);
  check_same_selector(before.selector, after.selector, errors);
  check_template_update(old, next, path, errors);
  const auto fixed = [&](const auto& was, const auto& is, const char* name, auto value) {
    if (!same(was, is)) errors.invalid(path.child(name), value(is), kImmutableText);
  };
  const auto scalar = [](const auto& v) { return v ? BadValue(*v) : BadValue::null(); };
  fixed(before.completion_mode, after.completion_mode, "completionMode", scalar);
  fixed(before.pod_failure_policy, after.pod_failure_policy, "podFailurePolicy",
        [](const auto&) { return bad_struct("batch.PodFailurePolicy"); });
  fixed(before.backoff_limit_per_index, after.backoff_limit_per_index, "backoffLimitPerIndex", scalar);
  fixed(before.managed_by, after.managed_by, "managedBy", scalar);
  fixed(before.success_policy, after.success_policy, "successPolicy",
        [](const auto&) { return bad_struct("batch.SuccessPolicy"); });
}

}  // namespace orrery::api
