#include <algorithm>

#include "model/api/cron_schedule.h"
#include "model/api/validation/workload_validation.h"

namespace orrery::api {

namespace {

/// A Job's name is the CronJob's, "-" and minutes, and a label's value.
constexpr std::size_t kNameMax = 52;

void check_time_zone(const Str& zone, const FieldPath& path, ErrorList& errors) {
  const std::string_view text = zone;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' || c == '/';
  };
  if (text.empty()) return errors.invalid(path, text, "timeZone must be nil or non-empty string");
  if (text == "Local" || text == "local")
    return errors.invalid(path, text, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  if (!std::all_of(text.begin(), text.end(), allowed) || !TimeZone::find(text))
    errors.invalid(path, text, base::cat("unknown time zone ", text));
}

void check_schedule(const CronJobSpec& spec, const Str& old_schedule, const FieldPath& path, ErrorList& errors) {
  if (spec.schedule.empty()) return errors.required(path, "");
  const auto parsed = CronSchedule::parse(spec.schedule);
  if (!parsed.ok()) errors.invalid(path, spec.schedule, parsed.error().message);
  const bool has_zone = spec.schedule.view().find("TZ") != std::string_view::npos;
  const bool had_zone = old_schedule.view().find("TZ") != std::string_view::npos;
  if (has_zone && had_zone && spec.time_zone)
    errors.invalid(path, spec.schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
  else if (has_zone && !had_zone)
    errors.invalid(path, spec.schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
}

void check_cron_job_spec(const CronJobSpec& spec, const Str& old_schedule, ErrorList& errors) {
  const FieldPath path("spec"), job = path.child("jobTemplate", "spec");
  check_schedule(spec, old_schedule, path.child("schedule"), errors);
  if (spec.starting_deadline_seconds)
    check_non_negative(*spec.starting_deadline_seconds, path.child("startingDeadlineSeconds"), errors);
  if (spec.time_zone) check_time_zone(*spec.time_zone, path.child("timeZone"), errors);
  const Str& policy = spec.concurrency_policy;
  if (policy.empty()) errors.required(path.child("concurrencyPolicy"), "");
  else if (policy != "Allow" && policy != "Forbid" && policy != "Replace")
    errors.not_supported(path.child("concurrencyPolicy"), policy, {"Allow", "Forbid", "Replace"});
  check_job_template(spec.job_template.spec, job, errors);
  if (spec.job_template.spec.selector)
    errors.invalid(job.child("selector"), bad_struct("v1.LabelSelector"), "`selector` will be auto-generated");
  if (spec.job_template.spec.manual_selector.value_or(false))
    errors.not_supported(job.child("manualSelector"), true, {"nil", "false"});
  if (spec.successful_jobs_history_limit)
    check_non_negative(*spec.successful_jobs_history_limit, path.child("successfulJobsHistoryLimit"), errors);
  if (spec.failed_jobs_history_limit)
    check_non_negative(*spec.failed_jobs_history_limit, path.child("failedJobsHistoryLimit"), errors);
}

}  // namespace

void check_cron_job(const CronJob& cron_job, ErrorList& errors) {
  check_cron_job_spec(*cron_job.spec, {}, errors);
  const FieldPath meta("metadata");
  if (cron_job.metadata.name.size() > kNameMax)
    errors.invalid(meta.child("name"), cron_job.metadata.name, "must be no more than 52 characters");
}

void check_cron_job_update(const CronJob& old, const CronJob& next, ErrorList& errors) {
  if (!next.spec.shares(old.spec)) check_cron_job_spec(*next.spec, old.spec->schedule, errors);
}

}  // namespace orrery::api
