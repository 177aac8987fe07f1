#include "control/scheduler/explain/attempt_recorder.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

constexpr std::size_t kOthersNamed = 3;

}  // namespace

void AttemptRecorder::deciding(const Decision& d) {
  const api::ObjectMeta& meta = d.pod->meta();
  if (!concerns_(meta)) {
    if (others_.size() == kOthersNamed) return;
    std::string name = api::key_of(meta);
    if (std::find(others_.begin(), others_.end(), name) == others_.end()) others_.push_back(std::move(name));
    return;
  }
  times_.push_back(d.at);
  const bool wanted = only_ == 0 ? explained_.size() < kMostExplained : times_.size() == only_;
  if (!wanted) return;
  ExplainedAttempt& a = explained_.emplace_back();
  a.number = times_.size();
  a.at = d.at;
  a.pod.pod = d.pod;
  a.pod.scheduler_name = d.scheduler_name;
  a.pod.tie_break = d.memory.first_of_best ? "the one found first" : "drawn";
  if (d.given) a.pod.settled_on = d.given->name();
  a.explanation = explain(d.framework, d.snapshot, d.nominated, *d.pod, d.memory);
}

}  // namespace orrery::scheduler
