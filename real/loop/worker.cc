#include "real/loop/worker.h"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "model/base/sorted_map.h"

namespace orrery::real {
namespace {

// The completions, touched by the logic thread only; the thread hands back their numbers.
struct Inbox {
  Poster post;
  base::SortedMap<std::uint64_t, base::UniqueFunction<void(int)>> waiting;
  void complete(std::uint64_t id, int result) {
    const auto it = waiting.find(id);
    if (it == waiting.end()) return;
    base::UniqueFunction<void(int)> done = std::move(it->second);
    waiting.erase(it);
    if (post.alive()) done(result);
  }
};

}  // namespace

struct Worker::Impl {
  explicit Impl(Poster post)
      : context(post.loop().context()), inbox(std::make_shared<Inbox>(Inbox{std::move(post), {}})) {}

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return stopping || !jobs.empty(); });
      if (jobs.empty()) return;
      auto [id, job] = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      const int result = job();
      boost::asio::post(context, [inbox = inbox, id = id, result] { inbox->complete(id, result); });
      lock.lock();
    }
  }

  boost::asio::io_context& context;
  std::shared_ptr<Inbox> inbox;
  std::uint64_t last = 0;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::pair<std::uint64_t, std::function<int()>>> jobs;
  bool stopping = false;
  std::thread thread;
};

Worker::Worker(Poster post) : impl_(std::make_unique<Impl>(std::move(post))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->work(); });
}

Worker::~Worker() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
  impl_->inbox->waiting.clear();
}

void Worker::run(std::function<int()> job, base::UniqueFunction<void(int)> done) {
  const std::uint64_t id = ++impl_->last;
  impl_->inbox->waiting.emplace(id, std::move(done));
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->jobs.emplace_back(id, std::move(job));
  }
  impl_->wake.notify_one();
}

}  // namespace orrery::real
