// Driver: the process that does again what the recorded driver did.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "control/client/client.h"
#include "model/codec/json_value.h"
#include "model/env/component.h"
#include "scenarios/conform/kubectl_command.h"
#include "scenarios/conform/plan.h"

namespace orrery::scenarios::conform {

codec::JsonValue json_of(const api::Object& object);

/// What recorded objects are called in the simulation; this one: the same.
class Names {
 public:
  virtual ~Names() = default;
  virtual std::string name(const std::string& /*resource*/, const std::string& /*ns*/, const std::string& name) {
    return name;
  }
  /// `uid` itself when no object is known by it.
  virtual std::string uid(const std::string& uid) { return uid; }
};

/// Steps run side by side; each sends what its recorded form sent. Names and uids in it become the simulated
/// ones; a resourceVersion (of an update, a precondition) that fitted when recorded becomes the current one.
class Driver final : public env::Component {
 public:
  Driver(env::Environment& env, client::ClientConfig config);
  /// `names` outlives the driver; `refused` gets a line when the apiserver answers otherwise than the
  /// recorded one did (refuses what that accepted, accepts what that refused).
  void perform(const Step& step, Names& names, std::function<void(std::string)> refused);
  /// Creates an object that was there before the history began.
  void create(const JsonValue& object);

 private:
  struct Command {
    Step step;
    KubectlCommand line;
    Names* names = nullptr;
    std::function<void(std::string)> refused;
  };
  using CommandRef = std::shared_ptr<Command>;
  struct Target {
    const api::Kind* kind = nullptr;
    Str ns, name;
  };

  env::Task<> send_request(CommandRef c);
  env::Task<> kubectl(CommandRef c);
  env::Task<> patch_target(CommandRef c, Target t, api::PatchType type, std::string json,
                           std::string subresource = "");
  env::Task<> remove(CommandRef c, Target t);
  env::Task<> rollout(CommandRef c, Target t);
  env::Task<> undo_deployment(CommandRef c, Target t);
  env::Task<> undo_revision(CommandRef c, Target t);
  env::Task<> taint(CommandRef c, Target t);
  env::Task<> edit_metadata(CommandRef c, Target t);
  env::Task<> set(CommandRef c, Target t);
  env::Task<> act_on_files(CommandRef c);
  env::Task<> apply(CommandRef c, Target t, JsonValue object);
  env::Task<> scale(CommandRef c, Target t);
  env::Task<> start_cron_job(CommandRef c, Target t);
  env::Task<> post(CommandRef c, Target t, JsonValue object);
  /// Sends the request with the object as its body and reports what goes wrong.
  env::Task<> send(CommandRef c, base::Ref<api::ApiRequest> r, JsonValue object);
  env::Task<> drain(CommandRef c, std::vector<Target> nodes);
  env::Task<> drain_node(CommandRef c, Str node, base::Instant give_up);
  env::Task<> evict_until(CommandRef c, api::ObjectRef pod, base::Instant give_up, int* left);
  env::Task<> act(CommandRef c, Target t);
  env::Task<std::vector<Target>> targets(CommandRef c);
  env::Task<std::string> fitted_body(CommandRef c, Str name);
  env::Task<> fit_preconditions(CommandRef c, base::Ref<api::ApiRequest> request);
  void report(const Command& c, const client::ApiError& error) const;

  env::Environment& env_;
  client::Client client_;
  Names same_names_;
  std::map<std::string, JsonValue> applied_;  ///< by kind, namespace and name: what kubectl applied last
  env::TaskScope tasks_;
};

}  // namespace orrery::scenarios::conform
