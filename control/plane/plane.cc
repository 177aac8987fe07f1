#include "control/plane/plane.h"

#include <cstdio>

#include "control/apiserver/apiserver.h"
#include "control/client/leader_election.h"
#include "control/controllers/manager.h"
#include "control/scheduler/config/configuration.h"
#include "control/scheduler/scheduler.h"
#include "control/store/remote_kv.h"
#include "model/base/str.h"
#include "model/history/record.h"

namespace orrery::plane {
namespace {

using base::Str;

/// An etcd member as a process.
class StoreProcess final : public env::Component {
 public:
  StoreProcess(env::Environment& env, store::MemberConfig config) : member_(env, std::move(config)) { member_.start(); }

 private:
  store::Member member_;
};

class ApiserverComponent final : public env::Component {
 public:
  ApiserverComponent(env::Environment& env, const ApiserverProcess& process)
      : apiserver_(env, process.config, std::make_unique<store::RemoteKv>(env, store_config(process))) {
    apiserver_.start();
  }

 private:
  static store::RemoteKvConfig store_config(const ApiserverProcess& process) {
    store::RemoteKvConfig config;
    config.endpoints = process.store_endpoints;
    return config;
  }
  apiserver::Apiserver apiserver_;
};

/// "MACHINE_" and eight drawn hex digits, as upstream's identities are host name and UUID.
Str identity_of(env::Environment& env) {
  base::RandomStream stream = env.random.stream("leader-identity");
  char text[16];
  std::snprintf(text, sizeof text, "_%08llx", static_cast<unsigned long long>(stream.next() & 0xffffffff));
  return base::cat(env.process.machine(), text);
}

client::ClientConfig client_config(const ElectedProcess& process, std::string_view user) {
  client::ClientConfig config;
  config.user = user;
  config.user_agent = user.substr(user.rfind(':') + 1);
  config.endpoints = process.apiservers;
  config.qps = process.qps;
  config.burst = process.burst;
  return config;
}

class ControllerManagerComponent final : public env::Component {
 public:
  ControllerManagerComponent(env::Environment& env, const ControllerManagerProcess& process)
      : env_(env), process_(process), client_(env, election_client(process)), identity_(identity_of(env)),
        fence_(process.fencing ? base::make_ref<client::Fence>("kube-system/kube-controller-manager") : nullptr),
        elector_(env, client_, election(identity_, fence_), [this] { lead(); }, [this] { end(); }) {
    elector_.start();
  }

 private:
  static client::ClientConfig election_client(const ControllerManagerProcess& process) {
    client::ClientConfig config = client_config(process, "system:kube-controller-manager");
    config.timeout = 5 * base::kSecond;
    config.user_agent = "kube-controller-manager/leader-election";
    return config;
  }
  static client::LeaderElectionConfig election(const Str& identity, base::Ref<client::Fence> fence) {
    client::LeaderElectionConfig config;
    config.lease_name = "kube-controller-manager";
    config.identity = identity;
    config.component = "kube-controller-manager";
    config.fence = std::move(fence);
    return config;
  }
  void report(bool acting) {
    if (!env_.trace.recording(history::RecordKind::kLeaderActs)) return;
    history::LeaderActs fact;
    fact.lease = "kube-controller-manager";
    fact.identity = identity_;
    fact.epoch = elector_.epoch();
    fact.acting = acting;
    env_.trace.record(fact);
  }
  void lead() {
    report(true);
    controllers::ManagerConfig config = process_.config;
    config.qps = process_.qps;
    config.burst = process_.burst;
    client::ClientConfig clients = client_config(process_, "system:kube-controller-manager");
    clients.fence = fence_;
    manager_ = std::make_unique<controllers::Manager>(env_, std::move(clients), config);
    manager_->start();
  }
  void end() {
    report(false);
    env_.process.exit(1, "leaderelection lost");
  }

  env::Environment& env_;
  ControllerManagerProcess process_;
  client::Client client_;
  Str identity_;
  base::Ref<client::Fence> fence_;   // null: not fenced
  client::LeaderElector elector_;
  std::unique_ptr<controllers::Manager> manager_;
};

}  // namespace

env::ComponentFactory make_store_member(store::MemberConfig config) {
  return [config = std::move(config)](env::Environment& env) -> std::unique_ptr<env::Component> {
    return std::make_unique<StoreProcess>(env, config);
  };
}

env::ComponentFactory make_apiserver(ApiserverProcess process) {
  return [process = std::move(process)](env::Environment& env) -> std::unique_ptr<env::Component> {
    return std::make_unique<ApiserverComponent>(env, process);
  };
}

env::ComponentFactory make_controller_manager(ControllerManagerProcess process) {
  return [process = std::move(process)](env::Environment& env) -> std::unique_ptr<env::Component> {
    return std::make_unique<ControllerManagerComponent>(env, process);
  };
}

env::ComponentFactory make_scheduler(SchedulerProcess process) {
  return [process = std::move(process)](env::Environment& env) -> std::unique_ptr<env::Component> {
    scheduler::SchedulerConfig config;
    config.apiservers = process.apiservers;
    config.qps = process.qps;
    config.burst = process.burst;
    config.tie_break = process.tie_break;
    config.next_pod = process.next_pod;
    config.configuration = process.configuration;
    if (process.preemption_tie_break) {
      auto changed = std::make_shared<scheduler::Configuration>(process.configuration ? *process.configuration
                                                                                      : scheduler::default_configuration());
      for (scheduler::Profile& p : changed->profiles) p.config.preemption.tie_break = process.preemption_tie_break;
      config.configuration = std::move(changed);
    }
    config.fencing = process.fencing;
    config.watcher = process.watcher;
    config.identity = identity_of(env);
    return std::make_unique<scheduler::Scheduler>(env, config);
  };
}

}  // namespace orrery::plane
