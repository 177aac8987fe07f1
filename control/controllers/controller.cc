#include "control/controllers/controller.h"

#include "control/controllers/cost.h"

namespace orrery::controllers {

SplitKey split_key(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return {{}, key};
  return {key.substr(0, slash), key.substr(slash + 1)};
}

QueueController::QueueController(ControllerContext context, std::string_view name, QueueControllerOptions options)
    : context_(context),
      env_(context.env),
      client_(context.client),
      events_(context.env, context.client, name),
      queue_(context.env, options.queue),
      name_(name),
      options_(options),
      tasks_(context.env.trampoline) {}

void QueueController::start(int workers) {
  for (int i = 0; i < workers; ++i) tasks_.spawn(work());
}

void QueueController::stop() { tasks_.cancel_all(); }

void QueueController::enqueue(const api::ObjectMeta& meta) { queue_.add(api::key_of(meta)); }

void QueueController::enqueue_after(const api::ObjectMeta& meta, base::Nanos delay) {
  queue_.add_after(api::key_of(meta), delay);
}

env::Task<> QueueController::work() {
  co_await context_.informers.wait_synced();
  while (true) {
    const Str key = co_await queue_.get();
    if (options_.sync_cpu > 0) co_await spend(env_, options_.sync_cpu);
    const SyncResult result = co_await sync(key);
    if (!result.failed) {
      if (result.forget) queue_.forget(key);
    } else if (options_.max_retries < 0 || queue_.failures(key) < options_.max_retries) {
      queue_.add_rate_limited(key);
    } else {
      queue_.forget(key);
    }
    if (result.failed && env_.trace.logs(env::LogLevel::kDebug)) {
      env_.trace.log(env::LogLevel::kDebug, base::cat(name_, ": error syncing ", key, ": ", result.error));
    }
    queue_.done(key);
  }
}

}  // namespace orrery::controllers
