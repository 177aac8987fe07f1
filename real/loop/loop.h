// Loop: the one logic thread of the real world. Everything but Worker threads runs on the thread that calls run().
#pragma once
#include <functional>
#include <memory>

#include "model/base/function.h"
#include "model/base/time.h"
#include "real/loop/life.h"

namespace boost::asio {
class io_context;
}

namespace orrery::real {

/// Owns the event loop. Has to outlive everything made on it. A program runs one process on it; tests run several.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Queues `f` at the end of the loop. Logic thread only; helper threads post through Worker.
  void post(base::UniqueFunction<void()> f);
  /// Runs callbacks until `done` holds (looked at before each) or `limit` has passed; gives the last answer of `done`.
  bool run(const std::function<bool()>& done, base::Nanos limit);
  boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Queues callbacks of one process: those still queued at its end are dropped.
class Poster {
 public:
  Poster(Loop& loop, LifeRef life) : loop_(&loop), life_(std::move(life)) {}
  void operator()(base::UniqueFunction<void()> f) const;
  bool alive() const { return life_->alive; }
  Loop& loop() const { return *loop_; }

 private:
  Loop* loop_;
  LifeRef life_;
};

}  // namespace orrery::real
