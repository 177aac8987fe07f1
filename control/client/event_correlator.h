// EventCorrelator: which events are written, and how (k8s.io/client-go/tools/record/events_cache.go).
#pragma once
#include <vector>

#include "control/client/lru_cache.h"
#include "control/client/token_bucket.h"
#include "model/api/event.h"

namespace orrery::client {

using base::Str;

/// What to do with one event.
struct CorrelatedEvent {
  bool skip = false;     ///< the spam filter dropped it
  bool update = false;   ///< patch count, lastTimestamp and message of an event written before
  api::Event event;
};

/// Aggregation: from the tenth event that differs from its like by the message only, within 600 s, one combined event
/// is counted up. Deduplication: equal events are counted up. Spam filter: 25 events per source and object, then one per
/// 300 s. Remembers 4,096 keys of each sort.
class EventCorrelator {
 public:
  /// `now`: monotonic. `unix_ns`: for the name of a combined event.
  CorrelatedEvent correlate(const api::Event& event, base::Instant now, std::int64_t unix_ns);
  /// The event as it was stored.
  void written(const api::Event& event);

 private:
  struct Similar {
    base::Instant last;
    std::vector<std::uint64_t> messages;  // hashes of the distinct ones
  };
  struct Observation {
    std::int32_t count = 0;
    api::Time first;
    Str name;
  };
  struct Spam {
    TokenBucket bucket{1.0 / 300.0, 25};
  };
  std::uint64_t aggregate(api::Event& event, base::Instant now, std::int64_t unix_ns);

  LruCache<Similar> similar_{4096};
  LruCache<Observation> observed_{4096};
  LruCache<Spam> spam_{4096};
};

/// "NAME.HEX": the name of an event about an object.
Str event_name(std::string_view object_name, std::int64_t unix_ns);

}  // namespace orrery::client
