#include "model/api/event.h"

namespace orrery::api {

ORRERY_STRUCT(EventSource,
  FIELD(component, "component", 1).omit(),
  FIELD(host, "host", 2).omit())

ORRERY_STRUCT(EventSeries,
  FIELD(count, "count", 1).omit(),
  FIELD(last_observed_time, "lastObservedTime", 2))

ORRERY_STRUCT(Event,
  FIELD(metadata, "metadata", 1),
  FIELD(involved_object, "involvedObject", 2).atomic(),
  FIELD(reason, "reason", 3).omit(),
  FIELD(message, "message", 4).omit(),
  FIELD(source, "source", 5),
  FIELD(first_timestamp, "firstTimestamp", 6),
  FIELD(last_timestamp, "lastTimestamp", 7),
  FIELD(count, "count", 8).omit(),
  FIELD(type, "type", 9).omit(),
  FIELD(event_time, "eventTime", 10),
  FIELD(series, "series", 11).omit(),
  FIELD(action, "action", 12).omit(),
  FIELD(related, "related", 13).omit().atomic(),
  FIELD(reporting_component, "reportingComponent", 14),
  FIELD(reporting_instance, "reportingInstance", 15))

}  // namespace orrery::api
