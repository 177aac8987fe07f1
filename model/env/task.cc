#include "model/env/task.h"

#include <algorithm>

namespace orrery::env {

void Trampoline::drain() {
  running_ = true;
  while (true) {
    if (next_) {
      std::exchange(next_, nullptr).resume();
    } else if (!queue_.empty()) {
      const base::Ref<Waitable> w = std::move(queue_.front());
      queue_.pop_front();
      next_ = std::exchange(w->waiter, nullptr);
    } else {
      break;
    }
  }
  running_ = false;
  reap();
}

void Trampoline::reap() {
  while (!dead_.empty()) {
    const auto h = dead_.back();
    dead_.pop_back();
    h.destroy();
  }
}

void TaskScope::spawn(Task<void> task) {
  Root root = run(std::move(task));
  root.h.promise().scope = this;
  root.h.promise().trampoline = &trampoline_;
  live_.push_back(root.h);
  if (!trampoline_.running()) {
    trampoline_.resume(root.h);
    return;
  }
  auto start = base::make_ref<Waitable>();
  start->waiter = root.h;
  root.h.promise().start = start;
  trampoline_.ready(start);
}

void TaskScope::finished(std::coroutine_handle<Root::promise_type> h) {
  live_.erase(std::find(live_.begin(), live_.end(), h));
  trampoline_.bury(h);
}

void TaskScope::cancel_all() {
  while (!live_.empty()) {
    const auto h = live_.back();
    live_.pop_back();
    h.destroy();
  }
}

}  // namespace orrery::env
