#include "scenarios/bench/whole_queue.h"

#include <algorithm>
#include <utility>

namespace orrery::scenarios::bench {

using base::Nanos;

void StrictQueue::came(std::uint32_t pod) {
  held_[pod] = true;
  queue_.add(pod);
}

void StrictQueue::bound(std::uint32_t pod, Nanos) {
  held_[pod] = false;
  if (queue_.has(pod)) queue_.take_out([pod](std::uint32_t p) { return p == pod; });
}

std::vector<std::uint32_t> StrictQueue::release(Nanos) {
  std::vector<std::uint32_t> out;
  const std::vector<std::uint32_t>& waiting = queue_.all();
  for (const std::uint32_t p : waiting) {
    const bool same_gang = !pods_[p].gang.empty() && pods_[p].gang == pods_[waiting.front()].gang;
    if (p != waiting.front() && !same_gang) break;
    if (held_[p]) out.push_back(p);
    held_[p] = false;
  }
  return out;
}

BatchGate::BatchGate(const JobLog& log, scheduler::BatchRule rule) : log_(log), rule_(rule), jobs_(log.jobs.size()), reserved_(log.jobs.size()) {
  for (std::size_t j = 0; j < log.jobs.size(); ++j) {
    jobs_[j].first = static_cast<std::uint32_t>(job_of_.size());
    job_of_.insert(job_of_.end(), static_cast<std::size_t>(log.jobs[j].processors), static_cast<std::uint32_t>(j));
  }
  was_bound_.resize(job_of_.size());
  was_over_.resize(job_of_.size());
}

void BatchGate::came(std::uint32_t pod) {
  const std::uint32_t j = job_of_[pod];
  changed_ = true;
  if (jobs_[j].admitted >= 0) return again_.push_back(pod);
  ++jobs_[j].came;
  if (!waits(j)) return;
  // In the order of the log, whichever was created first.
  const auto at = std::find_if(queue_.begin(), queue_.end(), [j](const scheduler::QueuedJob& q) { return q.id > j; });
  queue_.insert(at, {j, log_.jobs[j].processors, log_.jobs[j].requested});
}

void BatchGate::bound(std::uint32_t pod, Nanos at) {
  Job& job = jobs_[job_of_[pod]];
  if (was_bound_[pod]) return;
  was_bound_[pod] = true;
  if (++job.bound == log_.jobs[job_of_[pod]].processors) job.started = at;
}

void BatchGate::over(std::uint32_t pod, Nanos at) {
  const std::uint32_t j = job_of_[pod];
  Job& job = jobs_[j];
  if (was_over_[pod]) return;
  was_over_[pod] = true;
  if (++job.over < log_.jobs[j].processors) return;
  job.ended = at;
  ++over_;
  changed_ = true;
  std::erase(running_, j);
}

std::vector<std::uint32_t> BatchGate::release(Nanos now) {
  std::vector<std::uint32_t> out = std::exchange(again_, {});
  if (std::exchange(changed_, false)) decide(now, out);
  return out;
}

void BatchGate::decide(Nanos now, std::vector<std::uint32_t>& out) {
  std::int64_t free = log_.processors;
  std::vector<scheduler::RunningJob> running;
  for (const std::uint32_t j : running_) {
    free -= log_.jobs[j].processors;
    running.push_back({log_.jobs[j].processors, jobs_[j].admitted + log_.jobs[j].requested});
  }
  const scheduler::BatchDecision d = scheduler::decide_batch(rule_, now, free, running, queue_);
  for (const std::uint32_t j : d.starts) {
    jobs_[j].admitted = now;
    running_.push_back(j);
    for (std::int64_t p = 0; p < log_.jobs[j].processors; ++p) out.push_back(jobs_[j].first + static_cast<std::uint32_t>(p));
  }
  std::erase_if(queue_, [this](const scheduler::QueuedJob& q) { return jobs_[q.id].admitted >= 0; });
  if (d.reservation) note_reservation(*d.reservation, reserved_[d.reservation->id]);
}

BatchRun BatchGate::outcome(Nanos now) const {
  BatchRun out;
  out.jobs = reserved_;
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    const Nanos submitted = log_.jobs[j].submitted;
    out.jobs[j].start = jobs_[j].started >= 0 ? jobs_[j].started : std::max(now, submitted);
    out.jobs[j].end = jobs_[j].ended >= 0 ? std::max(jobs_[j].ended, out.jobs[j].start) : std::max(now, out.jobs[j].start);
  }
  return out;
}

}  // namespace orrery::scenarios::bench
