// A store cluster of three members on the simulated world, with clients.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "control/store/member.h"
#include "control/store/remote_kv.h"
#include "sim/faults/fault_executor.h"
#include "sim/world/world.h"
#include "tests/store/judge.h"

namespace orrery::store_test {

using namespace store;
using base::kMillisecond;
using base::kSecond;

inline std::string host(int i) { return "master-" + std::to_string(i); }

MemberConfig member_config(int id);

class MemberProcess final : public env::Component {
 public:
  MemberProcess(env::Environment& env, MemberConfig config) : member(env, std::move(config)) {
    member.start();
  }
  Member member;
};

/// Writes and reads a few keys, one operation at a time, and watches them.
class Client final : public env::Component {
 public:
  Client(env::Environment& env, int local, int id);
  std::vector<std::string> violations;
  std::size_t events = 0;

 private:
  void next();
  void act();
  void compact(Revision revision);
  void watch();
  void on_event(const Event& e);

  env::Environment& env_;
  RemoteKv kv_;
  base::RandomStream random_;
  int id_;
  std::map<std::string, Revision> seen_, latest_;
  Revision watched_ = 0;
  std::unique_ptr<Watch> watch_;
};

/// A client that a test drives by hand.
class KvProcess final : public env::Component {
 public:
  KvProcess(env::Environment& env, std::vector<env::Address> endpoints) : kv(env, {std::move(endpoints)}) {}
  RemoteKv kv;
};

struct ClusterConfig {
  std::uint64_t seed = 1;
  std::vector<env::Site> planted;
  int clients = 4;
  base::UniqueFunction<void(MemberConfig&)> change;  ///< of each member's configuration
};

class Cluster {
 public:
  explicit Cluster(ClusterConfig config);
  Member* member(int i);
  /// 0 when there is none.
  int leader();
  /// Everything that was found wrong.
  std::vector<std::string> verdict();
  /// A member that is not among the founders.
  void join(int id);
  /// A hand-driven client of member `i` alone.
  RemoteKv& kv(int i);
  void run_for(base::Nanos d) { world.run_for(d); }

  // One operation, run to its end.
  base::Result<TxnReplyRef> txn(int i, base::Ref<TxnRequest> request);
  base::Result<RangeReplyRef> range(int i, base::Ref<const RangeRequest> request);
  base::Result<ControlReplyRef> control(int i, base::Ref<const ControlRequest> request);
  base::Result<TxnReplyRef> put(int i, const char* key, std::string value, LeaseId lease = 0);

  Judge judge;  // outlives the world, which reports until its end
  sim::World world;
  sim::FaultExecutor faults{world};
  std::vector<sim::ProcessId> members, clients;

 private:
  void add_member(int id, MemberConfig config);
  template <class T>
  base::Result<T> wait(std::optional<base::Result<T>>& answer);

  base::UniqueFunction<void(MemberConfig&)> change_;
  std::map<int, sim::ProcessId> kvs_;
};

}  // namespace orrery::store_test
