#include "scenarios/bench/batch.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <tuple>

#include "model/base/hash.h"
#include "scenarios/bench/trace.h"
#include "scenarios/bench/waits.h"

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;

constexpr std::size_t kLinePoints = 400;

class BatchReplay {
 public:
  BatchReplay(const JobLog& log, scheduler::BatchRule rule, OverrunRule overrun)
      : log_(log), rule_(rule), overrun_(overrun), free_(log.processors) {
    out_.jobs.resize(log.jobs.size());
  }

  BatchRun run() {
    std::uint32_t next = 0;
    while (next < log_.jobs.size() || !ends_.empty()) {
      Nanos now = INT64_MAX;
      if (next < log_.jobs.size()) now = log_.jobs[next].submitted;
      if (!ends_.empty()) now = std::min(now, ends_.top().at);
      for (; !ends_.empty() && ends_.top().at == now; ends_.pop()) end(ends_.top().job);
      for (; next < log_.jobs.size() && log_.jobs[next].submitted == now; ++next) {
        queue_.push_back({next, log_.jobs[next].processors, log_.jobs[next].requested});
      }
      decide(now);
    }
    return std::move(out_);
  }

 private:
  struct End {
    Nanos at;
    std::uint32_t job;
    friend bool operator>(const End& a, const End& b) { return std::tie(a.at, a.job) > std::tie(b.at, b.job); }
  };

  void end(std::uint32_t job) {
    free_ += log_.jobs[job].processors;
    const auto at = std::find(running_ids_.begin(), running_ids_.end(), job) - running_ids_.begin();
    running_ids_.erase(running_ids_.begin() + at);
    running_.erase(running_.begin() + at);
  }

  void decide(Nanos now) {
    const scheduler::BatchDecision d = scheduler::decide_batch(rule_, now, free_, running_, queue_);
    for (const std::uint32_t id : d.starts) start(id, now);
    std::erase_if(queue_, [&](const scheduler::QueuedJob& q) { return out_.jobs[q.id].start >= 0; });
    if (d.reservation) note_reservation(*d.reservation, out_.jobs[d.reservation->id]);
  }

  void start(std::uint32_t id, Nanos now) {
    const LoggedJob& job = log_.jobs[id];
    const Nanos length = overrun_ == OverrunRule::kKill ? std::min(job.run, job.requested) : job.run;
    free_ -= job.processors;
    ORRERY_CHECK(free_ >= 0, "more processors are in use than there are");
    out_.jobs[id].start = now;
    out_.jobs[id].end = now + length;
    ends_.push({now + length, id});
    running_.push_back({job.processors, now + job.requested});
    running_ids_.push_back(id);
  }

  const JobLog& log_;
  scheduler::BatchRule rule_;
  OverrunRule overrun_;
  std::int64_t free_;
  std::vector<scheduler::QueuedJob> queue_;
  std::vector<scheduler::RunningJob> running_;
  std::vector<std::uint32_t> running_ids_;       // beside running_
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
  BatchRun out_;
};

/// Processors in use over time, as a line of at most kLinePoints.
Series usage_line(const JobLog& log, const BatchRun& run) {
  std::vector<std::pair<Nanos, std::int64_t>> changes;
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    changes.emplace_back(run.jobs[i].start, log.jobs[i].processors);
    changes.emplace_back(run.jobs[i].end, -log.jobs[i].processors);
  }
  std::sort(changes.begin(), changes.end());
  Series out{"processors in use, % of all", "days since the first submission", {}, {}};
  const Nanos first = log.jobs.front().submitted;
  const Nanos gap = std::max<Nanos>(1, (changes.back().first - first) / static_cast<Nanos>(kLinePoints));
  std::int64_t used = 0;
  std::size_t i = 0;
  for (Nanos at = first; at <= changes.back().first; at += gap) {
    for (; i < changes.size() && changes[i].first <= at; ++i) used += changes[i].second;
    out.x.push_back(in_seconds(at - first) / 86400);
    out.y.push_back(static_cast<double>(used) * 100 / static_cast<double>(log.processors));
  }
  return out;
}

}  // namespace

void note_reservation(const scheduler::Reservation& promise, JobOutcome& head) {
  if (head.reserved < 0) head.reserved = head.latest_promise = promise.at;
  head.latest_promise = std::min(head.latest_promise, promise.at);
}

BatchRun run_batch(const JobLog& log, scheduler::BatchRule rule, OverrunRule overrun) {
  return BatchReplay(log, rule, overrun).run();
}

void measure_batch(const JobLog& log, const BatchRun& run, OverrunRule overrun, RunRecord& out) {
  Waits waits;
  base::Digest digest;
  double slowdown = 0, work = 0, turnaround = 0;
  std::size_t slipped = 0, killed = 0, reserved = 0;
  Nanos worst = 0, last = 0;
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    const JobOutcome& o = run.jobs[i];
    const LoggedJob& job = log.jobs[i];
    const double wait = in_seconds(o.start - job.submitted), length = in_seconds(o.end - o.start);
    waits.add(o.start - job.submitted, true);
    slowdown += bounded_slowdown(wait + length, length);
    turnaround += wait + length;
    work += length * static_cast<double>(job.processors);
    killed += overrun == OverrunRule::kKill && job.run > job.requested;
    reserved += o.reserved >= 0;
    slipped += o.reserved >= 0 && o.start > o.latest_promise;
    if (o.reserved >= 0) worst = std::max(worst, o.start - o.latest_promise);
    last = std::max(last, o.end);
    digest.add(static_cast<std::uint64_t>(o.start));
    digest.add(static_cast<std::uint64_t>(o.end));
  }
  const auto n = static_cast<double>(run.jobs.size());
  const double horizon = in_seconds(last - log.jobs.front().submitted);
  auto& m = out.metrics;
  m.emplace_back("jobs", n);
  add_waits(out, "wait", waits);
  m.emplace_back("turnaround_mean_s", turnaround / n);
  m.emplace_back("bounded_slowdown_mean", slowdown / n);
  m.emplace_back("utilisation_pct", horizon > 0 ? work * 100 / (horizon * static_cast<double>(log.processors)) : 0);
  m.emplace_back("killed_jobs", static_cast<double>(killed));
  m.emplace_back("reservations", static_cast<double>(reserved));
  m.emplace_back("reservations_slipped", static_cast<double>(slipped));
  m.emplace_back("worst_slippage_s", in_seconds(worst));
  out.series.push_back(usage_line(log, run));
  out.notes = log.notes;
  out.notes.push_back(overrun == OverrunRule::kKill ? "jobs are killed at their requested time (overrun: kill)"
                                                    : "jobs run as long as they did (overrun: run-on); reservations may slip");
  out.notes.push_back("open load; no warm-up is cut; measured until the last job ends");
  out.digest = digest.value();
}

}  // namespace orrery::scenarios::bench
