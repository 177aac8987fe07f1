#include "scenarios/bench/omega.h"

#include <algorithm>
#include <deque>

#include "model/base/check.h"
#include "model/base/random.h"

namespace orrery::scenarios::bench {
namespace {

/// Events in the order that the header tells.
class Agenda {
 public:
  void add(double time, std::function<void()> action) {
    heap_.push_back({time, std::move(action)});
    for (std::size_t at = heap_.size() - 1; at > 0 && heap_[(at - 1) / 2].time > heap_[at].time; at = (at - 1) / 2) {
      std::swap(heap_[at], heap_[(at - 1) / 2]);
    }
  }
  bool empty() const { return heap_.empty(); }
  /// Carries the next event out and returns its time.
  double run_next(double& clock) {
    std::swap(heap_.front(), heap_.back());
    const Event next = std::move(heap_.back());
    heap_.pop_back();
    sink();
    clock = next.time;
    next.action();
    return next.time;
  }

 private:
  struct Event {
    double time;
    std::function<void()> action;
  };
  void sink() {
    for (std::size_t at = 0; 2 * at + 1 < heap_.size();) {
      std::size_t child = 2 * at + 1;
      if (child + 1 < heap_.size() && heap_[child + 1].time < heap_[child].time) ++child;
      if (heap_[at].time <= heap_[child].time) return;
      std::swap(heap_[at], heap_[child]);
      at = child;
    }
  }
  std::vector<Event> heap_;
};

constexpr int kTriesWithoutTask = 100, kTries = 1000;

class OmegaRun {
 public:
  OmegaRun(OmegaArchitecture architecture, const std::vector<OmegaJob>& jobs, OmegaCell cell, double think_job, double think_task,
           std::uint64_t seed)
      : architecture_(architecture), jobs_(jobs), cell_(std::move(cell)), private_(cell_), think_job_(think_job),
        think_task_(think_task), random_(base::stream_key(seed, "omega", "machines")), enqueued_(jobs.size()) {
    out_.jobs.resize(jobs.size());
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      out_.jobs[j].unplaced = jobs[j].tasks;
      after(jobs[j].submitted, [this, j] { enqueue(j); });
    }
  }

  OmegaOutcome run() {
    // The published simulator says that it has begun by an event of its own.
    after(0, [] {});
    while (!agenda_.empty()) out_.end = agenda_.run_next(now_);
    return std::move(out_);
  }

 private:
  void after(double delay, std::function<void()> action) { agenda_.add(now_ + delay, std::move(action)); }

  void enqueue(std::size_t job) {
    enqueued_[job] = now_;
    queue_.push_back(job);
    if (!thinking_) think();
  }

  void think() {
    if (queue_.empty()) return;
    thinking_ = true;
    const std::size_t job = queue_.front();
    queue_.pop_front();
    OmegaOutcome::Job& o = out_.jobs[job];
    if (o.attempts == 0) o.queued_until_first += now_ - enqueued_[job];
    if (architecture_ == OmegaArchitecture::kSharedState) private_ = cell_;
    const double time = think_job_ + think_task_ * o.unplaced;
    after(time, [this, job, time] { decide(job, time); });
  }

  void decide(std::size_t job, double time) {
    OmegaOutcome::Job& o = out_.jobs[job];
    ++o.attempts;
    if (architecture_ == OmegaArchitecture::kMonolithic) {
      const std::vector<OmegaClaim> claims = place(job, cell_);
      begin(job, claims);
      if (!claims.empty()) o.useful_think += time;
    } else if (const std::vector<OmegaClaim> claims = place(job, private_); !claims.empty()) {
      const OmegaCell::Commit commit = cell_.commit(claims);
      begin(job, commit.committed);
      (commit.conflicted.empty() ? o.useful_think : o.wasted_think) += time;
    }
    if (o.unplaced > 0) {
      o.abandoned = (o.attempts > kTriesWithoutTask && o.unplaced == jobs_[job].tasks) || o.attempts > kTries;
      if (!o.abandoned) after(1, [this, job] { enqueue(job); });
    }
    thinking_ = false;
    think();
  }

  /// Claims on machines drawn among those not found too full; they count in `cell`.
  std::vector<OmegaClaim> place(std::size_t job, OmegaCell& cell) {
    const OmegaJob& j = jobs_[job];
    if (pool_.empty()) {
      for (std::size_t m = 0; m < cell.size(); ++m) pool_.push_back(m);
    }
    std::vector<OmegaClaim> out;
    std::size_t left = pool_.size();
    for (int tasks = out_.jobs[job].unplaced; tasks > 0 && left > 0;) {
      const std::size_t at = random_.below(left);
      const std::size_t m = pool_[at];
      if (cell.free_cpu(m) >= j.cpu && cell.free_memory(m) >= j.memory) {
        out.push_back({m, cell.sequence(m), j.cpu, j.memory});
        cell.apply(out.back());
        --tasks;
      } else {
        std::swap(pool_[at], pool_[--left]);
      }
    }
    return out;
  }

  void begin(std::size_t job, const std::vector<OmegaClaim>& claims) {
    for (const OmegaClaim& c : claims) after(jobs_[job].duration, [this, c] { cell_.release(c); });
    out_.jobs[job].unplaced -= static_cast<int>(claims.size());
  }

  OmegaArchitecture architecture_;
  const std::vector<OmegaJob>& jobs_;
  OmegaCell cell_, private_;
  double think_job_, think_task_;
  base::RandomStream random_;
  Agenda agenda_;
  double now_ = 0;
  bool thinking_ = false;
  std::deque<std::size_t> queue_;
  std::vector<double> enqueued_;          // by job
  std::vector<std::size_t> pool_;         // machines, as the last draws left them
  OmegaOutcome out_;
};

}  // namespace

void OmegaCell::apply(const OmegaClaim& claim) {
  Machine& m = machines_[claim.machine];
  ORRERY_CHECK(m.cpu >= claim.cpu && m.memory >= claim.memory, "more of a machine is claimed than it has");
  m.cpu -= claim.cpu;
  m.memory -= claim.memory;
  ++m.sequence;
}

void OmegaCell::release(const OmegaClaim& claim) {
  machines_[claim.machine].cpu += claim.cpu;
  machines_[claim.machine].memory += claim.memory;
}

bool OmegaCell::conflicts(const OmegaClaim& claim) const {
  const Machine& m = machines_[claim.machine];
  return conflict_ == Conflict::kSequence ? claim.sequence != m.sequence : m.cpu < claim.cpu || m.memory < claim.memory;
}

OmegaCell::Commit OmegaCell::commit(const std::vector<OmegaClaim>& claims) {
  Commit out;
  for (const OmegaClaim& c : claims) {
    if (!conflicts(c)) {
      apply(c);
      out.committed.push_back(c);
      continue;
    }
    out.conflicted.push_back(c);
    if (!all_or_nothing_) continue;
    for (const OmegaClaim& back : out.committed) release(back);
    out.conflicted.insert(out.conflicted.end(), out.committed.begin(), out.committed.end());
    out.committed.clear();
    break;
  }
  return out;
}

OmegaOutcome run_omega(OmegaArchitecture architecture, const std::vector<OmegaJob>& jobs, OmegaCell cell, double think_job,
                       double think_task, std::uint64_t seed) {
  return OmegaRun(architecture, jobs, std::move(cell), think_job, think_task, seed).run();
}

double omega_percentile(std::vector<double> values, double p) {
  if (values.empty()) return -1;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * p)];
}

}  // namespace orrery::scenarios::bench
