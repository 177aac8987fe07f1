// core/v1 Event. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/reference.h"

namespace orrery::api {

struct EventSource {
  Str component, host;
};

struct EventSeries {
  std::int32_t count = 0;
  MicroTime last_observed_time;
};

struct Event {
  ObjectMeta metadata;
  ObjectReference involved_object;
  Str reason, message;
  EventSource source;
  Time first_timestamp, last_timestamp;
  std::int32_t count = 0;
  Str type;
  MicroTime event_time;
  Box<EventSeries> series;
  Str action;
  Box<ObjectReference> related;
  Str reporting_component, reporting_instance;
};

ORRERY_DECLARE_STRUCT(EventSource)
ORRERY_DECLARE_STRUCT(EventSeries)
ORRERY_DECLARE_KIND(Event)

}  // namespace orrery::api
