#include "control/scheduler/batch/batch_policy.h"

#include <algorithm>
#include <array>

#include "control/scheduler/batch/availability.h"

namespace orrery::scheduler::batch {
namespace {

using Jobs = std::vector<WaitingJob>;

bool shorter(const WaitingJob& a, const WaitingJob& b) { return a.requested < b.requested; }

Jobs in_order(const BatchState& state, bool shortest_first) {
  Jobs jobs(state.waiting.begin(), state.waiting.end());
  if (shortest_first) std::stable_sort(jobs.begin(), jobs.end(), shorter);
  return jobs;
}

/// Starts jobs from the front while they fit; the number of those started.
std::size_t start_front(const Jobs& jobs, std::int64_t& free, Decision& out) {
  std::size_t n = 0;
  for (; n < jobs.size() && jobs[n].processors <= free; ++n) {
    free -= jobs[n].processors;
    out.start.push_back(jobs[n].id);
  }
  return n;
}

class InOrder final : public BatchPolicy {
 public:
  explicit InOrder(bool shortest_first) : shortest_first_(shortest_first) {}
  Decision decide(const BatchState& state) override {
    Decision out;
    std::int64_t free = state.free;
    start_front(in_order(state, shortest_first_), free, out);
    return out;
  }

 private:
  bool shortest_first_;
};

// The first job that does not fit gets the earliest time at which it will ("shadow time"). Another may start when it ends by
// then, or needs no more than what the first leaves free then ("extra processors").
class Easy final : public BatchPolicy {
 public:
  explicit Easy(bool shortest_first) : shortest_first_(shortest_first) {}
  Decision decide(const BatchState& state) override {
    Decision out;
    std::int64_t free = state.free;
    Jobs jobs = in_order(state, false);
    const std::size_t started = start_front(jobs, free, out);
    if (started == jobs.size()) return out;
    const WaitingJob head = jobs[started];
    Availability ahead(state);
    for (std::size_t i = 0; i < started; ++i) ahead.take(state.now, jobs[i].processors, jobs[i].requested);
    const Nanos shadow = ahead.earliest(head.processors, head.requested);
    std::int64_t extra = ahead.free_at(shadow) - head.processors;
    out.promises.push_back({head.id, shadow});
    jobs.erase(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(started) + 1);
    if (shortest_first_) std::stable_sort(jobs.begin(), jobs.end(), shorter);
    for (const WaitingJob& j : jobs) {
      const bool ends = state.now + j.requested <= shadow;
      if (j.processors > free || (!ends && j.processors > extra)) continue;
      free -= j.processors;
      if (!ends) extra -= j.processors;
      out.start.push_back(j.id);
    }
    return out;
  }

 private:
  bool shortest_first_;
};

class Conservative final : public BatchPolicy {
 public:
  Decision decide(const BatchState& state) override {
    Decision out;
    Availability ahead(state);
    for (const WaitingJob& j : state.waiting) {
      const Nanos start = ahead.earliest(j.processors, j.requested);
      ahead.take(start, j.processors, j.requested);
      if (start == state.now) out.start.push_back(j.id);
      else out.promises.push_back({j.id, start});
    }
    return out;
  }
};

constexpr std::array<std::string_view, 5> kPolicyNames{"fcfs", "sjf", "easy", "easy-sjbf", "conservative"};

}  // namespace

std::unique_ptr<BatchPolicy> make_batch_policy(std::string_view name) {
  if (name == "fcfs") return std::make_unique<InOrder>(false);
  if (name == "sjf") return std::make_unique<InOrder>(true);
  if (name == "easy") return std::make_unique<Easy>(false);
  if (name == "easy-sjbf") return std::make_unique<Easy>(true);
  if (name == "conservative") return std::make_unique<Conservative>();
  return nullptr;
}

std::span<const std::string_view> batch_policy_names() { return kPolicyNames; }

}  // namespace orrery::scheduler::batch
