// MemoryAccount: what the parts of one process hold, added up and declared to its machine.
#pragma once
#include "model/env/compute.h"

namespace orrery::env {

/// Declares `base` + `factor` * held bytes whenever that has moved by a mebibyte; a change costs an addition
/// and a comparison. `factor` turns encoded bytes into the memory of decoded objects with their garbage. One
/// per process: Compute keeps the last word.
class MemoryAccount {
 public:
  MemoryAccount(Compute& compute, std::int64_t base, std::int64_t factor)
      : compute_(compute), base_(base), factor_(factor) {
    compute_.set_memory(base_);
  }
  void add(std::int64_t bytes) { set(held_ + bytes); }
  void set(std::int64_t bytes) {
    held_ = bytes;
    const std::int64_t moved = (held_ - declared_) * factor_;
    if (moved < kStep && moved > -kStep) return;
    declared_ = held_;
    compute_.set_memory(base_ + held_ * factor_);
  }
  std::int64_t held() const { return held_; }

 private:
  static constexpr std::int64_t kStep = 1 << 20;
  Compute& compute_;
  std::int64_t base_, factor_;
  std::int64_t held_ = 0, declared_ = 0;
};

}  // namespace orrery::env
