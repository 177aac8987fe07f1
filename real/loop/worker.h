// Worker: one helper thread for calls that block. Its results come back through the loop.
#pragma once
#include <functional>
#include <memory>

#include "model/base/function.h"
#include "real/loop/loop.h"

namespace orrery::real {

/// Runs jobs one after another in the order given. Jobs see plain values only: counted handles stay on the logic thread.
class Worker {
 public:
  explicit Worker(Poster post);
  /// Finishes the jobs already given, then joins; their completions are dropped.
  ~Worker();
  /// `done` runs on the loop with what `job` returned.
  void run(std::function<int()> job, base::UniqueFunction<void(int)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::real
