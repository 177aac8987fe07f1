#include "nodes/kubelet/node_reporter.h"

#include <algorithm>

#include "control/client/backoff.h"

namespace orrery::kubelet {
namespace {

constexpr base::Nanos kRegisterFirst = 100 * base::kMillisecond, kRegisterMax = 7 * base::kSecond;
constexpr double kStatusJitter = 0.04;

using Answer = client::ApiResult<base::Ref<const api::ApiResponse>>;

client::InformerConfig only(const Str& node) {
  client::InformerConfig c;
  c.field_selector = base::cat("metadata.name=", node);
  return c;
}

}  // namespace

NodeReporter::NodeReporter(env::Environment& env, client::Client& client, client::EventRecorder& events,
                           const KubeletConfig& config)
    : env_(env), client_(client), events_(events), config_(config), watch_(env, client, api::KindId::kNode, only(config.node_name)),
      jitter_(env.random.stream("jitter/node-status")) {
  watch_.add_handler([this](const api::ObjectRef&, const api::ObjectRef& now) { watched(now); });
}

base::Ref<api::ApiRequest> NodeReporter::request(api::Verb verb) const {
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = verb;
  r->kind = api::KindId::kNode;
  r->name = config_.node_name;
  return r;
}

void NodeReporter::start(base::UniqueFunction<void(const api::ObjectRef&)> registered) {
  registered_ = std::move(registered);
  create();
}

void NodeReporter::create() {
  auto r = request(api::Verb::kCreate);
  r->format = api::BodyFormat::kHandle;
  r->object = api::make_object(initial_node(config_, facts_, env_.clock.wall()));
  client_.call(std::move(r), [this, token = liveness_.token()](Answer answer) {
    if (!token.alive()) return;
    if (answer) return finish((*answer)->object);
    if (answer.error().already_exists()) return adopt_existing();
    retry_registration();
  });
}

void NodeReporter::adopt_existing() {
  client_.call(request(api::Verb::kGet), [this, token = liveness_.token()](Answer answer) {
    if (!token.alive()) return;
    if (answer) return reconcile((*answer)->object);
    retry_registration();
  });
}

void NodeReporter::reconcile(api::ObjectRef existing) {
  api::Node node = existing->as<api::Node>();
  if (!reconcile_node(config_, facts_.machine, node)) return finish(std::move(existing));
  auto r = request(api::Verb::kUpdate);
  r->format = api::BodyFormat::kHandle;
  r->object = api::make_object(std::move(node));
  client_.call(std::move(r), [this, token = liveness_.token()](Answer answer) {
    if (!token.alive()) return;
    if (answer) return finish((*answer)->object);
    retry_registration();
  });
}

void NodeReporter::retry_registration() {
  register_delay_ = register_delay_ == 0 ? kRegisterFirst : std::min(kRegisterMax, 2 * register_delay_);
  env_.timers.after(register_delay_, [this, token = liveness_.token()] {
    if (token.alive()) create();
  });
}

void NodeReporter::finish(api::ObjectRef node) {
  const bool again = static_cast<bool>(node_);
  take(std::move(node));
  const api::Node& value = node_->as<api::Node>();
  const Str& boot = value.status->node_info->boot_id;
  if (!again && !boot.empty() && !(boot == facts_.machine.boot_id)) {
    events_.event(*node_, "Warning", "Rebooted",
                  base::cat("Node ", config_.node_name, " has been rebooted, boot id: ", facts_.machine.boot_id));
  }
  last_report_ = env_.clock.now() - config_.status_report_frequency;
  if (!again) {
    events_.event(*node_, "Normal", "Starting", "Starting kubelet.");
    watch_.start();
  }
  pass();
  if (registered_) {
    auto registered = std::move(registered_);
    registered_ = nullptr;
    registered(node_);
  }
}

void NodeReporter::take(api::ObjectRef node) {
  node_ = std::move(node);
  if (told_) told_();
}

void NodeReporter::watched(const api::ObjectRef& now) {
  if (!now) {
    // A Node that somebody deleted stays deleted, as upstream: only a new kubelet registers again.
    return;
  }
  if (node_ && now->revision() <= node_->revision() && now->meta().uid == node_->meta().uid) return;
  take(now);
  const api::NodeStatus& status = *now->as<api::Node>().status;
  if (node_status_differs(status, node_status(config_, facts_, status, env_.clock.wall()))) changed();
}

/// Something is to be told with the next of the passes that upstream makes anyway.
void NodeReporter::changed() {
  if (!node_) return;
  const base::Nanos period = client::jitter(jitter_, config_.status_update_frequency, kStatusJitter);
  schedule(period - (env_.clock.now() - last_pass_) % period);
}

/// The earliest of the passes asked for is made.
void NodeReporter::schedule(base::Nanos delay) {
  const base::Instant at = env_.clock.now() + delay;
  if (at >= next_pass_) return;
  if (timer_ != env::TimerId::kNone) env_.timers.cancel(timer_);
  next_pass_ = at;
  timer_ = env_.timers.after(delay, [this, token = liveness_.token()] {
    if (!token.alive()) return;
    timer_ = env::TimerId::kNone;
    next_pass_ = base::kNever;
    pass();
  });
}

void NodeReporter::pass() {
  if (busy_) return;
  const base::Instant now = env_.clock.now();
  last_pass_ = now;
  const api::NodeStatus& current = *node_->as<api::Node>().status;
  const bool due = now - last_report_ >= config_.status_report_frequency;
  if (due || node_status_differs(current, node_status(config_, facts_, current, env_.clock.wall()))) return write();
  schedule(config_.status_report_frequency - (now - last_report_));
}

void NodeReporter::write() {
  api::Node next = node_->as<api::Node>();
  const api::NodeStatus before = *next.status;
  next.status = node_status(config_, facts_, before, env_.clock.wall());
  announce(before, *next.status);
  auto r = request(api::Verb::kUpdate);
  r->subresource = "status";
  r->format = api::BodyFormat::kHandle;
  r->object = api::make_object(std::move(next));
  busy_ = true;
  client_.call(std::move(r), [this, token = liveness_.token()](Answer answer) {
    if (!token.alive()) return;
    busy_ = false;
    written(answer);
  });
}

void NodeReporter::written(const Answer& answer) {
  if (answer) {
    if ((*answer)->object && (*answer)->object->revision() > node_->revision()) take((*answer)->object);
    last_report_ = env_.clock.now();
    schedule(config_.status_report_frequency);
    // What the facts became meanwhile, or what the API did not take, waits for the next pass.
    const api::NodeStatus& current = *node_->as<api::Node>().status;
    if (node_status_differs(current, node_status(config_, facts_, current, env_.clock.wall()))) changed();
    return;
  }
  if (!answer.error().conflict()) return changed();
  busy_ = true;
  client_.call(request(api::Verb::kGet), [this, token = liveness_.token()](Answer fresh) {
    if (!token.alive()) return;
    busy_ = false;
    if (!fresh) return changed();
    take((*fresh)->object);
    pass();
  });
}

void NodeReporter::announce(const api::NodeStatus& before, const api::NodeStatus& after) {
  announce_one(before, after, "MemoryPressure", "NodeHasInsufficientMemory", "NodeHasSufficientMemory");
  announce_one(before, after, "DiskPressure", "NodeHasDiskPressure", "NodeHasNoDiskPressure");
  announce_one(before, after, "PIDPressure", "NodeHasInsufficientPID", "NodeHasSufficientPID");
  announce_one(before, after, "Ready", "NodeReady", "NodeNotReady");
  announced_ = true;
}

/// An event for a condition that changes, and for all of them at the first report.
void NodeReporter::announce_one(const api::NodeStatus& before, const api::NodeStatus& after, const char* type,
                                const char* when_true, const char* when_false) {
  const bool is = condition_true(after, type);
  bool same = false;
  for (const api::NodeCondition& c : before.conditions) same = same || (c.type == type && c.status == (is ? "True" : "False"));
  if (same && announced_) return;
  const char* reason = is ? when_true : when_false;
  events_.event(*node_, "Normal", reason, base::cat("Node ", config_.node_name, " status is now: ", reason));
}

}  // namespace orrery::kubelet
