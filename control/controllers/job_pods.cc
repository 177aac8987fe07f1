#include "control/controllers/job_pods.h"

#include <algorithm>

namespace orrery::controllers {
namespace {

constexpr base::Nanos kBackoff = 10 * base::kSecond;
constexpr base::Nanos kMaxBackoff = 10 * base::kMinute;
constexpr std::size_t kMaxPrefix = 58;  // of a generated name
constexpr const char* kIndexVariable = "JOB_COMPLETION_INDEX";

std::int32_t count_annotation(const api::Pod& pod, const char* key) {
  const Str* text = pod.metadata.annotations.find(key);
  if (!text) return 0;
  const auto n = api::parse_decimal(*text);
  return n && *n >= 0 && *n <= INT32_MAX ? static_cast<std::int32_t>(*n) : 0;
}

std::optional<api::Time> containers_finished(const api::Pod& pod) {
  std::optional<api::Time> last;
  for (const api::ContainerStatus& c : pod.status->container_statuses) {
    if (!c.state.terminated || c.state.terminated->finished_at.is_zero()) return std::nullopt;
    last =
        std::max(last.value_or(c.state.terminated->finished_at), c.state.terminated->finished_at);
  }
  return last;
}

bool earlier(const PodHandle& a, const PodHandle& b) {
  return finished_time(*a) < finished_time(*b);
}

int phase_rank(const api::Pod& pod) {
  if (pod.status->phase == "Unknown") return 1;
  return pod.status->phase == "Running" ? 2 : 0;
}

std::int32_t restarts(const api::Pod& pod) {
  std::int32_t most = 0;
  for (const api::ContainerStatus& c : pod.status->container_statuses)
    most = std::max(most, c.restart_count);
  return most;
}

api::Time ready_since(const api::Pod& pod) {
  const api::PodCondition* c = api::find_condition(*pod.status, "Ready");
  return c && c->status == "True" ? c->last_transition_time : api::Time();
}

bool newer(api::Time a, api::Time b) {
  if (a.is_zero() || b.is_zero()) return a.is_zero() && !b.is_zero();
  return a > b;
}

/// ActivePods.Less: what is deleted first.
bool removed_before(const PodHandle& a, const PodHandle& b) {
  if (a->spec->node_name.empty() != b->spec->node_name.empty()) return a->spec->node_name.empty();
  if (phase_rank(*a) != phase_rank(*b)) return phase_rank(*a) < phase_rank(*b);
  const bool a_ready = client::is_pod_ready(*a), b_ready = client::is_pod_ready(*b);
  if (a_ready != b_ready) return !a_ready;
  if (a_ready && !(ready_since(*a) == ready_since(*b)))
    return newer(ready_since(*a), ready_since(*b));
  if (restarts(*a) != restarts(*b)) return restarts(*a) > restarts(*b);
  return newer(a->metadata.creation_timestamp, b->metadata.creation_timestamp);
}

void add_index_variable(base::List<api::Container>& containers) {
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const auto& env = containers[i].env;
    if (std::any_of(env.begin(), env.end(),
                    [](const api::EnvVar& e) { return e.name == kIndexVariable; }))
      continue;
    api::ObjectFieldSelector field;
    field.field_path = base::cat("metadata.labels['", kCompletionIndex, "']");
    api::EnvVarSource source;
    source.field_ref = field;
    api::EnvVar variable;
    variable.name = kIndexVariable;
    variable.value_from = source;
    containers.edit()[i].env.push_back(std::move(variable));
  }
}

}  // namespace

bool has_tracking_finalizer(const api::Pod& pod) {
  const auto& f = pod.metadata.finalizers;
  return std::any_of(f.begin(), f.end(), [](const Str& s) { return s == kJobTrackingFinalizer; });
}

int completion_index(const api::Pod& pod) {
  const Str* text = pod.metadata.annotations.find(kCompletionIndex);
  if (!text) return kNoIndex;
  const auto n = api::parse_decimal(*text);
  return n && *n >= 0 && *n <= INT32_MAX ? static_cast<int>(*n) : kNoIndex;
}

bool is_pod_failed(const api::Pod& pod, const api::Job& job) {
  if (pod.status->phase == "Failed") return true;
  if (replaces_failed_only(job)) return false;
  return pod.metadata.deleting() && !(pod.status->phase == "Succeeded");
}

api::Time finished_time(const api::Pod& pod) {
  if (const auto t = containers_finished(pod)) return *t;
  const api::PodCondition* ready = api::find_condition(*pod.status, "Ready");
  if (ready && ready->status == "False" && !ready->last_transition_time.is_zero())
    return ready->last_transition_time;
  if (pod.metadata.deleting()) {
    return api::Time(pod.metadata.deletion_timestamp.seconds -
                     pod.metadata.deletion_grace_period_seconds.value_or(0));
  }
  return pod.metadata.creation_timestamp;
}

BackoffRecord next_backoff(BackoffRecord record, std::vector<PodHandle> succeeded,
                           std::vector<PodHandle> failed) {
  std::stable_sort(succeeded.begin(), succeeded.end(), earlier);
  std::stable_sort(failed.begin(), failed.end(), earlier);
  if (succeeded.empty()) {
    if (failed.empty()) return record;
    return {record.failures + static_cast<std::int32_t>(failed.size()),
            finished_time(*failed.back())};
  }
  BackoffRecord fresh;
  const api::Time last_success = finished_time(*succeeded.back());
  for (auto it = failed.rbegin(); it != failed.rend() && finished_time(**it) > last_success; ++it) {
    if (fresh.failures == 0) fresh.last = finished_time(**it);
    ++fresh.failures;
  }
  return fresh;
}

base::Nanos remaining_backoff(std::int32_t failures, api::Time last, base::Instant wall) {
  if (failures == 0) return 0;
  base::Nanos delay = kBackoff;
  for (std::int32_t i = 1; i < failures && delay < kMaxBackoff; ++i)
    delay = std::min(2 * delay, kMaxBackoff);
  return std::max<base::Nanos>(0, delay - (wall - last.instant()));
}

std::int32_t index_failures(const api::Pod& pod) {
  return count_annotation(pod, kIndexFailureCount);
}
std::int32_t index_ignored_failures(const api::Pod& pod) {
  return count_annotation(pod, kIndexIgnoredFailureCount);
}

void sort_by_index(std::vector<PodHandle>& pods) {
  std::stable_sort(pods.begin(), pods.end(), [](const PodHandle& a, const PodHandle& b) {
    return completion_index(*a) < completion_index(*b);
  });
}

std::vector<PodHandle> pods_for_removal(const api::Job& job, std::vector<PodHandle> active,
                                        int at_least) {
  std::vector<PodHandle> remove, left;
  if (is_indexed(job)) {
    sort_by_index(active);
    for (std::size_t i = 0; i < active.size();) {
      const int index = completion_index(*active[i]);
      std::size_t end = i + 1;
      while (end < active.size() && completion_index(*active[end]) == index) ++end;
      std::vector<PodHandle> same(active.begin() + static_cast<std::ptrdiff_t>(i),
                                  active.begin() + static_cast<std::ptrdiff_t>(end));
      if (index != kNoIndex && index < *job.spec->completions) {
        std::stable_sort(same.begin(), same.end(), removed_before);
        left.push_back(same.back());
        same.pop_back();
      }
      remove.insert(remove.end(), same.begin(), same.end());
      i = end;
    }
  } else {
    left = std::move(active);
  }
  std::stable_sort(left.begin(), left.end(), removed_before);
  for (const PodHandle& pod : left) {
    if (static_cast<int>(remove.size()) >= at_least) break;
    remove.push_back(pod);
  }
  return remove;
}

api::Pod job_pod(const api::Job& job, const api::Object& owner, int index,
                 const api::Pod* replaced) {
  api::Pod pod = client::pod_from_template(job.spec->template_, owner);
  if (!has_tracking_finalizer(pod)) pod.metadata.finalizers.push_back(kJobTrackingFinalizer);
  if (index == kNoIndex) return pod;
  const std::string number = std::to_string(index);
  pod.metadata.annotations.set(kCompletionIndex, number);
  pod.metadata.labels.set(kCompletionIndex, number);
  const std::string suffix = base::cat("-", number, "-");
  const std::string_view name = job.metadata.name.view();
  pod.metadata.generate_name =
      base::cat(name.substr(0, kMaxPrefix - std::min(kMaxPrefix, suffix.size())), suffix);
  api::PodSpec& spec = pod.spec.edit();
  spec.hostname = base::cat(name, "-", number);
  add_index_variable(spec.init_containers);
  add_index_variable(spec.containers);
  if (!job.spec->backoff_limit_per_index) return pod;
  std::int32_t counted = 0, ignored = 0;
  if (replaced) {
    counted = index_failures(*replaced);
    ignored = index_ignored_failures(*replaced);
    if (match_failure_policy(job, *replaced).counts) ++counted;
    else ++ignored;
  }
  pod.metadata.annotations.set(kIndexFailureCount, std::to_string(counted));
  if (ignored > 0) pod.metadata.annotations.set(kIndexIgnoredFailureCount, std::to_string(ignored));
  return pod;
}

}  // namespace orrery::controllers
