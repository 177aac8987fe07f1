#include "scenarios/batch/batch_run.h"

#include <algorithm>
#include <limits>

#include "model/base/check.h"

namespace orrery::scenarios::batch {
namespace {

using scheduler::batch::BatchState;
using scheduler::batch::Decision;
using scheduler::batch::RunningJob;
using scheduler::batch::WaitingJob;

constexpr Nanos kShortestRun = 10 * base::kSecond;

class Run {
 public:
  Run(const BatchTrace& trace, scheduler::batch::BatchPolicy& policy, const BatchOptions& options)
      : trace_(trace), policy_(policy), options_(options), free_(options.processors) {
    result_.jobs.resize(trace.jobs.size());
  }

  BatchResult go() {
    while (next_ < trace_.jobs.size() || !running_.empty()) {
      now_ = next_event();
      end_jobs();
      while (next_ < trace_.jobs.size() && trace_.jobs[next_].submitted == now_) arrive();
      if (!waiting_.empty()) decide();
    }
    ORRERY_CHECK(waiting_.empty(), "a batch policy starts every job in the end");
    return std::move(result_);
  }

 private:
  Nanos next_event() const {
    Nanos at = std::numeric_limits<Nanos>::max();
    if (next_ < trace_.jobs.size()) at = trace_.jobs[next_].submitted;
    for (const RunningJob& r : running_) at = std::min(at, result_.jobs[r.id].end);
    return at;
  }

  void end_jobs() {
    std::erase_if(running_, [this](const RunningJob& r) {
      if (result_.jobs[r.id].end > now_) return false;
      free_ += r.processors;
      return true;
    });
  }

  void arrive() {
    const BatchJob& j = trace_.jobs[next_];
    waiting_.push_back({static_cast<std::uint32_t>(next_), j.submitted, j.requested, j.processors});
    ++next_;
  }

  void decide() {
    ++result_.decisions;
    result_.waiting_seen += waiting_.size();
    const Decision d = policy_.decide({now_, free_, waiting_, running_});
    for (const std::uint32_t id : d.start) start(id);
    for (const auto& p : d.promises)
      if (!result_.jobs[p.id].promised) result_.jobs[p.id].promised = p.start;
  }

  void start(std::uint32_t id) {
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), [id](const WaitingJob& w) { return w.id == id; });
    ORRERY_CHECK(found != waiting_.end() && found->processors <= free_, "a batch policy starts waiting jobs that fit");
    free_ -= found->processors;
    running_.push_back({id, now_ + found->requested, found->processors});
    const BatchJob& j = trace_.jobs[id];
    JobOutcome& o = result_.jobs[id];
    o.start = now_;
    o.killed = options_.kill_at_request && j.run > j.requested;
    o.end = now_ + (o.killed ? j.requested : j.run);
    waiting_.erase(found);
  }

  const BatchTrace& trace_;
  scheduler::batch::BatchPolicy& policy_;
  const BatchOptions options_;
  std::int64_t free_;
  Nanos now_ = 0;
  std::size_t next_ = 0;
  std::vector<WaitingJob> waiting_;
  std::vector<RunningJob> running_;
  BatchResult result_;
};

/// Nearest rank of sorted values.
Nanos percentile(const std::vector<Nanos>& sorted, std::size_t percent) {
  return sorted[(sorted.size() * percent + 99) / 100 - 1];
}

}  // namespace

BatchResult batch_run(const BatchTrace& trace, scheduler::batch::BatchPolicy& policy, const BatchOptions& options) {
  for (const BatchJob& j : trace.jobs)
    ORRERY_CHECK(j.processors <= options.processors, "no job is larger than the machine");
  return Run(trace, policy, options).go();
}

BatchSummary summarize(const BatchTrace& trace, const BatchResult& result, const BatchOptions& options) {
  BatchSummary s;
  std::vector<Nanos> waits;
  double work = 0, slowdown = 0, wait_sum = 0;
  Nanos last = 0;
  for (std::size_t i = 0; i < trace.jobs.size(); ++i) {
    const JobOutcome& o = result.jobs[i];
    const Nanos wait = o.start - trace.jobs[i].submitted, run = o.end - o.start;
    waits.push_back(wait);
    wait_sum += static_cast<double>(wait);
    slowdown += std::max(1.0, static_cast<double>(wait + run) / static_cast<double>(std::max(run, kShortestRun)));
    work += static_cast<double>(run) * static_cast<double>(trace.jobs[i].processors);
    last = std::max(last, o.end);
    s.killed += o.killed;
    if (!o.promised) continue;
    ++s.promised;
    s.late += o.start > *o.promised;
    s.worst_slippage = std::max(s.worst_slippage, o.start - *o.promised);
  }
  if (waits.empty()) return s;
  std::sort(waits.begin(), waits.end());
  const double n = static_cast<double>(waits.size());
  s.makespan = last - trace.jobs.front().submitted;
  s.mean_wait = wait_sum / n;
  s.mean_bounded_slowdown = slowdown / n;
  s.median_wait = percentile(waits, 50);
  s.p90_wait = percentile(waits, 90);
  s.p99_wait = percentile(waits, 99);
  s.max_wait = waits.back();
  if (s.makespan > 0) s.utilization = work / (static_cast<double>(options.processors) * static_cast<double>(s.makespan));
  return s;
}

}  // namespace orrery::scenarios::batch
