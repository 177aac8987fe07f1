// The pods of the fake kubelet.
#include <charconv>

#include "control/client/pod_util.h"
#include "model/base/str.h"
#include "scenarios/conform/fake_kubelet.h"

namespace orrery::scenarios::conform {
namespace {

using api::KindId;
using base::cat;
using base::Nanos;

constexpr Nanos kCrashBackOff = 10 * base::kSecond;
constexpr int kTermExit = 143;
/// The recorded one took turns, too: its pods became ready at least this far apart.
constexpr Nanos kPace = 30 * base::kMillisecond;

Str annotation(const api::Pod& pod, std::string_view name) {
  return pod.metadata.annotations.get(cat("fake/", name));
}

Nanos duration_of(const api::Pod& pod, std::string_view name, Nanos otherwise) {
  const auto d = api::parse_duration(annotation(pod, name));
  return d.ok() ? *d : otherwise;
}

int number_of(std::string_view text, int otherwise) {
  int n = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

bool is_job_pod(const api::Pod& pod) {
  const api::OwnerReference* owner = api::controller_of(pod.metadata);
  return (owner && owner->kind == "Job") || !annotation(pod, "run-for").empty();
}

bool wants_ready(const api::Pod& pod) {
  return annotation(pod, "never-ready").empty() && !(annotation(pod, "ready") == "false");
}

std::string unready_message(const api::Pod& pod) {
  std::string names;
  for (const api::Container& c : pod.spec->containers) names += cat(names.empty() ? "" : " ", c.name);
  return cat("containers with unready status: [", names, "]");
}

}  // namespace

bool FakeKubelet::node_runs(const FakePod& pod) const {
  const auto it = nodes_.find(pod.pod().spec->node_name.str());
  return it != nodes_.end() && it->second.running;
}

void FakeKubelet::changed(const api::ObjectRef& now) {
  const auto& pod = now->as<api::Pod>();
  const auto node = nodes_.find(pod.spec->node_name.str());
  if (node == nodes_.end()) return;
  const auto it = pods_.find(pod.metadata.uid);
  if (it != pods_.end()) it->second.latest = now;
  if (!node->second.running) return;
  if (it != pods_.end()) return look_at(it->second);
  FakePod& fresh = pods_[pod.metadata.uid];
  fresh.latest = now;
  if (client::is_pod_terminal(pod)) fresh.stage = Stage::kEnded;
  if (fresh.stage == Stage::kCreating && !pod.metadata.deleting()) {
    JsonValue waiting = JsonValue::object(), reason = JsonValue::object();
    reason.set("reason", "ContainerCreating");
    waiting.set("waiting", std::move(reason));
    JsonValue status =
        state_patch(fresh, "Pending", false, "ContainersNotReady",
                    container_status(fresh, false, false, std::move(waiting), JsonValue::object()));
    status.set("startTime", api::Time::from(env_.clock.wall()).str());
    patch(fresh, std::move(status));
    later(pod.metadata.uid, duration_of(pod, "ready-delay", base::kSecond), &FakeKubelet::run);
  }
  look_at(fresh);
}

void FakeKubelet::look_at(FakePod& pod) {
  const api::Pod& p = pod.pod();
  if (p.metadata.deleting() && !pod.ending) {
    pod.ending = true;
    later(p.metadata.uid, duration_of(p, "term-delay", base::kSecond), &FakeKubelet::end);
    return;
  }
  if (client::is_pod_terminal(p)) pod.stage = Stage::kEnded;
  if (pod.stage == Stage::kRunning && !pod.ending && pod.ready != wants_ready(p))
    set_ready(pod, wants_ready(p));
}

void FakeKubelet::later(const Str& uid, Nanos delay, void (FakeKubelet::*step)(FakePod&)) {
  env_.timers.after(delay, [this, uid, step, token = liveness_.token()] {
    if (!token.alive()) return;
    const auto it = pods_.find(uid);
    if (it != pods_.end()) (this->*step)(it->second);
  });
}

void FakeKubelet::run(FakePod& pod) {
  if (pod.ending || (pod.stage != Stage::kCreating && pod.stage != Stage::kBackOff)) return;
  if (!node_runs(pod)) {
    pod.overdue = true;
    return;
  }
  pod.stage = Stage::kRunning;
  pod.started_at = env_.clock.wall();
  if (pod.ip.empty()) {
    ++addresses_;
    pod.ip = cat("10.64.", std::to_string(addresses_ / 250), ".", std::to_string(addresses_ % 250 + 1));
  }
  set_ready(pod, wants_ready(pod.pod()));
  if (is_job_pod(pod.pod()))
    later(pod.pod().metadata.uid, duration_of(pod.pod(), "run-for", 2 * base::kSecond), &FakeKubelet::exit);
}

void FakeKubelet::set_ready(FakePod& pod, bool ready) {
  pod.ready = ready;
  JsonValue running = JsonValue::object(), since = JsonValue::object();
  since.set("startedAt", api::Time::from(pod.started_at).str());
  running.set("running", std::move(since));
  JsonValue status = state_patch(pod, "Running", ready, ready ? "" : "ContainersNotReady",
                                 container_status(pod, ready, true, std::move(running), JsonValue::object()));
  JsonValue address = JsonValue::object(), addresses = JsonValue::array();
  address.set("ip", pod.ip);
  addresses.edit_items().push_back(std::move(address));
  status.set("podIP", pod.ip);
  status.set("podIPs", std::move(addresses));
  patch(pod, std::move(status));
}

int FakeKubelet::exit_code(const FakePod& pod) {
  const api::Pod& p = pod.pod();
  const int code = number_of(annotation(p, "exit-code"), 0);
  const api::OwnerReference* owner = api::controller_of(p.metadata);
  const std::string who = owner ? owner->uid.str() : p.metadata.uid.str();
  if (const Str list = annotation(p, "fail-index"); !list.empty()) {
    const std::string index = p.metadata.annotations.get("batch.kubernetes.io/job-completion-index").str();
    std::string_view rest = list;
    while (!rest.empty()) {
      const std::string_view item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), item.size() + 1));
      const std::size_t colon = item.find(':');
      if (colon == item.npos || item.substr(0, colon) != index) continue;
      if (failures_[cat(who, "/", index)]++ < number_of(item.substr(colon + 1), 1)) return code ? code : 1;
    }
    return 0;
  }
  if (const Str first = annotation(p, "fail-first"); !first.empty())
    return failures_[who]++ < number_of(first, 0) ? (code ? code : 1) : 0;
  return code;
}

void FakeKubelet::exit(FakePod& pod) {
  if (pod.ending || pod.stage != Stage::kRunning) return;
  if (!node_runs(pod)) {
    pod.overdue = true;
    return;
  }
  const int code = exit_code(pod);
  if (code != 0 && pod.pod().spec->restart_policy == "OnFailure") {
    pod.stage = Stage::kBackOff;
    pod.ready = false;
    ++pod.restarts;
    JsonValue waiting = JsonValue::object(), why = JsonValue::object();
    why.set("reason", "CrashLoopBackOff");
    why.set("message", "back-off 10s restarting failed container");
    waiting.set("waiting", std::move(why));
    patch(pod, state_patch(pod, "Running", false, "ContainersNotReady",
                           container_status(pod, false, false, std::move(waiting), terminated(pod, code))));
    later(pod.pod().metadata.uid, kCrashBackOff, &FakeKubelet::run);
    return;
  }
  pod.stage = Stage::kEnded;
  patch(pod, state_patch(pod, code ? "Failed" : "Succeeded", false, code ? "PodFailed" : "PodCompleted",
                         container_status(pod, false, false, terminated(pod, code), JsonValue::object())));
}

void FakeKubelet::end(FakePod& pod) {
  const api::Pod& p = pod.pod();
  if (!node_runs(pod)) {
    pod.ending = false;  // looked at again when the node returns
    return;
  }
  Str status;
  if (pod.stage == Stage::kRunning || pod.stage == Stage::kBackOff) {
    const bool well = p.spec->restart_policy == "Always";
    JsonValue body = JsonValue::object();
    body.set("status",
             state_patch(pod, well ? "Succeeded" : "Failed", false, well ? "PodCompleted" : "PodFailed",
                         container_status(pod, false, false, terminated(pod, well ? 0 : kTermExit),
                                          JsonValue::object())));
    status = body.dump();
  }
  pod.stage = Stage::kEnded;
  tasks_.spawn(finish(p.metadata.namespace_, p.metadata.name, p.metadata.uid, status));
}

env::Task<> FakeKubelet::finish(Str ns, Str name, Str uid, Str json) {
  co_await env::sleep(env_, turn());
  if (!json.empty()) {
    auto patched =
        co_await client_.patch(KindId::kPod, ns, name, api::PatchType::kStrategicMerge, json, "status");
  }
  client::DeleteParams params;
  params.grace_period_seconds = 0;
  params.precondition_uid = uid;
  auto removed = co_await client_.remove(KindId::kPod, ns, name, params);
}

Nanos FakeKubelet::turn() {
  const base::Instant now = env_.clock.now();
  free_at_ = std::max(now, free_at_ + kPace);
  return free_at_ - now;
}

env::Task<> FakeKubelet::send(Str ns, Str name, Str json) {
  co_await env::sleep(env_, turn());
  auto patched =
      co_await client_.patch(KindId::kPod, ns, name, api::PatchType::kStrategicMerge, json, "status");
}

void FakeKubelet::patch(const FakePod& pod, JsonValue status) {
  JsonValue body = JsonValue::object();
  body.set("status", std::move(status));
  tasks_.spawn(send(pod.pod().metadata.namespace_, pod.pod().metadata.name, body.dump()));
}

JsonValue FakeKubelet::condition(const FakePod& pod, const char* type, bool status, const char* reason,
                                 const std::string& message) const {
  JsonValue c = JsonValue::object();
  const char* text = status ? "True" : "False";
  const api::PodCondition* old = api::find_condition(*pod.pod().status, type);
  c.set("type", type);
  c.set("status", text);
  c.set("reason", *reason ? JsonValue(reason) : JsonValue());
  c.set("message", message.empty() ? JsonValue() : JsonValue(message));
  if (!old || !(old->status == text)) c.set("lastTransitionTime", api::Time::from(env_.clock.wall()).str());
  return c;
}

JsonValue FakeKubelet::container_status(const FakePod& pod, bool ready, bool started, JsonValue state,
                                        JsonValue last) const {
  JsonValue list = JsonValue::array();
  for (const api::Container& container : pod.pod().spec->containers) {
    JsonValue c = JsonValue::object();
    c.set("name", container.name);
    c.set("image", container.image);
    c.set("imageID", started ? JsonValue(cat("fake://", container.image)) : JsonValue(""));
    c.set("ready", ready);
    c.set("started", started);
    c.set("restartCount", pod.restarts);
    c.set("state", state);
    c.set("lastState", last);
    list.edit_items().push_back(std::move(c));
  }
  return list;
}

JsonValue FakeKubelet::terminated(const FakePod& pod, int code) const {
  JsonValue t = JsonValue::object(), out = JsonValue::object();
  t.set("exitCode", code);
  t.set("reason", code ? "Error" : "Completed");
  t.set("startedAt", api::Time::from(pod.started_at).str());
  t.set("finishedAt", api::Time::from(env_.clock.wall()).str());
  out.set("terminated", std::move(t));
  return out;
}

JsonValue FakeKubelet::state_patch(const FakePod& pod, const char* phase, bool ready, const char* reason,
                                   JsonValue container) const {
  const bool not_ready = std::string_view(reason) == "ContainersNotReady";
  const std::string message = not_ready ? unready_message(pod.pod()) : "";
  const bool runs = std::string_view(phase) == "Running";
  JsonValue conditions = JsonValue::array();
  auto& list = conditions.edit_items();
  list.push_back(condition(pod, "PodReadyToStartContainers", runs, "", ""));
  list.push_back(
      condition(pod, "Initialized", true, std::string_view(reason) == "PodCompleted" ? reason : "", ""));
  list.push_back(condition(pod, "Ready", ready, reason, message));
  list.push_back(condition(pod, "ContainersReady", ready, reason, message));
  JsonValue status = JsonValue::object();
  status.set("phase", phase);
  status.set("conditions", std::move(conditions));
  status.set("hostIP", "127.0.0.1");
  status.set("containerStatuses", std::move(container));
  return status;
}

}  // namespace orrery::scenarios::conform
