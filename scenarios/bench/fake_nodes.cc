#include "scenarios/bench/fake_nodes.h"

#include "model/api/pod.h"
#include "model/api/time.h"
#include "model/base/str.h"

namespace orrery::scenarios::bench {

using base::Nanos;

FakeNodes::FakeNodes(env::Environment& env, client::ClientConfig config)
    : env_(env), client_(env, std::move(config)), phases_(env.random.stream("fake-nodes")), tasks_(env.trampoline) {}

FakeNodes::Kept* FakeNodes::find(const Str& name, std::uint64_t registration) {
  const auto at = nodes_.find(name);
  return at != nodes_.end() && at->second->registration == registration ? at->second.get() : nullptr;
}

void FakeNodes::keep(api::ObjectRef node) {
  const Str name = node->meta().name;
  auto kept = std::make_unique<Kept>();
  kept->config.node_name = name;
  kept->registration = ++registrations_;
  const auto within = [&](Nanos period) { return static_cast<Nanos>(phases_.below(static_cast<std::uint64_t>(period))); };
  const Nanos first_lease = within(kept->config.lease_renew_interval), first_status = within(kept->config.status_report_frequency);
  const std::uint64_t registration = kept->registration;
  nodes_[name] = std::move(kept);
  env_.timers.after(first_lease, [this, node = std::move(node), registration, token = liveness_.token()] {
    if (!token.alive()) return;
    Kept* const k = find(node->meta().name, registration);
    if (!k) return;
    k->lease = std::make_unique<kubelet::NodeLease>(env_, client_, k->config);
    k->lease->start(node);
  });
  env_.timers.after(first_status, [this, name, registration, token = liveness_.token()] {
    if (token.alive()) report(name, registration);
  });
}

void FakeNodes::report(Str name, std::uint64_t registration) {
  const Kept* const kept = find(name, registration);
  if (!kept) return;
  const std::string now = api::Time::from(env_.clock.wall()).str();
  tasks_.spawn(send_status(name, base::cat(R"({"status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","lastHeartbeatTime":")", now, R"("}]}})")));
  env_.timers.after(kept->config.status_report_frequency, [this, name, registration, token = liveness_.token()] {
    if (token.alive()) report(name, registration);
  });
}

env::Task<> FakeNodes::send_status(Str name, Str json) {
  // One that is lost is not missed: the lease is what counts.
  (void)co_await client_.patch(api::KindId::kNode, {}, name, api::PatchType::kStrategicMerge, json, "status");
}

void FakeNodes::end_pod(const api::Object& pod) {
  const api::ObjectMeta& meta = pod.meta();
  const Nanos grace = meta.deletion_grace_period_seconds.value_or(0) * base::kSecond;
  tasks_.spawn(remove_pod(meta.namespace_, meta.name, meta.uid, grace));
}

env::Task<> FakeNodes::remove_pod(Str ns, Str name, Str uid, Nanos grace) {
  if (grace > 0) co_await env::sleep(env_, grace);
  client::DeleteParams params;
  params.grace_period_seconds = 0;
  params.precondition_uid = uid;
  while (true) {
    const auto removed = co_await client_.remove(api::KindId::kPod, ns, name, params);
    if (removed || (removed.error().code >= 400 && removed.error().code < 500 && removed.error().code != 429)) co_return;
    co_await env::sleep(env_, base::kSecond);
  }
}

}  // namespace orrery::scenarios::bench
