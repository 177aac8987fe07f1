// EventRecorder: core/v1 Events with client-go's aggregation and spam filter (PARAMETERS.md).
#pragma once
#include "control/client/client.h"

namespace orrery::client {

/// Fire and forget: recording never fails the caller, writes go out in order in the background.
class EventRecorder {
 public:
  /// `component` as in source.component ("deployment-controller"); `host` is empty for control-plane components.
  EventRecorder(env::Environment& env, Client& client, Str component, Str host = {});
  ~EventRecorder();
  /// `type` "Normal" or "Warning". Same events are counted up by patch; 10 similar within 600 s aggregate
  /// ("(combined from similar events): ..."); past a burst of 25 per source object, one per 300 s.
  void event(const api::Object& about, Str type, Str reason, Str message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::client
