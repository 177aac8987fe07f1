// CostMeter: the memory that caches hold, and the CPU time that fan-out work owes. Small debts ride on the next request; a large one is
// spent on its own, and until it is, deliveries wait and gather into batches.
#pragma once
#include "model/env/environment.h"
#include "model/env/liveness.h"
#include "model/env/memory_account.h"

namespace orrery::apiserver {

class CostMeter {
 public:
  explicit CostMeter(env::Environment& env) : memory(env.compute, kBaseMemory, kMemoryFactor), env_(env) {}
  env::MemoryAccount memory;
  void owe(base::Nanos cpu) { owed_ += cpu; }
  /// What a request spends together with its own cost.
  base::Nanos take() { return std::exchange(owed_, 0); }
  /// True when deliveries may go on. False: `resume` of whoever asked first runs when the debt is
  /// spent.
  bool settled() const { return !paying_ && owed_ < kLimit; }
  void pay(base::UniqueFunction<void()> resume) {
    waiting_.push_back(std::move(resume));
    if (paying_) return;
    paying_ = true;
    env_.compute.spend(take(), [this, alive = live_.token()] {
      if (!alive.alive()) return;
      paying_ = false;
      std::vector<base::UniqueFunction<void()>> ready;
      ready.swap(waiting_);
      for (auto& r : ready) r();
    });
  }

 private:
  // An idle kube-apiserver 1.33 (an estimate), and its growth per encoded byte of what it caches: from a measured peak of
  // 1,340 MiB at 5,000 nodes and 10,000 pods, which with events are 14 MiB here (tests/scenarios/memory_factors_test.cc).
  static constexpr std::int64_t kBaseMemory = std::int64_t{250} << 20;
  static constexpr std::int64_t kMemoryFactor = 79;
  static constexpr base::Nanos kLimit = base::kMillisecond;
  env::Environment& env_;
  base::Nanos owed_ = 0;
  bool paying_ = false;
  std::vector<base::UniqueFunction<void()>> waiting_;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
