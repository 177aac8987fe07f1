// run_all: several tasks at once, awaited together.
#pragma once
#include <vector>

#include "model/env/environment.h"

namespace orrery::controllers {

namespace detail {

struct Countdown {
  std::size_t left = 0;
  std::optional<env::Resolver<bool>> finished;
};

inline env::Task<> counted(env::Task<> task, Countdown* countdown) {
  co_await task;
  if (--countdown->left == 0) (*countdown->finished)(true);
}

}  // namespace detail

/// Completes when all have. They start in order; their steps interleave. Cancelled with the awaiting task.
inline env::Task<> run_all(env::Environment& env, std::vector<env::Task<>> tasks) {
  if (tasks.empty()) co_return;
  detail::Countdown countdown;
  auto [future, resolver] = env::make_future<bool>(env.trampoline);
  countdown.left = tasks.size();
  countdown.finished.emplace(std::move(resolver));
  env::TaskScope scope(env.trampoline);
  for (env::Task<>& task : tasks) scope.spawn(detail::counted(std::move(task), &countdown));
  co_await future;
}

}  // namespace orrery::controllers
