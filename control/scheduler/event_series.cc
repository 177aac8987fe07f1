#include "control/scheduler/event_series.h"

#include "control/client/event_correlator.h"
#include "model/api/object_reference.h"
#include "model/base/btree_map.h"
#include "model/base/hash.h"

namespace orrery::scheduler {
namespace {

constexpr base::Nanos kFinish = 6 * base::kMinute, kRefresh = 30 * base::kMinute;
constexpr base::Nanos kRetrySleep = 10 * base::kSecond;
constexpr double kRetryJitter = 0.25;
constexpr int kMaxTries = 12;

/// Of all that makes two events equal.
std::uint64_t key_of(const api::Event& e) {
  std::uint64_t key = base::hash_bytes(e.type);
  for (const std::string_view part :
       {e.action.view(), e.reason.view(), e.involved_object.uid.view(), e.involved_object.name.view(),
        e.involved_object.resource_version.view()})
    key = base::hash_bytes(part, key);
  if (!e.related) return key;
  key = base::hash_bytes(e.related->uid, key);
  return base::hash_bytes(e.related->resource_version, key);
}

std::string series_patch(const api::EventSeries& series) {
  return base::cat(R"({"series":{"count":)", std::to_string(series.count), R"(,"lastObservedTime":")",
                   series.last_observed_time.str(), "\"}}");
}

}  // namespace

struct EventSeries::Impl {
  Impl(env::Environment& e, client::Client& c, Str name)
      : env(e),
        client(c),
        controller(std::move(name)),
        instance(base::cat(controller, "-", e.process.machine())),
        random(e.random.stream("event-series")),
        tasks(e.trampoline) {
    tasks.spawn(finish());
    tasks.spawn(refresh());
  }

  api::MicroTime now() const { return api::MicroTime::from(env.clock.wall()); }

  env::Task<> write(api::Event event) {
    for (int tries = 1; tries <= kMaxTries; ++tries) {
      const bool done = co_await try_write(event);
      if (done) co_return;
      const double stretch = 1 + kRetryJitter * random.unit();
      co_await env::sleep(env, static_cast<base::Nanos>(static_cast<double>(kRetrySleep) * stretch));
    }
  }

  /// False when another try may help.
  env::Task<bool> try_write(api::Event event) {
    if (event.series) {
      const auto patched =
          co_await client.patch(api::KindId::kEvent, event.metadata.namespace_, event.metadata.name,
                                api::PatchType::kStrategicMerge, series_patch(*event.series));
      if (patched) co_return true;
      if (!patched.error().not_found()) co_return patched.error().code != 0;
    }
    const auto created = co_await client.create(api::make_object(event));
    if (created) co_return true;
    if (event.series && created.error().already_exists()) co_return false;
    co_return created.error().code != 0;
  }

  env::Task<> finish() {
    while (true) {
      co_await env::sleep(env, kFinish);
      const std::int64_t before = env.clock.wall().ns / 1000 - kFinish / 1000;
      for (auto it = known.begin(); it != known.end();) {
        const api::Event& e = it->second;
        const bool over = (e.series ? e.series->last_observed_time : e.event_time).micros < before;
        if (over && e.series) tasks.spawn(write(e));
        it = over ? known.erase(it) : std::next(it);
      }
    }
  }

  env::Task<> refresh() {
    while (true) {
      co_await env::sleep(env, kRefresh);
      for (const auto& [key, e] : known)
        if (e.series) tasks.spawn(write(e));
    }
  }

  env::Environment& env;
  client::Client& client;
  Str controller, instance;
  base::RandomStream random;
  base::BTreeMap<std::uint64_t, api::Event> known;
  std::int64_t last_name_ns = 0;
  env::TaskScope tasks;
};

EventSeries::EventSeries(env::Environment& env, client::Client& client, Str controller)
    : impl_(std::make_unique<Impl>(env, client, std::move(controller))) {}
EventSeries::~EventSeries() = default;

void EventSeries::event(const api::Object& about, const api::Object* related, SchedulerEvent what,
                        Str message) {
  Impl& s = *impl_;
  api::Event e;
  e.involved_object = api::reference_to(about.kind(), about.meta());
  if (related) e.related = api::reference_to(related->kind(), related->meta());
  e.type = what.type;
  e.reason = what.reason;
  e.action = what.action;
  const std::uint64_t key = key_of(e);
  if (const auto it = s.known.find(key); it != s.known.end()) {
    const bool began = !it->second.series;
    api::EventSeries& series = it->second.series.edit();
    series.count = began ? 2 : series.count + 1;
    series.last_observed_time = s.now();
    if (began) s.tasks.spawn(s.write(it->second));
    return;
  }
  // Two events about one object in one instant must not share a name.
  s.last_name_ns = std::max(s.env.clock.wall().ns, s.last_name_ns + 1);
  e.metadata.namespace_ = about.meta().namespace_.empty() ? Str("default") : about.meta().namespace_;
  e.metadata.name = client::event_name(about.meta().name, s.last_name_ns);
  e.message = std::move(message);
  e.event_time = s.now();
  e.reporting_component = s.controller;
  e.reporting_instance = s.instance;
  s.known[key] = e;
  s.tasks.spawn(s.write(std::move(e)));
}

}  // namespace orrery::scheduler
