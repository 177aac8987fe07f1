#include "real/loop/loop.h"

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>

namespace orrery::real {

struct Loop::Impl {
  boost::asio::io_context context;
  // Without it the context would count as finished whenever only helper threads have work.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{context.get_executor()};
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::post(base::UniqueFunction<void()> f) { boost::asio::post(impl_->context, std::move(f)); }

bool Loop::run(const std::function<bool()>& done, base::Nanos limit) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(limit);
  while (!done()) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= left.zero()) return false;
    impl_->context.run_one_for(left);
  }
  return true;
}

boost::asio::io_context& Loop::context() { return impl_->context; }

void Poster::operator()(base::UniqueFunction<void()> f) const {
  loop_->post([life = life_, f = std::move(f)]() mutable {
    if (life->alive) f();
  });
}

}  // namespace orrery::real
