#include "control/client/leader_election.h"

#include "control/client/backoff.h"
#include "control/client/event_recorder.h"
#include "model/api/lease.h"
#include "model/env/liveness.h"

namespace orrery::client {
namespace {

constexpr double kJitterFactor = 1.2;

}  // namespace

struct LeaderElector::Impl {
  Impl(env::Environment& e, Client& c, LeaderElectionConfig cfg, base::UniqueFunction<void()> started,
       base::UniqueFunction<void()> stopped)
      : env(e), client(c), config(std::move(cfg)), on_started(std::move(started)), on_stopped(std::move(stopped)),
        random(e.random.stream(base::cat("leader-election/", config.lease_name))), tasks(e.trampoline) {
    if (config.fence) config.fence->on_refused = [this] { lost(); };
    if (!config.component.empty()) events = std::make_unique<EventRecorder>(env, client, config.component);
  }

  bool holds() const { return observed.holder_identity && *observed.holder_identity == config.identity; }
  bool observed_valid() const {
    const std::int64_t seconds = observed.lease_duration_seconds.value_or(0);
    return observed_at.ns >= 0 && observed_at + seconds * base::kSecond > env.clock.now();
  }
  void observe(const api::LeaseSpec& spec) {
    observed = spec;
    observed_at = env.clock.now();
  }
  /// A lock that we write: ours from now on, with the transitions and acquire time to be filled in.
  api::LeaseSpec own_record() const {
    api::LeaseSpec spec;
    const api::MicroTime now = api::MicroTime::from(env.clock.wall());
    spec.holder_identity = config.identity;
    spec.lease_duration_seconds = static_cast<std::int32_t>(config.lease_duration / base::kSecond);
    spec.acquire_time = now;
    spec.renew_time = now;
    if (env.faults.here(env::Site::kLeaseTimesOverflow)) spec.renew_time.micros *= 1000;
    spec.lease_transitions = 0;
    return spec;
  }

  env::Task<bool> write(api::LeaseSpec spec) {
    api::Lease next = lease->as<api::Lease>();
    next.spec = spec;
    const bool written = co_await send(api::Verb::kUpdate, api::make_object(std::move(next)));
    co_return written;
  }
  /// Who does not lead takes the fence; who leads must still hold it.
  env::Task<bool> send(api::Verb verb, ObjectRef object) {
    auto request = base::make_ref<api::ApiRequest>();
    request->verb = verb;
    request->kind = KindId::kLease;
    request->namespace_ = config.lease_namespace;
    request->name = config.lease_name;
    request->format = api::BodyFormat::kHandle;
    const api::LeaseSpec spec = object->as<api::Lease>().spec;
    request->object = std::move(object);
    const bool takes = !leading;
    if (config.fence) {
      request->fence = config.fence->lease;
      request->fence_epoch = takes ? 0 : config.fence->epoch;
    }
    const auto answer = co_await client.ask(std::move(request));
    if (!answer) co_return false;
    lease = answer.value()->object;
    observe(spec);
    if (config.fence && takes && !leading) config.fence->epoch = lease->revision();
    co_return true;
  }
  env::Task<bool> create(api::LeaseSpec spec) {
    api::Lease first;
    first.metadata.namespace_ = config.lease_namespace;
    first.metadata.name = config.lease_name;
    first.spec = spec;
    const bool created = co_await send(api::Verb::kCreate, api::make_object(std::move(first)));
    co_return created;
  }

  /// One attempt; true when the lease is ours afterwards.
  env::Task<bool> try_acquire_or_renew() {
    api::LeaseSpec mine = own_record();
    if (holds() && observed_valid() && lease) {
      mine.acquire_time = observed.acquire_time;
      mine.lease_transitions = observed.lease_transitions;
      const bool renewed = co_await write(mine);
      if (renewed) co_return true;
    }
    const auto got = co_await client.get(KindId::kLease, config.lease_namespace, config.lease_name);
    if (!got) {
      if (!got.error().not_found()) co_return false;
      const bool created = co_await create(own_record());
      co_return created;
    }
    lease = *got;
    const api::LeaseSpec& found = lease->as<api::Lease>().spec;
    if (!api::deep_equal(found, last_found)) {
      observe(found);
      last_found = found;
    }
    const bool held = found.holder_identity && !found.holder_identity->empty();
    if (held && observed_valid() && !holds()) co_return false;
    if (holds()) {
      mine.acquire_time = found.acquire_time;
      mine.lease_transitions = found.lease_transitions;
    } else {
      const int counts = env.faults.here(env::Site::kLeaseKeepsEpoch) ? 0 : 1;
      mine.lease_transitions = found.lease_transitions.value_or(0) + counts;
    }
    const bool written = co_await write(mine);
    co_return written;
  }

  env::Task<> run() {
    while (true) {
      const bool acquired = co_await try_acquire_or_renew();
      if (acquired) break;
      co_await env::sleep(env, jitter(random, config.retry_period, kJitterFactor));
    }
    leading = true;
    record(" became leader");
    env.timers.after(0, [this, token = liveness.token()] {
      if (token.alive() && leading) on_started();
    });
    while (leading) {
      const base::Instant start = env.clock.now();
      deadline = env.timers.after(config.renew_deadline, [this, token = liveness.token()] {
        if (token.alive()) lost();
      });
      co_await renew(start);
      env.timers.cancel(deadline);
      if (leading) co_await env::sleep(env, config.retry_period);
    }
  }
  /// Polls every retry_period until renewed or until the deadline has struck.
  env::Task<> renew(base::Instant start) {
    for (base::Instant tick = start; leading;) {
      const bool renewed = co_await try_acquire_or_renew();
      if (renewed) co_return;
      tick = tick + config.retry_period;
      const base::Nanos wait = tick - env.clock.now();
      if (wait < 0) tick = env.clock.now();
      co_await env::sleep(env, wait);
    }
  }
  void lost() {
    if (!leading) return;
    leading = false;
    record(" stopped leading");
    on_stopped();
  }
  env::Task<> release() {
    api::LeaseSpec spec = own_record();
    spec.holder_identity = Str();
    spec.lease_duration_seconds = 1;
    spec.lease_transitions = observed.lease_transitions;
    co_await write(spec);
  }
  void record(std::string_view what) {
    if (events && lease) events->event(*lease, "Normal", "LeaderElection", base::cat(config.identity, what));
  }

  env::Environment& env;
  Client& client;
  LeaderElectionConfig config;
  base::UniqueFunction<void()> on_started, on_stopped;
  base::RandomStream random;
  std::unique_ptr<EventRecorder> events;
  ObjectRef lease;               // as last read or written
  api::LeaseSpec observed;       // the record in force and when it was first seen
  base::Instant observed_at{-1};
  api::LeaseSpec last_found;     // as last read
  bool leading = false;
  env::TimerId deadline = env::TimerId::kNone;
  env::TaskScope tasks;
  env::Liveness liveness;
};

LeaderElector::LeaderElector(env::Environment& env, Client& client, LeaderElectionConfig config,
                             base::UniqueFunction<void()> on_started, base::UniqueFunction<void()> on_stopped)
    : impl_(std::make_unique<Impl>(env, client, std::move(config), std::move(on_started), std::move(on_stopped))) {}
LeaderElector::~LeaderElector() = default;

void LeaderElector::start() { impl_->tasks.spawn(impl_->run()); }

void LeaderElector::stop() {
  impl_->tasks.cancel_all();
  if (!impl_->leading) return;
  impl_->env.timers.cancel(impl_->deadline);
  impl_->lost();
  if (impl_->config.release_on_stop) impl_->tasks.spawn(impl_->release());
}

bool LeaderElector::leading() const { return impl_->leading; }
Str LeaderElector::observed_holder() const { return impl_->observed.holder_identity.value_or(Str()); }
std::int32_t LeaderElector::epoch() const { return impl_->observed.lease_transitions.value_or(0); }

}  // namespace orrery::client
