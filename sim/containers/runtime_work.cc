#include <algorithm>

#include "sim/containers/runtime.h"

namespace orrery::sim {
namespace {

using env::ContainerState;
using How = history::ContainerStopped::How;

constexpr std::size_t kBacklog = 4096;  // requests that wait at one container

}  // namespace

/// The share of one of the container's `threads`: its weight and quota are the container's, a thread has at
/// most a core.
ShareDemand Runtime::demand_of(const Container& c, int threads) const {
  const env::ContainerResources& r = c.status.spec.resources;
  ShareDemand d{node_, node_, static_cast<double>(std::max<std::int64_t>(2, r.cpu_shares)) / threads, kCore};
  if (r.cpu_quota_milli > 0)
    d.bound = std::min(kCore, static_cast<double>(r.cpu_quota_milli) * 1e6 / threads);
  return d;
}

void Runtime::begin_work(Container& c, int exit_code) {
  const auto amount = static_cast<double>(c.behaviour->cpu_work);
  c.work = world_.sharing().start(demand_of(c, 1), amount, kContainerTag, [this, id = c.status.id, exit_code] {
    end_container(id, How::kExited, exit_code, exit_code == 0 ? "Completed" : "Error");
  });
}

void Runtime::begin_load(Container& c) {
  ShareDemand d = demand_of(c, 1);
  const std::int64_t quota = c.status.spec.resources.cpu_quota_milli;
  d.bound = static_cast<double>(quota > 0 ? std::min(quota, c.behaviour->busy_milli) : c.behaviour->busy_milli) * 1e6;
  c.work = world_.sharing().start(d, static_cast<double>(c.behaviour->cpu_work), kContainerTag, [] {});
}

/// The container has ended: what it worked on is lost, its connections are reset.
void Runtime::end_work(Container& c) {
  c.cpu_nanos = static_cast<double>(cpu_of(c));
  SharedCapacity& capacity = world_.sharing();
  capacity.cancel(c.work);
  c.work = ShareId::kNone;
  std::vector<Answered> reset;
  for (Request& r : c.served) {
    capacity.cancel(r.work);
    reset.push_back(std::move(r.done));
  }
  for (Answered& done : c.queue) reset.push_back(std::move(done));
  c.served.clear();
  c.queue.clear();
  for (Answered& done : reset)
    world_.kernel().after(0, kContainerTag, [done = std::move(done)]() mutable { done(false); });
}

base::Nanos Runtime::cpu_of(const Container& c) const {
  const SharedCapacity& capacity = world_.sharing();
  double sum = c.cpu_nanos;
  if (c.work != ShareId::kNone && c.status.state == ContainerState::kRunning)
    sum += static_cast<double>(c.behaviour->cpu_work) - capacity.remaining(c.work);
  for (const Request& r : c.served)
    sum += static_cast<double>(c.behaviour->cpu_per_request) - capacity.remaining(r.work);
  return static_cast<base::Nanos>(sum);
}

Runtime::Container* Runtime::server_of(std::string_view pod_ip) {
  const auto owner = ip_owner_.find(pod_ip);
  if (owner == ip_owner_.end()) return nullptr;
  for (const Str& id : sandboxes_.find(owner->second)->second.containers) {
    Container& c = containers_.find(id)->second;
    if (c.status.state != ContainerState::kRunning || c.status.spec.type == env::ContainerType::kInit)
      continue;
    if (c.ready_at <= world_.now()) return &c;
  }
  return nullptr;
}

void Runtime::request(std::string_view pod_ip, Answered done) {
  Container* c = server_of(pod_ip);
  if (!c || c->queue.size() >= kBacklog) return done(false);
  if (c->behaviour->cpu_per_request <= 0) return done(true);
  if (c->served.size() >= static_cast<std::size_t>(c->behaviour->threads))
    return c->queue.push_back(std::move(done));
  serve(*c, std::move(done));
}

void Runtime::serve(Container& c, Answered done) {
  const std::uint64_t number = next_request_++;
  const ShareDemand demand = demand_of(c, static_cast<int>(c.served.size()) + 1);
  const auto amount = static_cast<double>(c.behaviour->cpu_per_request);
  const ShareId work = world_.sharing().start(
      demand, amount, kContainerTag, [this, id = c.status.id, number] { answered(id, number); });
  c.served.push_back({number, work, std::move(done)});
  share_threads(c);
}

/// Threads at work share what the container gets.
void Runtime::share_threads(Container& c) {
  if (c.behaviour->threads == 1 || c.served.empty()) return;
  const ShareDemand d = demand_of(c, static_cast<int>(c.served.size()));
  for (const Request& r : c.served) world_.sharing().adjust(r.work, d.weight, d.bound);
}

void Runtime::answered(const Str& id, std::uint64_t number) {
  const auto it = containers_.find(id);
  if (it == containers_.end()) return;
  Container& c = it->second;
  const auto r = std::find_if(c.served.begin(), c.served.end(),
                              [number](const Request& q) { return q.number == number; });
  if (r == c.served.end()) return;  // ended at this very instant, and was reset
  Answered done = std::move(r->done);
  c.served.erase(r);
  c.cpu_nanos += static_cast<double>(c.behaviour->cpu_per_request);
  if (c.queue.empty()) {
    share_threads(c);
  } else {
    Answered next = std::move(c.queue.front());
    c.queue.pop_front();
    serve(c, std::move(next));
  }
  done(true);
}

}  // namespace orrery::sim
