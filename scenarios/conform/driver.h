// Driver: the process that does again what the recorded driver did.
#pragma once
#include <functional>
#include <string>

#include "control/client/client.h"
#include "model/env/component.h"
#include "scenarios/conform/plan.h"

namespace orrery::scenarios::conform {

/// The simulated name of a recorded object (resource, namespace, name).
using Translate = std::function<std::string(const std::string&, const std::string&, const std::string&)>;

/// Steps run side by side; each sends what its recorded form sent. kubectl: annotate, cordon, delete, drain,
/// label, patch, rollout (pause, restart, resume, undo), scale, set image, taint, uncordon.
class Driver final : public env::Component {
 public:
  Driver(env::Environment& env, client::ClientConfig config);
  /// `translate` stays callable while the step runs; `refused` gets a line when the apiserver refuses a
  /// request that it should not.
  void perform(const Step& step, Translate translate, std::function<void(std::string)> refused);
  /// Creates an object that was there before the history began.
  void create(const JsonValue& object);

 private:
  struct Command {
    Step step;
    Translate translate;
    std::function<void(std::string)> refused;
    std::string ns = "default";
    std::vector<std::string> args;  // without flags
    std::vector<std::pair<std::string, std::string>> flags;
    std::string flag(std::string_view name, std::string_view otherwise = "") const;
    bool has(std::string_view name) const;
  };
  using CommandRef = std::shared_ptr<Command>;
  struct Target {
    const api::Kind* kind = nullptr;
    std::string name;
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
  env::Task<> drain(CommandRef c, std::string node);
  env::Task<> evict_until(CommandRef c, api::ObjectRef pod, base::Instant give_up, base::Str json);
  std::vector<Target> targets(const Command& c, std::size_t from) const;
  void parse(Command& c) const;
  void report(const Command& c, const client::ApiError& error) const;

  env::Environment& env_;
  client::Client client_;
  env::TaskScope tasks_;
};

/// False for kubectl commands that only read.
bool kubectl_writes(const std::vector<std::string>& words);
/// What of a command line cannot be replayed, "" when all can.
std::string kubectl_problem(const std::vector<std::string>& words);

}  // namespace orrery::scenarios::conform
