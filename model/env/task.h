// Task<T>: a coroutine of one process. Lazily started, resumed through the process's Trampoline so that neither long
// chains of ready awaits nor deep nesting use the machine stack.
#pragma once
#include <coroutine>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "model/base/check.h"
#include "model/base/ref.h"
#include "model/env/clock.h"

namespace orrery::env {

class TaskScope;

/// Something a task waits for; see Future.
struct Waitable : base::RefCounted {
  virtual ~Waitable() = default;
  std::coroutine_handle<> waiter;
};

/// Runs ready coroutines one after another until none is left. One per process incarnation.
class Trampoline {
 public:
  Trampoline() = default;
  Trampoline(const Trampoline&) = delete;
  Trampoline& operator=(const Trampoline&) = delete;
  ~Trampoline() { reap(); }
  /// Resumes `h` now when nothing runs, else after what runs has suspended.
  void resume(std::coroutine_handle<> h) {
    ORRERY_CHECK(!running_, "resume from inside a task");
    next_ = h;
    drain();
  }
  /// Queues the waiter of `w`; it is skipped when the waiter has been destroyed meanwhile.
  void ready(base::Ref<Waitable> w) {
    queue_.push_back(std::move(w));
    if (!running_) drain();
  }
  /// The coroutine to run as soon as the current one has suspended.
  void transfer(std::coroutine_handle<> h) { next_ = h; }
  bool running() const { return running_; }

 private:
  friend class TaskScope;
  void drain();
  void reap();
  void bury(std::coroutine_handle<> root) { dead_.push_back(root); }

  std::coroutine_handle<> next_;
  std::deque<base::Ref<Waitable>> queue_;
  std::vector<std::coroutine_handle<>> dead_;
  bool running_ = false;
};

namespace detail {

struct PromiseBase {
  Trampoline* trampoline = nullptr;
  std::coroutine_handle<> continuation;

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> h) noexcept {
      PromiseBase& p = h.promise();
      if (p.continuation) p.trampoline->transfer(p.continuation);
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  std::coroutine_handle<Promise> handle() { return std::coroutine_handle<Promise>::from_promise(*this); }
  std::coroutine_handle<Promise> get_return_object() { return handle(); }
  void return_value(T v) { value.emplace(std::move(v)); }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  std::coroutine_handle<Promise> get_return_object() { return std::coroutine_handle<Promise>::from_promise(*this); }
  void return_void() {}
  void take() {}
};

}  // namespace detail

/// Owns its coroutine frame: destroying a Task destroys the frame and, with it, everything the frame awaits.
/// Rules: parameters by value; no capturing lambda coroutines; no co_await in conditional expressions, braced initialisers
/// or range-for initialisers.
template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::Promise<T> {
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
  };
  Task() = default;
  Task(Task&& o) noexcept : h_(std::exchange(o.h_, nullptr)) {}
  Task& operator=(Task&& o) noexcept {
    if (this != &o) { if (h_) h_.destroy(); h_ = std::exchange(o.h_, nullptr); }
    return *this;
  }
  ~Task() { if (h_) h_.destroy(); }

  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> parent) {
    h_.promise().trampoline = parent.promise().trampoline;
    h_.promise().continuation = parent;
    h_.promise().trampoline->transfer(h_);
  }
  T await_resume() { return h_.promise().take(); }

 private:
  friend class TaskScope;
  explicit Task(std::coroutine_handle<promise_type> h) : h_(h) {}
  std::coroutine_handle<promise_type> h_;
};

/// Owns running root tasks. Destruction destroys those that still run, newest first. May not be destroyed by a task of its
/// own; cancel_all() may be called from anywhere but a task of its own.
class TaskScope {
 public:
  explicit TaskScope(Trampoline& trampoline) : trampoline_(trampoline) {}
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope() { cancel_all(); }
  /// Starts the task: it runs until its first suspension before spawn returns, unless a task of this process is running,
  /// in which case it starts after that one has suspended.
  void spawn(Task<void> task);
  void cancel_all();
  std::size_t size() const { return live_.size(); }

 private:
  struct Root {
    struct promise_type : detail::PromiseBase {
      TaskScope* scope = nullptr;
      base::Ref<Waitable> start;  // set while the task waits for its first turn
      ~promise_type() { if (start) start->waiter = nullptr; }
      Root get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
      struct Final {
        bool await_ready() noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> h) noexcept { h.promise().scope->finished(h); }
        void await_resume() noexcept {}
      };
      Final final_suspend() noexcept { return {}; }
      void return_void() {}
    };
    std::coroutine_handle<promise_type> h;
  };
  static Root run(Task<void> task) { co_await task; }
  void finished(std::coroutine_handle<Root::promise_type> h);

  Trampoline& trampoline_;
  std::vector<std::coroutine_handle<Root::promise_type>> live_;  // in order of spawn
};

/// Awaits a time. Destroying the waiting task cancels the timer.
class SleepAwaiter {
 public:
  SleepAwaiter(Timers& timers, Trampoline& trampoline, base::Nanos delay)
      : timers_(timers), trampoline_(trampoline), delay_(delay) {}
  SleepAwaiter(const SleepAwaiter&) = delete;
  ~SleepAwaiter() { if (id_ != TimerId::kNone) timers_.cancel(id_); }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    id_ = timers_.after(delay_ < 0 ? 0 : delay_, [this, h] {
      id_ = TimerId::kNone;
      trampoline_.resume(h);
    });
  }
  void await_resume() const noexcept {}

 private:
  Timers& timers_;
  Trampoline& trampoline_;
  base::Nanos delay_;
  TimerId id_ = TimerId::kNone;
};

/// The two ends of one value that arrives later: a callback API becomes `co_await future`.
template <class T>
class Future {
 public:
  struct State : Waitable {
    std::optional<T> value;
  };
  explicit Future(base::Ref<State> state) : state_(std::move(state)) {}
  Future(Future&&) noexcept = default;
  Future& operator=(Future&&) noexcept = default;
  ~Future() { if (state_) state_->waiter = nullptr; }
  bool await_ready() const noexcept { return state_->value.has_value(); }
  void await_suspend(std::coroutine_handle<> h) { state_->waiter = h; }
  T await_resume() { return std::move(*state_->value); }
  bool is_ready() const { return state_->value.has_value(); }

 private:
  base::Ref<State> state_;
};

/// Gives the Future its value, once; later calls are ignored. May outlive the waiting task.
template <class T>
class Resolver {
 public:
  Resolver(Trampoline& trampoline, base::Ref<typename Future<T>::State> state)
      : trampoline_(&trampoline), state_(std::move(state)) {}
  void operator()(T value) {
    if (state_->value) return;
    state_->value.emplace(std::move(value));
    if (state_->waiter) trampoline_->ready(base::Ref<Waitable>(state_.get()));
  }

 private:
  Trampoline* trampoline_;
  base::Ref<typename Future<T>::State> state_;
};

template <class T>
std::pair<Future<T>, Resolver<T>> make_future(Trampoline& trampoline) {
  auto state = base::make_ref<typename Future<T>::State>();
  return {Future<T>(state), Resolver<T>(trampoline, state)};
}

/// A level that tasks wait on: notify() wakes everybody who waits at that moment.
class Notifier {
 public:
  explicit Notifier(Trampoline& trampoline) : trampoline_(trampoline) {}
  /// Completes at the next notify().
  Future<bool> wait() {
    auto [future, resolver] = make_future<bool>(trampoline_);
    waiting_.push_back(std::move(resolver));
    return std::move(future);
  }
  void notify() {
    std::vector<Resolver<bool>> woken;
    woken.swap(waiting_);
    for (auto& r : woken) r(true);
  }
  /// Completes with true at the next notify(), with false after `timeout`.
  Future<bool> wait_for(Timers& timers, base::Nanos timeout) {
    auto [future, resolver] = make_future<bool>(trampoline_);
    waiting_.push_back(resolver);
    timers.after(timeout, [r = resolver]() mutable { r(false); });
    return std::move(future);
  }

 private:
  Trampoline& trampoline_;
  std::vector<Resolver<bool>> waiting_;
};

}  // namespace orrery::env
