// EventSeries: the scheduler's events, which go through events.k8s.io and repeat as series
// (client-go/tools/events).
#pragma once
#include "control/client/client.h"

namespace orrery::scheduler {

using base::Str;

struct SchedulerEvent {
  const char* type;  ///< "Normal", "Warning"
  const char* reason;
  const char* action;  ///< "Binding", "Scheduling", "Preempting"
};

/// Fire and forget. The second equal event within 6 min makes the first one a series of two; later ones only
/// count up in memory and are written when the series is finished (looked at every 6 min) or refreshed (every
/// 30 min). Events are equal in all but message and times; the object's revision is part of what they are
/// about.
class EventSeries {
 public:
  EventSeries(env::Environment& env, client::Client& client, Str controller);
  ~EventSeries();
  /// `related` may be null.
  void event(const api::Object& about, const api::Object* related, SchedulerEvent what, Str message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::scheduler
