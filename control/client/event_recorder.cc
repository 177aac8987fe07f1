#include "control/client/event_recorder.h"

#include <algorithm>
#include <deque>

#include "control/client/event_correlator.h"
#include "model/api/object_reference.h"
#include "model/codec/json_text.h"

namespace orrery::client {
namespace {

constexpr std::size_t kMaxQueued = 1000;  // client-go's broadcaster drops what does not fit
constexpr int kMaxTries = 12;
constexpr base::Nanos kRetrySleep = 10 * base::kSecond;

/// The strategic merge patch that client-go derives: what a repetition changes.
Str repetition_patch(const api::Event& e) {
  std::string out = "{\"count\":";
  out += std::to_string(e.count);
  out += ",\"lastTimestamp\":\"";
  e.last_timestamp.append_to(out);
  out += "\",\"message\":";
  codec::append_json_string(e.message, out);
  out += "}";
  return out;
}

}  // namespace

struct EventRecorder::Impl {
  Impl(env::Environment& e, Client& c, Str comp, Str h)
      : env(e), client(c), component(std::move(comp)), host(std::move(h)),
        random(e.random.stream(base::cat("events/", component))), tasks(e.trampoline) {}

  api::Event make(const api::Object& about, Str type, Str reason, Str message) {
    const api::ObjectMeta& meta = about.meta();
    // Two events about one object in one instant must not share a name.
    last_name_ns = std::max(env.clock.wall().ns, last_name_ns + 1);
    api::Event e;
    e.metadata.namespace_ = meta.namespace_.empty() ? Str("default") : meta.namespace_;
    e.metadata.name = event_name(meta.name, last_name_ns);
    e.involved_object = api::reference_to(about.kind(), meta);
    e.reason = std::move(reason);
    e.message = std::move(message);
    e.type = std::move(type);
    e.source.component = component;
    e.source.host = host;
    e.reporting_component = component;
    e.reporting_instance = host;
    e.first_timestamp = api::Time::from(env.clock.wall());
    e.last_timestamp = e.first_timestamp;
    e.count = 1;
    return e;
  }

  env::Task<> drain() {
    while (!queue.empty()) {
      const api::Event next = std::move(queue.front());
      queue.pop_front();
      last_name_ns = std::max(env.clock.wall().ns, last_name_ns + 1);
      CorrelatedEvent out = correlator.correlate(next, env.clock.now(), last_name_ns);
      if (!out.skip) co_await write(std::move(out));
    }
    draining = false;
  }
  env::Task<> write(CorrelatedEvent out) {
    for (int tries = 1; tries <= kMaxTries; ++tries) {
      const bool finished = co_await try_write(out);
      if (finished) co_return;
      const double share = tries == 1 ? random.unit() : 1.0;
      co_await env::sleep(env, static_cast<base::Nanos>(static_cast<double>(kRetrySleep) * share));
    }
  }
  /// False when the apiserver did not answer, which alone is worth another try.
  env::Task<bool> try_write(CorrelatedEvent out) {
    const api::ObjectMeta& meta = out.event.metadata;
    if (out.update) {
      const auto patched = co_await client.patch(KindId::kEvent, meta.namespace_, meta.name,
                                                 api::PatchType::kStrategicMerge, repetition_patch(out.event));
      if (patched) {
        if (*patched) correlator.written((*patched)->as<api::Event>());
        co_return true;
      }
      if (!patched.error().not_found()) co_return patched.error().code != 0;
    }
    const auto created = co_await client.create(api::make_object(out.event));
    if (!created) co_return created.error().code != 0;
    if (*created) correlator.written((*created)->as<api::Event>());
    co_return true;
  }

  env::Environment& env;
  Client& client;
  Str component, host;
  base::RandomStream random;
  EventCorrelator correlator;
  std::deque<api::Event> queue;
  std::int64_t last_name_ns = 0;
  bool draining = false;
  env::TaskScope tasks;
};

EventRecorder::EventRecorder(env::Environment& env, Client& client, Str component, Str host)
    : impl_(std::make_unique<Impl>(env, client, std::move(component), std::move(host))) {}
EventRecorder::~EventRecorder() = default;

void EventRecorder::event(const api::Object& about, Str type, Str reason, Str message) {
  if (impl_->queue.size() >= kMaxQueued) return;
  impl_->queue.push_back(impl_->make(about, std::move(type), std::move(reason), std::move(message)));
  if (impl_->draining) return;
  impl_->draining = true;
  impl_->tasks.spawn(impl_->drain());
}

}  // namespace orrery::client
