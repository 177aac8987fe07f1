// Controller: one control loop of kube-controller-manager, and the queue-driven form that most of them take.
#pragma once
#include <string_view>

#include "control/client/client.h"
#include "control/client/event_recorder.h"
#include "control/client/informer.h"
#include "control/client/work_queue.h"
#include "control/controllers/manager_config.h"

namespace orrery::controllers {

using api::KindId;
using api::ObjectRef;
using base::Str;
using client::ApiError;

/// What a controller is built from. The references outlive it. `client` is the controller's own (upstream gives each one
/// its own token bucket, which its events share); `informers` are shared by the process.
struct ControllerContext {
  env::Environment& env;
  client::Client& client;
  client::InformerSet& informers;
  const ManagerConfig& config;
};

/// Life cycle: every controller is constructed (its constructor adds its handlers and indexes to the informers), then the
/// InformerSet is started, then each controller. A stopped controller is not started again: upstream's process exits.
class Controller {
 public:
  virtual ~Controller() = default;
  /// As in events and user agents: "deployment-controller".
  virtual std::string_view name() const = 0;
  /// Waits for the informers it uses to be synced, then works with `workers` concurrent tasks.
  virtual void start(int workers) = 0;
  /// Ends all its tasks. Not from inside one of them.
  virtual void stop() = 0;
};

/// Outcome of one sync of one key.
struct SyncResult {
  bool failed = false;   ///< the key is added again, rate-limited
  bool forget = true;    ///< of a success: resets the key's failure count
  Str error;             ///< for the log

  static SyncResult ok() { return {}; }
  static SyncResult fail(Str why) { return {true, false, std::move(why)}; }
  static SyncResult fail(const ApiError& error) { return fail(error.message); }
};

struct QueueControllerOptions {
  int max_retries = -1;          ///< failures after which a key is dropped until the next event; -1: never
  base::Nanos sync_cpu = 0;      ///< cost of one sync, spent before it; see cost.h
  client::WorkQueueConfig queue;
};

/// A controller that reconciles keys "namespace/name" from one WorkQueue.
class QueueController : public Controller {
 public:
  QueueController(ControllerContext context, std::string_view name, QueueControllerOptions options);
  std::string_view name() const override { return name_; }
  void start(int workers) override;
  void stop() override;

 protected:
  /// Reconciles one key; never runs for the same key twice at a time.
  virtual env::Task<SyncResult> sync(Str key) = 0;

  void enqueue(const api::ObjectMeta& meta);
  void enqueue_after(const api::ObjectMeta& meta, base::Nanos delay);
  client::Informer& informer(KindId kind) { return context_.informers.of(kind); }
  base::Instant now() const { return context_.env.clock.now(); }
  base::Instant wall() const { return context_.env.clock.wall(); }
  api::Time wall_time() const { return api::Time::from(context_.env.clock.wall()); }

  ControllerContext context_;
  env::Environment& env_;
  client::Client& client_;
  client::EventRecorder events_;
  client::WorkQueue queue_;

 private:
  env::Task<> work();

  std::string_view name_;  // a literal
  QueueControllerOptions options_;
  env::TaskScope tasks_;
};

/// "namespace/name" taken apart; a key without '/' has no namespace.
struct SplitKey {
  std::string_view namespace_, name;
};
SplitKey split_key(std::string_view key);

}  // namespace orrery::controllers
