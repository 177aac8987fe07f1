// Recording: the facts that a client reports about its own requests and watches.
#pragma once
#include "control/client/client.h"
#include "model/history/record.h"

namespace orrery::client {

inline void record_request(env::Environment& env, std::uint64_t id, const base::Ref<api::ApiRequest>& request) {
  if (!env.trace.recording(history::RecordKind::kApiRequest)) return;
  history::ApiRequestRecord fact;
  fact.id = id;
  fact.request = request;
  env.trace.record(fact);
}

inline void record_response(env::Environment& env, std::uint64_t id, const base::Ref<api::ApiRequest>& request,
                            base::Ref<const api::ApiResponse> response, bool maybe_done, base::Nanos took) {
  if (!env.trace.recording(history::RecordKind::kApiResponse)) return;
  history::ApiResponseRecord fact;
  fact.id = id;
  fact.request = request;
  fact.response = std::move(response);
  fact.maybe_done = maybe_done;
  fact.took = took;
  env.trace.record(fact);
}

inline void record_watch_open(env::Environment& env, std::uint64_t stream, const base::Ref<api::ApiRequest>& request) {
  if (!env.trace.recording(history::RecordKind::kWatchOpen)) return;
  history::WatchOpen fact;
  fact.stream = stream;
  fact.request = request;
  std::int64_t revision = 0;
  for (const char c : request->resource_version.view()) revision = c >= '0' && c <= '9' ? revision * 10 + (c - '0') : 0;
  fact.start_revision = revision;
  env.trace.record(fact);
}

inline void record_watch_delivery(env::Environment& env, std::uint64_t stream, base::Ref<const api::WatchBatch> batch) {
  if (!env.trace.recording(history::RecordKind::kWatchDelivery)) return;
  history::WatchDelivery fact;
  fact.stream = stream;
  fact.batch = std::move(batch);
  env.trace.record(fact);
}

inline void record_watch_close(env::Environment& env, std::uint64_t stream, std::int32_t code) {
  if (!env.trace.recording(history::RecordKind::kWatchClose)) return;
  history::WatchClose fact;
  fact.stream = stream;
  fact.code = code;
  env.trace.record(fact);
}

}  // namespace orrery::client
