#include "scenarios/run/http_load.h"

#include "sim/net/fabric.h"
#include "sim/world/machine.h"

namespace orrery::scenarios {
namespace {

constexpr sim::EventTag kClientTag{0, sim::EventKind::kClient, 0};

}  // namespace

HttpLoad::HttpLoad(sim::World& world, std::vector<sim::MachineId> machines, ClientSpec spec, ClientTally& tally)
    : world_(world), machines_(std::move(machines)), spec_(std::move(spec)), tally_(tally),
      draws_(world.stream("http-load", spec_.name)), waiting_(spec_.when_served) {}

void HttpLoad::start() {
  next_ = base::Instant{spec_.from};
  schedule_next();
}

void HttpLoad::schedule_next() {
  const double mean_ns = 1e9 / spec_.rate;
  const double gap = spec_.poisson ? draws_.exponential(mean_ns) : mean_ns;
  next_ = next_ + static_cast<base::Nanos>(gap);
  if (next_.ns > spec_.until) return;
  world_.kernel().at(next_, kClientTag, [this] {
    waiting_ = waiting_ && !served_everywhere();
    if (!waiting_) request();
    schedule_next();
  });
}

bool HttpLoad::served_everywhere() {
  for (const sim::MachineId m : machines_) {
    if (!world_.powered(m)) continue;
    Backend backend;
    if (!choose(m, 0, backend)) return false;
  }
  return true;
}

bool HttpLoad::choose(sim::MachineId from, std::uint64_t draw, Backend& backend) {
  auto* runtime = static_cast<sim::Runtime*>(world_.runtime(from));
  const env::ServiceEntry* entry = runtime->table().find(spec_.service_namespace, spec_.service_name);
  if (!entry) return false;
  for (const env::ServicePort& p : entry->ports) {
    if (spec_.port != 0 && p.port != spec_.port) continue;
    if (p.backends.empty()) return false;
    backend.ip = p.backends[static_cast<std::size_t>(draw % p.backends.size())].ip;
    break;
  }
  if (backend.ip.empty()) return false;
  backend.host = world_.network().find_host(backend.ip);
  for (const sim::MachineId m : machines_)
    if (world_.machine(m).host() == backend.host) backend.runtime = static_cast<sim::Runtime*>(world_.runtime(m));
  return true;
}

void HttpLoad::request() {
  ++tally_.requests;
  ++tally_.in_flight;
  const base::Instant sent = world_.now();
  const std::uint64_t pick = draws_.next();
  const std::uint64_t draw = draws_.next();
  const sim::MachineId from = machines_[static_cast<std::size_t>(pick % machines_.size())];
  if (!world_.powered(from)) {
    // Nobody is on a dark machine: this user is not there either.
    --tally_.requests;
    --tally_.in_flight;
    return;
  }
  Backend backend;
  if (!choose(from, draw, backend)) return end(false, sent);
  const sim::HostId source = world_.machine(from).host();
  if (!backend.runtime || world_.network().unreachable(source, backend.host)) {
    world_.kernel().after(spec_.timeout, kClientTag, [this, sent] { end(false, sent); });
    return;
  }
  const base::Nanos there = world_.network().transit(source, backend.host, draw).latency;
  world_.kernel().after(there, kClientTag, [this, source, backend, sent, draw] { arrive(source, backend, sent, draw); });
}

void HttpLoad::arrive(sim::HostId from, const Backend& backend, base::Instant sent, std::uint64_t draw) {
  const sim::HostId host = backend.host;
  backend.runtime->request(backend.ip, [this, from, host, sent, draw](bool ok) {
    const base::Nanos back = world_.network().transit(host, from, draw + 1).latency;
    world_.kernel().after(back, kClientTag, [this, ok, sent] { end(ok && world_.now() - sent <= spec_.timeout, sent); });
  });
}

void HttpLoad::end(bool ok, base::Instant sent) {
  --tally_.in_flight;
  if (!ok) {
    ++tally_.failed;
    return;
  }
  ++tally_.ok;
  tally_.latencies.push_back(world_.now() - sent);
}

}  // namespace orrery::scenarios
