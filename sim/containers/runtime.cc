#include "sim/containers/runtime.h"

#include <cstdio>

#include "model/base/str.h"
#include "sim/containers/container_view.h"
#include "sim/net/fabric.h"
#include "sim/world/machine.h"
#include "sim/world/machine_origin.h"
#include "sim/world/trace_sink.h"

namespace orrery::sim {
namespace {

using base::cat;
using base::Instant;
using env::ContainerEventKind;
using env::ContainerState;
using How = history::ContainerStopped::How;


base::Ref<const Behaviour> behaviour_of(const env::SandboxSpec& spec) {
  if (const Str* text = spec.annotations.find(kBehaviourAnnotation)) {
    auto parsed = parse_behaviour(*text);
    if (parsed.ok()) return *parsed;
  }
  return base::make_ref<Behaviour>();
}

/// Who a pod's runs are counted for: its Job, or else its own name.
Str owner_of(const env::SandboxSpec& spec) {
  if (const Str* uid = spec.labels.find("batch.kubernetes.io/controller-uid")) return *uid;
  return cat(spec.pod_namespace, "/", spec.pod_name);
}

}  // namespace

Registry::Registry(World& world, const RuntimeConfig& config)
    : config_(config), node_(world.sharing().add_node({0, static_cast<double>(config.registry_bandwidth), 0})) {}

Runtime::Runtime(World& world, MachineId machine, const RuntimeConfig& config, std::shared_ptr<Registry> registry,
                 std::size_t number)
    : world_(world), machine_(machine), config_(config), registry_(std::move(registry)), number_(number),
      node_(world.machine(machine).share_node()) {}

std::unique_ptr<env::Containers> Runtime::containers(ProcessGate& gate) { return std::make_unique<ContainerView>(*this, gate); }
std::unique_ptr<env::Dataplane> Runtime::dataplane(ProcessGate& gate) { return std::make_unique<DataplaneView>(*this, gate); }

Instant Runtime::wall() const { return world_.config().epoch + world_.now().ns; }

void Runtime::record(const history::Record& record) {
  TraceSink* sink = world_.trace();
  if (!sink || !sink->recording(record.kind)) return;
  const MachineOrigin origin(world_.machine(machine_).config().name);
  sink->record(world_.now(), origin, record);
}

Str Runtime::new_id(std::string_view kind) {
  const std::uint64_t n = next_number_++;
  const std::uint64_t a = base::combine64(base::hash_bytes(world_.machine(machine_).config().name), n);
  char text[48];
  std::snprintf(text, sizeof text, "%016llx%08llx", static_cast<unsigned long long>(base::combine64(a, base::hash_bytes(kind))),
                static_cast<unsigned long long>(n));
  return text;
}

Str Runtime::take_ip() {
  for (std::uint32_t tried = 0; tried < 253; ++tried) {
    next_ip_ = next_ip_ >= 254 ? 2 : next_ip_ + 1;
    const Str ip = cat("10.", std::to_string(128 + number_ / 256), ".", std::to_string(number_ % 256), ".", std::to_string(next_ip_));
    if (!ip_owner_.contains(ip)) return ip;
  }
  return {};
}

const Runtime::Sandbox& Runtime::run_sandbox(const env::SandboxSpec& spec) {
  Sandbox s;
  s.status.id = new_id("sandbox");
  s.status.spec = spec;
  s.status.ready = true;
  s.status.created_wall = wall();
  s.status.ip = spec.host_network ? world_.machine(machine_).config().address : take_ip();
  s.behaviour = behaviour_of(spec);
  s.order = next_number_;
  if (!spec.host_network && !s.status.ip.empty()) {
    ip_owner_[s.status.ip] = s.status.id;
    world_.network().add_alias(s.status.ip, world_.machine(machine_).host());
  }
  const Str id = s.status.id;
  return sandboxes_[id] = std::move(s);
}

void Runtime::stop_sandbox(const Str& id) {
  const auto it = sandboxes_.find(id);
  if (it == sandboxes_.end()) return;
  const std::vector<Str> mine = it->second.containers;
  for (const Str& cid : mine) end_container(cid, How::kKill, 137, "Error");
  Sandbox& s = sandboxes_.find(id)->second;
  if (!s.status.ready) return;
  s.status.ready = false;
  if (!s.status.spec.host_network) {
    ip_owner_.erase(s.status.ip);
    world_.network().remove_alias(s.status.ip);
  }
}

void Runtime::remove_sandbox(const Str& id) {
  stop_sandbox(id);
  const auto it = sandboxes_.find(id);
  if (it == sandboxes_.end()) return;
  const std::vector<Str> mine = it->second.containers;
  for (const Str& cid : mine) remove_container(cid);
  sandboxes_.erase(id);
}

Str Runtime::create_container(const Str& sandbox, const env::ContainerSpec& spec) {
  const auto it = sandboxes_.find(sandbox);
  if (it == sandboxes_.end() || !it->second.status.ready) return {};
  Container c;
  c.status.id = new_id("container");
  c.status.sandbox_id = sandbox;
  c.status.spec = spec;
  c.status.image_id = cat("sha256:", std::to_string(base::hash_bytes(spec.image)));
  c.status.created_wall = wall();
  c.behaviour = it->second.behaviour;
  c.order = next_number_;
  const Str id = c.status.id;
  it->second.containers.push_back(id);
  containers_[id] = std::move(c);
  notify(ContainerEventKind::kCreated, sandbox, id);
  return id;
}

bool Runtime::start_container(const Str& id) {
  const auto it = containers_.find(id);
  if (it == containers_.end() || it->second.status.state != ContainerState::kCreated) return false;
  Container& c = it->second;
  c.status.state = ContainerState::kRunning;
  c.status.started_wall = wall();
  c.started = world_.now();
  c.ready_at = c.started + c.behaviour->ready;
  history::ContainerStarted fact;
  const env::SandboxSpec& pod = sandboxes_.find(c.status.sandbox_id)->second.status.spec;
  fact.pod_namespace = pod.pod_namespace;
  fact.pod_name = pod.pod_name;
  fact.pod_uid = pod.pod_uid;
  fact.container = c.status.spec.name;
  fact.container_id = id;
  fact.attempt = c.status.spec.attempt;
  record(fact);
  plan_end(c);
  auto watchers = std::move(c.watchers);
  notify(ContainerEventKind::kStarted, Str(c.status.sandbox_id), id);
  for (auto& w : watchers) w();
  replan_memory();
  return true;
}

void Runtime::plan_end(Container& c) {
  const Behaviour& b = *c.behaviour;
  const bool init = c.status.spec.type == env::ContainerType::kInit;
  const bool timed = b.kind == Behaviour::Kind::kCrashLoop || b.kind == Behaviour::Kind::kExit;
  const bool works = b.kind == Behaviour::Kind::kWork;
  if (!init && !timed && !works) return;
  int code = !init && timed ? b.exit_code : 0;
  if (b.fail_first > 0 && c.status.spec.type == env::ContainerType::kApp &&
      registry_->next_run(owner_of(sandboxes_.find(c.status.sandbox_id)->second.status.spec)) < b.fail_first)
    code = 1;
  if (!init && works && b.cpu_work > 0) return begin_work(c, code);
  if (!init && b.busy_milli > 0) begin_load(c);
  const base::Nanos run = init ? b.init : works ? 0 : b.after;
  c.end = world_.kernel().after(run, kContainerTag, [this, id = c.status.id, code] {
    end_container(id, How::kExited, code, code == 0 ? "Completed" : "Error");
  });
}

void Runtime::stop_container(const Str& id, base::Nanos grace, base::UniqueFunction<void()> stopped) {
  const auto it = containers_.find(id);
  if (it == containers_.end() || it->second.status.state != ContainerState::kRunning) return stopped();
  Container& c = it->second;
  c.waiting.push_back(std::move(stopped));
  if (grace <= 0) return end_container(id, How::kKill, 137, "Error");
  const bool first = c.term_at == base::kNever;
  if (first) c.term_at = world_.now();
  const Behaviour& b = *c.behaviour;
  if (first && !b.ignores_term) {
    const int code = b.kind == Behaviour::Kind::kService ? 0 : 143;
    const Str reason = code == 0 ? "Completed" : "Error";
    world_.kernel().cancel(c.end);
    world_.sharing().cancel(c.work);
    c.end = world_.kernel().after(b.on_term, kContainerTag, [this, id, code, reason] { end_container(id, How::kTerm, code, reason); });
  }
  world_.kernel().cancel(c.kill);
  c.kill = world_.kernel().after(grace, kContainerTag, [this, id] { end_container(id, How::kKill, 137, "Error"); });
}

void Runtime::end_container(const Str& id, How how, int exit_code, Str reason) {
  const auto it = containers_.find(id);
  if (it == containers_.end() || it->second.status.state != ContainerState::kRunning) return;
  Container& c = it->second;
  world_.kernel().cancel(c.end);
  world_.kernel().cancel(c.kill);
  c.end = c.kill = EventId::kNone;
  end_work(c);
  c.status.state = ContainerState::kExited;
  c.status.finished_wall = wall();
  c.status.exit_code = exit_code;
  c.status.reason = reason;
  c.ready_at = base::kNever;
  history::ContainerStopped fact;
  const env::SandboxSpec& pod = sandboxes_.find(c.status.sandbox_id)->second.status.spec;
  fact.how = how;
  fact.pod_namespace = pod.pod_namespace;
  fact.pod_name = pod.pod_name;
  fact.pod_uid = pod.pod_uid;
  fact.container = c.status.spec.name;
  fact.container_id = id;
  fact.reason = reason;
  fact.exit_code = exit_code;
  fact.term_at = c.term_at;
  record(fact);
  auto waiting = std::move(c.waiting);
  auto watchers = std::move(c.watchers);
  const Str sandbox = c.status.sandbox_id;
  if (how != How::kPowerLoss) notify(ContainerEventKind::kStopped, sandbox, id);
  for (auto& w : waiting) w();
  for (auto& w : watchers) w();
  replan_memory();
}

void Runtime::remove_container(const Str& id) {
  const auto it = containers_.find(id);
  if (it == containers_.end()) return;
  if (it->second.status.state == ContainerState::kRunning) end_container(id, How::kKill, 137, "Error");
  const Str sandbox = it->second.status.sandbox_id;
  const auto box = sandboxes_.find(sandbox);
  if (box != sandboxes_.end()) std::erase(box->second.containers, id);
  containers_.erase(id);
  notify(ContainerEventKind::kRemoved, sandbox, id);
}

void Runtime::power_off() {
  std::vector<Str> running;
  for (const auto& [id, c] : containers_)
    if (c.status.state == ContainerState::kRunning) running.push_back(id);
  for (const Str& id : running) end_container(id, How::kPowerLoss, 255, "Unknown");
  for (auto& [id, s] : sandboxes_) {
    if (!s.status.ready) continue;
    s.status.ready = false;
    if (!s.status.spec.host_network) world_.network().remove_alias(s.status.ip);
  }
  ip_owner_.clear();
  table_.clear();
}

void Runtime::add_image(const Str& name) {
  env::ImageInfo& image = images_[name];
  image.name = name;
  image.id = cat("sha256:", std::to_string(base::hash_bytes(name)));
  image.size_bytes = registry_->image_bytes();
  image.last_used_wall = wall();
}

int Runtime::subscribe(Listener listener) {
  listeners_[next_listener_] = std::move(listener);
  return next_listener_++;
}

void Runtime::notify(ContainerEventKind kind, const Str& sandbox, const Str& container) {
  const auto it = sandboxes_.find(sandbox);
  const env::ContainerEvent event{kind, sandbox, container, it == sandboxes_.end() ? Str() : it->second.status.spec.pod_uid};
  for (auto& [id, listener] : listeners_) listener(event);
}

std::shared_ptr<Registry> make_registry(World& world, const RuntimeConfig& config) {
  return std::make_shared<Registry>(world, config);
}

std::unique_ptr<Runtime> make_runtime(World& world, MachineId machine, const RuntimeConfig& config,
                                      std::shared_ptr<Registry> registry, std::size_t number) {
  return std::make_unique<Runtime>(world, machine, config, std::move(registry), number);
}

}  // namespace orrery::sim
