#include "control/client/event_correlator.h"

#include <algorithm>

namespace orrery::client {
namespace {

constexpr base::Nanos kAggregateInterval = 600 * base::kSecond;
constexpr std::size_t kAggregateEvents = 10;

std::uint64_t source_key(const api::Event& e) {
  base::Digest d;
  const api::ObjectReference& about = e.involved_object;
  for (const Str& part : {e.source.component, e.source.host, about.kind, about.namespace_, about.name, about.uid,
                          about.api_version}) {
    d.add(part.view());
  }
  return d.value();
}

std::uint64_t similar_key(const api::Event& e) {
  base::Digest d;
  d.add(source_key(e));
  d.add(e.type.view());
  d.add(e.reason.view());
  return d.value();
}

std::uint64_t event_key(const api::Event& e) {
  base::Digest d;
  d.add(similar_key(e));
  d.add(e.involved_object.field_path.view());
  d.add(e.message.view());
  return d.value();
}

}  // namespace

Str event_name(std::string_view object_name, std::int64_t unix_ns) {
  char hex[17];
  char* p = hex + sizeof(hex);
  auto n = static_cast<std::uint64_t>(unix_ns);
  do {
    *--p = "0123456789abcdef"[n & 15];
    n >>= 4;
  } while (n != 0);
  return base::cat(object_name, ".", std::string_view(p, static_cast<std::size_t>(hex + sizeof(hex) - p)));
}

std::uint64_t EventCorrelator::aggregate(api::Event& event, base::Instant now, std::int64_t unix_ns) {
  const std::uint64_t key = similar_key(event);
  Similar* record = similar_.find(key);
  if (!record) {
    similar_.put(key, Similar{now, {}});
    record = similar_.find(key);
  } else if (now - record->last > kAggregateInterval) {
    record->messages.clear();
  }
  record->last = now;
  const std::uint64_t message = base::hash_bytes(event.message);
  if (std::find(record->messages.begin(), record->messages.end(), message) == record->messages.end()) {
    record->messages.push_back(message);
  }
  if (record->messages.size() < kAggregateEvents) return event_key(event);
  // Upstream takes an arbitrary one out, so that the next new message reaches the limit again.
  record->messages.erase(record->messages.begin());
  event.metadata.name = event_name(event.involved_object.name, unix_ns);
  event.message = base::cat("(combined from similar events): ", event.message);
  // EventAggregate copies the source alone.
  event.reporting_component = event.reporting_instance = Str();
  event.first_timestamp = event.last_timestamp;
  event.count = 1;
  return key;
}

CorrelatedEvent EventCorrelator::correlate(const api::Event& event, base::Instant now, std::int64_t unix_ns) {
  CorrelatedEvent out;
  out.event = event;
  const std::uint64_t key = aggregate(out.event, now, unix_ns);
  Observation seen;
  if (const Observation* last = observed_.find(key); last && last->count > 0) {
    out.event.metadata.name = last->name;
    out.event.first_timestamp = last->first;
    out.event.count = last->count + 1;
    out.update = true;
  }
  seen.count = out.event.count;
  seen.first = out.event.first_timestamp;
  seen.name = out.event.metadata.name;
  observed_.put(key, std::move(seen));
  const std::uint64_t source = source_key(event);
  if (!spam_.find(source)) spam_.put(source, Spam());
  out.skip = !spam_.find(source)->bucket.try_take(now);
  return out;
}

void EventCorrelator::written(const api::Event& event) {
  observed_.put(event_key(event), Observation{event.count, event.first_timestamp, event.metadata.name});
}

}  // namespace orrery::client
