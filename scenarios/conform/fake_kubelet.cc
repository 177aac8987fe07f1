#include "scenarios/conform/fake_kubelet.h"

#include <charconv>

#include "control/client/pod_util.h"
#include "model/api/lease.h"
#include "model/base/str.h"
#include "model/codec/json_read.h"

namespace orrery::scenarios::conform {
namespace {

using api::KindId;
using base::cat;
using base::Nanos;
using codec::JsonMember;

constexpr const char* kLeaseNamespace = "kube-node-lease";
constexpr Nanos kLeasePeriod = 10 * base::kSecond, kStatusPeriod = 5 * base::kMinute;
constexpr double kLeaseJitter = 0.04;

/// What other writers than the kubelet put on a node is left to them.
bool is_foreign(std::string_view key) { return !key.starts_with("node.kubernetes.io/"); }

JsonValue node_to_post(const JsonValue& recorded) {
  JsonValue labels = JsonValue::object(), meta = JsonValue::object(), taints = JsonValue::array(),
            out = JsonValue::object();
  for (const JsonMember& m : recorded["metadata"]["labels"].members())
    if (!m.key.view().starts_with("beta.kubernetes.io/")) labels.set(m.key, m.value);
  for (const JsonValue& t : recorded["spec"]["taints"].items())
    if (is_foreign(t["key"].text_or(""))) taints.edit_items().push_back(t);
  meta.set("name", recorded["metadata"]["name"]);
  meta.set("labels", std::move(labels));
  out.set("apiVersion", "v1");
  out.set("kind", "Node");
  out.set("metadata", std::move(meta));
  JsonValue spec = JsonValue::object(), status = JsonValue::object();
  if (!taints.items().empty()) spec.set("taints", std::move(taints));
  for (const char* part : {"addresses", "allocatable", "capacity", "nodeInfo"})
    if (const JsonValue* v = recorded["status"].find(part)) status.set(part, *v);
  out.set("spec", std::move(spec));
  out.set("status", std::move(status));
  return out;
}

}  // namespace

FakeKubelet::FakeKubelet(env::Environment& env, client::ClientConfig config)
    : env_(env),
      client_(env, std::move(config)),
      pods_seen_(env, client_, KindId::kPod),
      jitter_(env.random.stream("fake-kubelet")),
      tasks_(env.trampoline) {
  pods_seen_.add_handler([this](const api::ObjectRef& old, const api::ObjectRef& now) {
    if (now) changed(now);
    else pods_.erase(old->meta().uid);
  });
  pods_seen_.start();
}

void FakeKubelet::add_node(const JsonValue& recorded, Nanos delay) {
  const std::string name(recorded["metadata"]["name"].text_or(""));
  FakeNode node;
  node.object = node_to_post(recorded);
  node.registration = nodes_[name].registration + 1;
  nodes_[name] = std::move(node);
  tasks_.spawn(run_node(name, delay));
}

std::string FakeKubelet::node_status(const FakeNode& node, bool ready) const {
  struct Row {
    const char *type, *status, *reason, *message;
  };
  const Row rows[] = {
      {"MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"},
      {"DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
      {"PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
      ready ? Row{"Ready", "True", "KubeletReady", "kubelet is posting ready status"}
            : Row{"Ready", "False", "KubeletNotReady",
                  "container runtime status check may not have completed yet"}};
  const std::string now = api::Time::from(env_.clock.wall()).str();
  JsonValue status = node.object["status"], conditions = JsonValue::array();
  for (const Row& r : rows) {
    JsonValue c = JsonValue::object();
    c.set("type", r.type);
    c.set("status", r.status);
    c.set("reason", r.reason);
    c.set("message", r.message);
    c.set("lastHeartbeatTime", now);
    c.set("lastTransitionTime", now);
    conditions.edit_items().push_back(std::move(c));
  }
  status.set("conditions", std::move(conditions));
  return status.dump();
}

env::Task<> FakeKubelet::run_node(std::string name, Nanos delay) {
  co_await env::sleep(env_, delay);
  const int registration = nodes_[name].registration;
  JsonValue object = nodes_[name].object;
  object.set("status", *codec::parse_json(node_status(nodes_[name], false)));
  auto node = codec::read_object(object.dump());
  if (!node.ok()) co_return;
  auto created = co_await client_.create(api::ObjectRef(*node));
  if (!created.ok()) co_return;
  api::Lease lease;
  lease.metadata.name = name;
  lease.metadata.namespace_ = kLeaseNamespace;
  lease.spec.holder_identity = name;
  lease.spec.lease_duration_seconds = 40;
  lease.spec.renew_time = api::MicroTime::from(env_.clock.wall());
  auto leased = co_await client_.create(api::make_object(std::move(lease)));
  tasks_.spawn(renew_lease(name, registration));
  co_await env::sleep(env_, base::kSecond);
  while (nodes_[name].registration == registration) {
    if (nodes_[name].running) tasks_.spawn(post_status(name));
    co_await env::sleep(env_, kStatusPeriod);
  }
}

env::Task<> FakeKubelet::renew_lease(std::string name, int registration) {
  // The phase of the renewals is chance: a recorded node may have been there for long.
  const double phase = jitter_.unit();
  co_await env::sleep(env_, static_cast<Nanos>(static_cast<double>(kLeasePeriod) * phase));
  while (nodes_[name].registration == registration) {
    const double stretch = 1 + kLeaseJitter * jitter_.unit();
    co_await env::sleep(env_, static_cast<Nanos>(static_cast<double>(kLeasePeriod) * stretch));
    if (nodes_[name].running && !nodes_[name].silent) co_await renew_once(name);
  }
}

env::Task<> FakeKubelet::renew_once(std::string name) {
  const std::string renewed = cat(R"({"spec":{"renewTime":")", api::MicroTime::from(env_.clock.wall()).str(), "\"}}");
  auto done = co_await client_.patch(KindId::kLease, kLeaseNamespace, name, api::PatchType::kMerge, renewed);
}

void FakeKubelet::renew_last(const std::string& name) {
  const auto it = nodes_.find(name);
  if (it == nodes_.end() || !it->second.running) return;
  it->second.silent = true;
  tasks_.spawn(renew_once(name));
}

env::Task<> FakeKubelet::post_status(std::string name) {
  const std::string json = cat(R"({"status":)", node_status(nodes_[name], true), "}");
  auto done =
      co_await client_.patch(KindId::kNode, {}, name, api::PatchType::kStrategicMerge, json, "status");
}

void FakeKubelet::grow_node(const std::string& name) {
  ++nodes_[name].extra_cpus;
  tasks_.spawn(post_capacity(name));
}

env::Task<> FakeKubelet::post_capacity(std::string name) {
  const std::string cpus = std::to_string(4 + nodes_[name].extra_cpus);
  const std::string json =
      cat(R"({"status":{"allocatable":{"cpu":")", cpus, R"("},"capacity":{"cpu":")", cpus, "\"}}}");
  auto done =
      co_await client_.patch(KindId::kNode, {}, name, api::PatchType::kStrategicMerge, json, "status");
}

void FakeKubelet::stop_node(const std::string& name) { nodes_[name].running = false; }

void FakeKubelet::start_node(const std::string& name) {
  nodes_[name].running = true;
  nodes_[name].silent = false;
  tasks_.spawn(post_status(name));
  for (const api::ObjectRef& object : pods_seen_.list()) {
    const auto& pod = object->as<api::Pod>();
    if (!(pod.spec->node_name == name)) continue;
    const auto it = pods_.find(pod.metadata.uid);
    if (it != pods_.end() && !pod.metadata.deleting() && it->second.stage == Stage::kRunning &&
        it->second.ready) {
      it->second.latest = object;
      set_ready(it->second, true);
    }
    changed(object);
    if (it == pods_.end() || !it->second.overdue) continue;
    it->second.overdue = false;
    if (it->second.stage == Stage::kRunning) exit(it->second);
    else run(it->second);
  }
}

}  // namespace orrery::scenarios::conform
