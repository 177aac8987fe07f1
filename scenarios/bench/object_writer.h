// ObjectWriter: a user of the API who creates and deletes many objects, thirty requests at a time (as scheduler_perf's helpers do),
// without a client-side rate limit.
#pragma once
#include <deque>
#include <functional>

#include "control/client/client.h"
#include "model/env/component.h"
#include "model/env/environment.h"

namespace orrery::scenarios::bench {

/// What cannot be reached, or is told to wait, is tried again every second for ten minutes, and so is a pod whose service account is
/// not there yet; any other refusal is final.
class ObjectWriter final : public env::Component {
 public:
  static constexpr std::size_t kParallel = 30;
  /// Told of what was refused for good.
  using Refused = std::function<void(const api::ObjectRef& object, const std::string& why)>;

  ObjectWriter(env::Environment& env, client::ClientConfig config, Refused refused);
  /// In order, so far as requests side by side have one.
  void create(api::ObjectRef object) { add({std::move(object), false}, false); }
  /// Before all that wait for their turn.
  void create_first(api::ObjectRef object) { add({std::move(object), false}, true); }
  void remove_first(api::ObjectRef object) { add({std::move(object), true}, true); }

 private:
  struct Job {
    api::ObjectRef object;
    bool removes = false;
  };
  void add(Job job, bool first);
  env::Task<> work();
  env::Task<client::ApiResult<base::Unit>> attempt(Job job);

  env::Environment& env_;
  client::Client client_;
  Refused refused_;
  std::deque<Job> jobs_;
  std::size_t working_ = 0;
  env::TaskScope tasks_;
};

}  // namespace orrery::scenarios::bench
