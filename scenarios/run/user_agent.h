// UserAgent: the person with kubectl. A process that makes the requests of a scenario, one action after another.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/client/client.h"
#include "model/env/component.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

/// What became of an action. Owned by the runner; the process may be gone when it is read.
struct ActionReport {
  int line = 0;            ///< of the scenario file; 0: a workload
  std::string what;        ///< "scale shop/deployment/cart"
  bool done = false;
  std::string error;       ///< of the last attempt, while not done
};

/// Each action is tried again every second while the apiserver cannot be reached or says 429 or 5xx, for at most
/// `patience`; any other refusal is final. Actions run concurrently with each other, requests of one action in order.
class UserAgent final : public env::Component {
 public:
  UserAgent(env::Environment& env, client::ClientConfig config, base::Nanos patience);
  void perform(UserAction action, std::shared_ptr<ActionReport> report);
  /// Creates namespaces first, then the objects in order.
  void create(std::vector<api::ObjectRef> objects, std::shared_ptr<ActionReport> report);

 private:
  using Outcome = client::ApiResult<base::Unit>;
  env::Task<> run(UserAction action, std::shared_ptr<ActionReport> report);
  env::Task<> run_create(std::vector<api::ObjectRef> objects, std::shared_ptr<ActionReport> report);
  env::Task<Outcome> attempt(UserAction action);
  env::Task<Outcome> create_one(api::ObjectRef object);
  env::Task<Outcome> try_create(api::ObjectRef object);   // as a dry run
  env::Task<Outcome> ensure_namespace(base::Str name);
  env::Task<Outcome> edit_taints(UserAction action);
  env::Task<Outcome> drain(UserAction action);
  env::Task<Outcome> patch(api::KindId kind, base::Str ns, base::Str name, api::PatchType type, base::Str json,
                           base::Str subresource);

  env::Environment& env_;
  client::Client client_;
  base::Nanos patience_;
  env::TaskScope tasks_;
};

/// "set-image shop/deployment/cart server=cart:v2".
std::string describe_action(const UserAction& action);

}  // namespace orrery::scenarios
