#include <algorithm>

#include "model/api/validation/index_ranges.h"
#include "model/api/validation/meta_validation.h"
#include "model/api/validation/workload_validation.h"

namespace orrery::api {

namespace {

bool is_true(const JobStatus& status, std::string_view type) {
  return std::any_of(status.conditions.begin(), status.conditions.end(),
                     [type](const JobCondition& c) { return c.type == type && c.status == "True"; });
}

/// The conditions that matter, of one version of a job.
struct State {
  explicit State(const JobStatus& s)
      : complete(is_true(s, "Complete")),
        failed(is_true(s, "Failed")),
        failure_target(is_true(s, "FailureTarget")),
        success_criteria(is_true(s, "SuccessCriteriaMet")) {}
  bool finished() const { return complete || failed; }
  bool complete, failed, failure_target, success_criteria;
};

/// A step of a job's status. Most rules hold only when what they speak of changed, so that jobs stored by
/// older releases can still be written.
class Step {
 public:
  Step(const Job& old, const Job& next, ErrorList& errors)
      : spec_(*next.spec),
        old_(*old.status),
        next_(*next.status),
        before_(old_),
        after_(next_),
        errors_(errors) {}

  void check() {
    counters();
    uncounted();
    conditions();
    times();
    finished();
    indexes();
    ready();
    success_policy();
    transitions();
  }

 private:
  FieldPath at(const char* field) const { return path_.child(field); }
  void condition(bool wrong, std::string_view text) {
    if (wrong) errors_.invalid(at("conditions"), BadValue::raw(""), text);
  }

  void counters() {
    check_non_negative(next_.active, at("active"), errors_);
    check_non_negative(next_.succeeded, at("succeeded"), errors_);
    check_non_negative(next_.failed, at("failed"), errors_);
    check_non_negative(next_.ready.value_or(0), at("ready"), errors_);
    check_non_negative(next_.terminating.value_or(0), at("terminating"), errors_);
  }

  void uncounted() {
    if (!next_.uncounted_terminated_pods) return;
    const UncountedTerminatedPods& pods = *next_.uncounted_terminated_pods;
    const FieldPath path = path_.child("uncountedTerminatedPods");
    const auto check_list = [&](const List<Str>& list, const List<Str>* other, const char* name) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        const FieldPath item = path.child_at(name, i);
        const bool elsewhere = other && std::find(other->begin(), other->end(), list[i]) != other->end();
        if (list[i].empty()) errors_.invalid(item, list[i], "must not be empty");
        else if (elsewhere || repeats(list, i, [](const Str& s) { return s.view(); }))
          errors_.duplicate(item, list[i]);
      }
    };
    check_list(pods.succeeded, nullptr, "succeeded");
    check_list(pods.failed, &pods.succeeded, "failed");
  }

  void conditions() {
    const bool complete_changed = before_.complete != after_.complete;
    const bool failed_changed = before_.failed != after_.failed;
    const bool target_changed = before_.failure_target != after_.failure_target;
    const bool criteria_changed = before_.success_criteria != after_.success_criteria;
    condition((complete_changed || failed_changed) && after_.complete && after_.failed,
              "cannot set Complete=True and Failed=true conditions");
    condition((complete_changed || target_changed) && after_.complete && after_.failure_target,
              "cannot set Complete=True and FailureTarget=true conditions");
    condition((failed_changed || target_changed) && after_.failed && !after_.failure_target,
              "cannot set Failed=True condition without the FailureTarget=true condition");
    condition((complete_changed || criteria_changed) && after_.complete && !after_.success_criteria,
              "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
  }

  void times() {
    const Time start = next_.start_time, end = next_.completion_time;
    const bool end_changed = end != old_.completion_time;
    const bool ends = end_changed || before_.complete != after_.complete;
    if (ends && !end.is_zero() && !after_.complete)
      errors_.invalid(at("completionTime"), BadValue::raw(end.str()),
                      "cannot set completionTime when there is no Complete=True condition");
    if (ends && end.is_zero() && after_.complete)
      errors_.required(at("completionTime"), "completionTime is required for Complete jobs");
    const bool moved = end_changed || start != old_.start_time;
    if (moved && !start.is_zero() && !end.is_zero() && end < start)
      errors_.invalid(at("completionTime"), BadValue::raw(end.str()),
                      "completionTime cannot be set before startTime");
  }

  void finished() {
    const bool now = after_.finished();
    const bool changed = before_.finished() != now;
    if (!now) return;
    if ((changed || next_.active != old_.active) && next_.active > 0)
      errors_.invalid(at("active"), next_.active, "active>0 is invalid for finished job");
    const bool never_ran = spec_.suspend.value_or(false) && spec_.completions == 0;
    if ((changed || next_.start_time != old_.start_time) && next_.start_time.is_zero() && !never_ran)
      errors_.required(at("startTime"), "startTime is required for finished job");
    const auto& pods = next_.uncounted_terminated_pods;
    if ((changed || !same(pods, old_.uncounted_terminated_pods)) && pods &&
        !(pods->failed.empty() && pods->succeeded.empty()))
      errors_.invalid(at("uncountedTerminatedPods"), bad_struct("batch.UncountedTerminatedPods"),
                      "uncountedTerminatedPods needs to be empty for finished job");
    if ((changed || next_.terminating != old_.terminating) && next_.terminating.value_or(0) > 0)
      errors_.invalid(at("terminating"), *next_.terminating, "terminating>0 is invalid for finished job");
  }

  void indexes() {
    const bool completed_changed = next_.completed_indexes != old_.completed_indexes;
    const bool failed_changed = next_.failed_indexes != old_.failed_indexes;
    if (!completed_changed && !failed_changed) return;
    const bool indexed = spec_.completion_mode && *spec_.completion_mode == "Indexed";
    const std::int32_t completions = spec_.completions.value_or(INT32_MAX);
    const auto completed = IndexRanges::parse(next_.completed_indexes, completions);
    if (completed_changed && spec_.completions && !completed)
      errors_.invalid(at("completedIndexes"), next_.completed_indexes,
                      base::cat("error parsing completedIndexes: ", completed.error().message));
    if (completed_changed && !next_.completed_indexes.empty() && !indexed)
      errors_.invalid(at("completedIndexes"), next_.completed_indexes,
                      "cannot set non-empty completedIndexes when non-indexed completion mode");
    if (!next_.failed_indexes) return;
    const auto failed = IndexRanges::parse(*next_.failed_indexes, completions);
    if (failed_changed && !spec_.backoff_limit_per_index)
      errors_.invalid(at("failedIndexes"), *next_.failed_indexes,
                      "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
    else if (failed_changed && spec_.completions && !failed)
      errors_.invalid(at("failedIndexes"), *next_.failed_indexes,
                      base::cat("error parsing failedIndexes: ", failed.error().message));
    if (!spec_.completions || !completed || !failed) return;
    const std::int64_t both = completed->first_common(*failed);
    if (both >= 0)
      errors_.invalid(
          at("failedIndexes"), *next_.failed_indexes,
          base::cat("failedIndexes and completedIndexes overlap at index: ", std::to_string(both)));
  }

  void ready() {
    const bool changed = next_.ready != old_.ready || next_.active != old_.active;
    if (changed && next_.ready.value_or(0) > next_.active)
      errors_.invalid(at("ready"), *next_.ready, "cannot set more ready pods than active");
  }

  void success_policy() {
    condition(after_.success_criteria && after_.failed,
              "cannot set SuccessCriteriaMet=True and Failed=true conditions");
    condition(after_.success_criteria && after_.failure_target,
              "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
    condition(spec_.success_policy && !after_.success_criteria && after_.complete,
              "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
  }

  void transitions() {
    condition(before_.failed && !after_.failed, "cannot disable the terminal Failed=True condition");
    condition(before_.complete && !after_.complete, "cannot disable the terminal Complete=True condition");
    condition(before_.failure_target && !after_.failure_target,
              "cannot disable the terminal FailureTarget=True condition");
    if (next_.failed < old_.failed)
      errors_.invalid(at("failed"), next_.failed, "cannot decrease the failed counter");
    // An elastic indexed job can be scaled down.
    const bool elastic = spec_.completion_mode && *spec_.completion_mode == "Indexed" &&
                         spec_.completions == spec_.parallelism;
    if (!elastic && next_.succeeded < old_.succeeded)
      errors_.invalid(at("succeeded"), next_.succeeded, "cannot decrease the succeeded counter");
    const Time end = next_.completion_time;
    if (!end.is_zero() && !old_.completion_time.is_zero() && end != old_.completion_time)
      errors_.invalid(at("completionTime"), BadValue::raw(end.str()), "completionTime cannot be mutated");
    // A resumed job starts anew.
    const bool resumed = is_true(old_, "Suspended") && !is_true(next_, "Suspended");
    if (!resumed && !old_.start_time.is_zero() && next_.start_time != old_.start_time && !spec_.suspend.value_or(false))
      errors_.required(at("startTime"), "startTime cannot be removed for unsuspended job");
    condition(before_.success_criteria && !after_.success_criteria,
              "cannot disable the SuccessCriteriaMet=True condition");
    condition(before_.complete && !before_.success_criteria && after_.success_criteria,
              "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
  }

  const JobSpec& spec_;
  const JobStatus& old_;
  const JobStatus& next_;
  const State before_, after_;
  const FieldPath path_{"status"};
  ErrorList& errors_;
};

}  // namespace

void check_job_status_update(const Job& old, const Job& next, ErrorList& errors) {
  if (!next.status.shares(old.status)) Step(old, next, errors).check();
}

}  // namespace orrery::api
