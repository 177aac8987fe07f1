#include "sim/containers/container_view.h"

#include <algorithm>

#include "model/base/str.h"
#include "sim/containers/polled_probe.h"
#include "sim/world/machine.h"

namespace orrery::sim {
namespace {

using base::cat;
using base::Error;
using base::ErrorCode;

Error missing(const char* what, const Str& id) { return {ErrorCode::kNotFound, cat(what, " ", id, " not found")}; }

template <class T, class M, class Get>
std::vector<T> by_order(const M& map, Get get) {
  std::vector<std::pair<std::uint64_t, T>> items;
  for (const auto& [id, entry] : map) items.emplace_back(entry.order, get(entry));
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<T> out;
  for (auto& [order, item] : items) out.push_back(std::move(item));
  return out;
}

}  // namespace

ContainerView::ContainerView(Runtime& runtime, ProcessGate& gate) : runtime_(runtime), gate_(gate) {}

ContainerView::~ContainerView() {
  if (subscription_) runtime_.unsubscribe(subscription_);
  for (const auto& [number, pull] : pulls_) runtime_.world().sharing().cancel(pull);
}

template <class F>
void ContainerView::spawn(base::Nanos delay, F work) {
  later(delay, [this, work = std::move(work)]() mutable {
    if (!gate_.begin_effect(Effect::kSpawn)) return;
    work();
    gate_.end_effect();
  });
}

env::MachineInfo ContainerView::machine() const {
  const MachineConfig& m = runtime_.world().machine(runtime_.machine()).config();
  env::MachineInfo info;
  info.cpu_milli = std::int64_t{m.cores} * 1000;
  info.memory_bytes = m.memory_bytes;
  info.ephemeral_storage_bytes = m.disk.capacity_bytes;
  info.machine_id = m.name;
  info.boot_id = cat(m.name, "-boot");
  info.os_image = "Orrery simulated machine";
  info.kernel_version = "6.1.0";
  info.runtime_version = "orrery://1.0.0";
  info.architecture = "amd64";
  return info;
}

void ContainerView::run_sandbox(env::SandboxSpec spec, Done<env::SandboxStatus> done) {
  spawn(runtime_.config().sandbox_start, [this, spec = std::move(spec), done = std::move(done)]() mutable {
    done(runtime_.run_sandbox(spec).status);
  });
}

void ContainerView::stop_sandbox(Str id, Done<base::Unit> done) {
  later(runtime_.config().answer, [this, id, done = std::move(done)]() mutable {
    runtime_.stop_sandbox(id);
    done(base::Unit{});
  });
}

void ContainerView::remove_sandbox(Str id, Done<base::Unit> done) {
  later(runtime_.config().answer, [this, id, done = std::move(done)]() mutable {
    runtime_.remove_sandbox(id);
    done(base::Unit{});
  });
}

void ContainerView::create_container(Str sandbox, env::ContainerSpec spec, Done<Str> done) {
  spawn(runtime_.config().container_create, [this, sandbox, spec = std::move(spec), done = std::move(done)]() mutable {
    if (!runtime_.has_image(spec.image)) return done(missing("image", spec.image));
    const Str id = runtime_.create_container(sandbox, spec);
    if (id.empty()) return done(missing("sandbox", sandbox));
    done(id);
  });
}

void ContainerView::start_container(Str id, Done<base::Unit> done) {
  spawn(runtime_.config().container_start, [this, id, done = std::move(done)]() mutable {
    if (runtime_.start_container(id)) done(base::Unit{});
    else done(missing("created container", id));
  });
}

void ContainerView::stop_container(Str id, base::Nanos grace, Done<base::Unit> done) {
  later(runtime_.config().answer, [this, id, grace, done = std::move(done)]() mutable {
    runtime_.stop_container(id, grace, [this, done = std::move(done)]() mutable {
      later(0, [done = std::move(done)]() mutable { done(base::Unit{}); });
    });
  });
}

void ContainerView::remove_container(Str id, Done<base::Unit> done) {
  later(runtime_.config().answer, [this, id, done = std::move(done)]() mutable {
    runtime_.remove_container(id);
    done(base::Unit{});
  });
}

void ContainerView::exec(Str id, base::List<Str>, base::Nanos, Done<int> done) {
  later(runtime_.config().container_start, [this, id, done = std::move(done)]() mutable {
    const auto it = runtime_.all_containers().find(id);
    if (it == runtime_.all_containers().end() || it->second.status.state != env::ContainerState::kRunning)
      return done(missing("running container", id));
    done(0);
  });
}

void ContainerView::list_sandboxes(Done<std::vector<env::SandboxStatus>> done) {
  later(runtime_.config().answer, [this, done = std::move(done)]() mutable {
    done(by_order<env::SandboxStatus>(runtime_.sandboxes(), [](const Runtime::Sandbox& s) { return s.status; }));
  });
}

void ContainerView::list_containers(Done<std::vector<env::ContainerStatus>> done) {
  later(runtime_.config().answer, [this, done = std::move(done)]() mutable {
    done(by_order<env::ContainerStatus>(runtime_.all_containers(), [](const Runtime::Container& c) { return c.status; }));
  });
}

void ContainerView::container_status(Str id, Done<env::ContainerStatus> done) {
  later(runtime_.config().answer, [this, id, done = std::move(done)]() mutable {
    const auto it = runtime_.all_containers().find(id);
    if (it == runtime_.all_containers().end()) return done(missing("container", id));
    done(it->second.status);
  });
}

void ContainerView::events(base::UniqueFunction<void(const env::ContainerEvent&)> on_event) {
  if (subscription_) runtime_.unsubscribe(subscription_);
  auto shared = std::make_shared<base::UniqueFunction<void(const env::ContainerEvent&)>>(std::move(on_event));
  subscription_ = runtime_.subscribe([this, shared](const env::ContainerEvent& event) {
    later(0, [shared, event] { (*shared)(event); });
  });
}

void ContainerView::pull_image(Str image, Done<env::ImageInfo> done) {
  if (!gate_.alive()) return;
  if (runtime_.has_image(image)) return pulled(image, std::move(done));
  Registry& registry = runtime_.registry();
  const std::uint64_t number = next_pull_++;
  const ShareDemand flow{registry.node(), runtime_.node()};
  pulls_[number] = runtime_.world().sharing().start(
      flow, static_cast<double>(registry.image_bytes()), tag(), [this, number, image, done = std::move(done)]() mutable {
        pulls_.erase(number);
        pulled(image, std::move(done));
      });
}

void ContainerView::pulled(const Str& image, Done<env::ImageInfo> done) {
  later(runtime_.config().answer, [this, image, done = std::move(done)]() mutable {
    runtime_.add_image(image);
    done(runtime_.images().find(image)->second);
  });
}

void ContainerView::list_images(Done<std::vector<env::ImageInfo>> done) {
  later(runtime_.config().answer, [this, done = std::move(done)]() mutable {
    std::vector<env::ImageInfo> out;
    for (const auto& [name, image] : runtime_.images()) out.push_back(image);
    done(std::move(out));
  });
}

void ContainerView::remove_image(Str image, Done<base::Unit> done) {
  later(runtime_.config().answer, [this, image, done = std::move(done)]() mutable {
    runtime_.images().erase(image);
    done(base::Unit{});
  });
}

void ContainerView::usage(Done<env::UsageStats> done) {
  later(runtime_.config().answer, [this, done = std::move(done)]() mutable {
    const Machine& m = runtime_.world().machine(runtime_.machine());
    env::UsageStats u;
    u.memory_capacity_bytes = m.config().memory_bytes;
    u.memory_available_bytes = m.config().memory_bytes - m.process_memory() - runtime_.memory_in_use();
    std::int64_t image_bytes = 0;
    for (const auto& [name, image] : runtime_.images()) image_bytes += image.size_bytes;
    u.nodefs_capacity_bytes = u.imagefs_capacity_bytes = m.config().disk.capacity_bytes;
    u.nodefs_available_bytes = u.imagefs_available_bytes = m.config().disk.capacity_bytes - image_bytes;
    for (const auto& [id, c] : runtime_.all_containers()) {
      if (c.status.state != env::ContainerState::kRunning) continue;
      env::UsageStats::Entry e;
      e.container_id = id;
      e.sandbox_id = c.status.sandbox_id;
      e.memory_working_set_bytes = runtime_.memory_of(c);
      e.cpu_nanos = runtime_.cpu_of(c);
      u.containers.push_back(std::move(e));
    }
    done(std::move(u));
  });
}

env::ProbeWatch ContainerView::watch_probe(env::ProbeSpec spec, base::UniqueFunction<void(env::ProbeResult)> on_change) {
  const std::uint64_t id = next_watch_++;
  if (runtime_.config().polled_probes) watches_[id] = std::make_unique<PolledProbe>(runtime_, gate_, std::move(spec), std::move(on_change));
  else watches_[id] = std::make_unique<ProbeWatcher>(runtime_, gate_, std::move(spec), std::move(on_change));
  return static_cast<env::ProbeWatch>(id);
}

void ContainerView::unwatch_probe(env::ProbeWatch watch) { watches_.erase(static_cast<std::uint64_t>(watch)); }

void DataplaneView::apply(std::vector<base::Ref<const env::ServiceEntry>> entries, bool full,
                          base::UniqueFunction<void(base::Status)> done) {
  if (!gate_.alive()) return;
  runtime_.world().kernel().after(
      runtime_.config().answer, {gate_.owner(), EventKind::kDataplane, 0},
      [this, entries = std::move(entries), full, done = std::move(done)]() mutable {
        for (const auto& e : runtime_.table().apply(entries, full)) {
          history::ServiceTable fact;
          fact.service_namespace = e->service_namespace;
          fact.service_name = e->service_name;
          for (const env::ServicePort& p : e->ports)
            for (const env::Backend& b : p.backends) fact.backends.push_back(cat(b.ip, ":", std::to_string(b.port)));
          std::sort(fact.backends.begin(), fact.backends.end());
          for (const Str& b : fact.backends) fact.backends_hash = base::combine64(fact.backends_hash, base::hash_bytes(b));
          runtime_.record(fact);
        }
        done(base::ok_status());
      });
}

}  // namespace orrery::sim
