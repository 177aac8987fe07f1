#include "scenarios/bench/last_attempts.h"

#include "model/base/str.h"
#include "scenarios/load/units.h"

namespace orrery::scenarios::bench {

LastAttempts::LastAttempts(const std::vector<NotablePod>& pods) {
  for (const NotablePod& p : pods) {
    attempts_[p.pod].all = p.attempts;
    by_key_ |= p.pod.find('/') != p.pod.npos;
  }
}

void LastAttempts::deciding(const scheduler::Decision& d) {
  auto found = attempts_.find(d.pod->meta().name.view());
  if (found == attempts_.end() && by_key_) found = attempts_.find(api::key_of(d.pod->meta()));
  if (found == attempts_.end()) return;
  Attempts& a = found->second;
  ++a.seen;
  if (a.seen != a.all) return;
  scheduler::AttemptRecorder recorder([](const api::ObjectMeta&) { return true; });
  recorder.deciding(d);
  const scheduler::ExplainedAttempt& last = recorder.explained().front();
  a.explanation = base::cat(attempt_title(a.all, a.all, last.at), "\n", scheduler::to_text(last.pod, last.explanation));
}

void LastAttempts::tell(std::vector<NotablePod>& pods) const {
  for (NotablePod& p : pods) p.explanation = attempts_.at(p.pod).explanation;
}

std::string attempt_title(std::size_t number, std::size_t of, base::Nanos at) {
  return base::cat("attempt ", std::to_string(number), " of ", std::to_string(of), at > 0 ? base::cat(", after ", format_duration(at)) : "");
}

}  // namespace orrery::scenarios::bench
