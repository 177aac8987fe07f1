#include "scenarios/conform/envelope.h"

#include <algorithm>
#include <cstdlib>

namespace orrery::scenarios::conform {
namespace {

using Kind = Difference::Kind;

/// An extra transition this far from another one of the same kind is another matter.
constexpr Nanos kSameMoment = 10 * base::kSecond;
constexpr std::string_view kAttempt = "Warning FailedScheduling ";

}  // namespace

void Envelope::collect(const std::vector<Track>& tracks, Attempts& into) {
  for (const Track& t : tracks)
    for (const auto& [text, times] : t.events)
      if (t.resource == "pods" && text.starts_with(kAttempt)) {
        std::vector<Nanos>& all = into[base::cat("event ", text)];
        all.insert(all.end(), times.begin(), times.end());
      }
}

bool Envelope::covers_attempt(const Attempts& other, const Difference& d) {
  const auto it = other.find(d.field);
  return it != other.end() && std::any_of(it->second.begin(), it->second.end(),
                                          [&d](Nanos t) { return std::abs(t - d.t) < kSameMoment; });
}

void Envelope::add(const Comparison& comparison, const std::vector<Track>& simulated) {
  collect(simulated, simulated_attempts_);
  Run run;
  run.paired = comparison.paired;
  for (const Difference& d : comparison.differences) {
    if (!d.rule.empty()) continue;
    if (d.kind == Kind::kTiming) run.off[d.place()] = d.off;
    else if (d.kind == Kind::kMissing) run.off[d.place()] = std::nullopt;
    else if (d.track == kNoTrack) run.extra_groups.insert(d.group);
    else run.extra[{d.track, d.field, d.value}].push_back(d.t);
  }
  runs_.push_back(std::move(run));
}

bool Envelope::agrees_with_absence(const Run& run, const Difference& d) {
  if (d.track == kNoTrack) return !run.extra_groups.contains(d.group);
  if (!run.paired[d.track]) return false;
  const auto it = run.extra.find({d.track, d.field, d.value});
  return it == run.extra.end() || std::none_of(it->second.begin(), it->second.end(), [&d](Nanos t) {
           return std::abs(t - d.t) < kSameMoment;
         });
}

bool Envelope::covers_place(const Difference& d) const {
  Nanos first = INT64_MAX, last = INT64_MIN;
  for (const Run& run : runs_) {
    if (!run.paired[d.track]) continue;
    const auto it = run.off.find(d.place());
    const std::optional<Nanos> off = it == run.off.end() ? std::optional<Nanos>(0) : it->second;
    if (!off) continue;
    first = std::min(first, *off);
    last = std::max(last, *off);
  }
  return first <= last && first <= kPunctual && last >= -kPunctual;
}

bool Envelope::covers(const Difference& d) const {
  if (covers_attempt(d.kind == Kind::kExtra ? recorded_attempts_ : simulated_attempts_, d)) return true;
  if (d.kind != Kind::kExtra) return covers_place(d);
  return std::any_of(runs_.begin(), runs_.end(), [&d](const Run& run) { return agrees_with_absence(run, d); });
}

}  // namespace orrery::scenarios::conform
