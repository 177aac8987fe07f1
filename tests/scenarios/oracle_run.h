// What tests of oracles share: a run made by hand, and objects to fill it with.
#pragma once
#include <doctest/doctest.h>

#include <functional>

#include "model/api/config_map.h"
#include "model/api/pod.h"
#include "scenarios/oracles/basic_oracle.h"
#include "scenarios/oracles/registry.h"

namespace orrery::scenarios {

using namespace history;
using api::make_object;
using api::ObjectRef;

/// One oracle, fed as a run would feed it.
class Run {
 public:
  explicit Run(const char* id) {
    oracles_ = make_oracles(false, {id});
  }
  template <class R>
  void tell(R record, const char* process = "kube-apiserver", std::uint32_t incarnation = 1, const char* machine = "m1") {
    now_ = now_ + base::kMillisecond;
    record.origin = {now_, machine, process, incarnation};
    const Changes& changes = view_.on_record(record);
    for (auto& o : oracles_) o->on_record(record, changes);
  }
  /// Commits one object (null: removes it) under `key`.
  std::int64_t commit(const char* key, ObjectRef object, std::int64_t revision = 0, std::uint64_t term = 1,
                      const char* machine = "m1", std::uint64_t request = 0) {
    StoreCommit c;
    c.revision = revision ? revision : ++revision_;
    c.raft_index = static_cast<std::uint64_t>(c.revision);
    c.raft_term = term;
    c.request_id = request;
    const ObjectRef old = view_.at_key(key);
    c.ops.push_back({key, object, old ? old->revision() : 0});
    revision_ = std::max(revision_, c.revision);
    tell(c, "etcd", 1, machine);
    return c.revision;
  }
  void wait(Nanos d) { now_ = now_ + d; }
  std::size_t violations() {
    RunFacts facts;
    facts.ended_at = now_;
    for (auto& o : oracles_) o->finish(facts);
    CHECK(oracles_.front()->checks() > 0);
    return oracles_.front()->violations().size();
  }
  ObjectRef at(const char* key) const { return view_.at_key(key); }

 private:
  std::vector<std::unique_ptr<Oracle>> oracles_;
  ClusterView view_;
  std::int64_t revision_ = 1;
  Instant now_;
};

inline api::ConfigMap config(const char* name, const char* value = "1") {
  api::ConfigMap c;
  c.metadata.namespace_ = "default";
  c.metadata.name = name;
  c.metadata.uid = cat("uid-", name);
  c.data.set("key", Str(value));
  return c;
}

inline api::Pod pod(const char* phase = "Pending", const char* node = "") {
  api::Pod p;
  p.metadata.namespace_ = "default";
  p.metadata.name = "web-0";
  p.metadata.uid = "uid-web-0";
  p.status.edit().phase = phase;
  p.spec.edit().node_name = node;
  api::Container c;
  c.name = "app";
  c.resources.requests.set("cpu", api::Quantity::must_parse("600m"));
  p.spec.edit().containers.push_back(c);
  return p;
}

inline StoreOp op(StoreOp::Phase phase, std::uint64_t id, std::int64_t revision = 0) {
  StoreOp o;
  o.phase = phase;
  o.request_id = id;
  o.modifies = o.succeeded = true;
  o.revision = revision;
  return o;
}

inline ApiResponseRecord answer(api::Verb verb, ObjectRef sent, ObjectRef got, std::int32_t code = 200, bool dry_run = false) {
  auto request = base::make_ref<api::ApiRequest>();
  request->verb = verb;
  request->kind = got->kind_id();
  request->object = std::move(sent);
  request->format = api::BodyFormat::kHandle;
  request->dry_run = dry_run;
  auto response = base::make_ref<api::ApiResponse>();
  response->code = code;
  response->object = std::move(got);
  ApiResponseRecord a;
  a.request = request;
  a.response = response;
  return a;
}

inline constexpr char kKey[] = "/registry/configmaps/default/a";
inline constexpr char kPodKey[] = "/registry/pods/default/web-0";
inline constexpr char kNodeKey[] = "/registry/nodes/n1";

struct Case {
  const char* id;
  std::function<void(Run&)> good, bad;
};

/// Each case's good sequence is silent, its bad one is not.
inline void check_cases(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(std::string(c.id));
    Run good(c.id), bad(c.id);
    c.good(good);
    c.bad(bad);
    CHECK(good.violations() == 0);
    CHECK(bad.violations() > 0);
  }
}

}  // namespace orrery::scenarios
