// Client: how every component but the store talks to the apiserver. The shape of client-go's rest client.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "control/client/fence.h"
#include "model/api/request.h"
#include "model/env/environment.h"

namespace orrery::client {

using api::KindId;
using api::ObjectRef;
using base::Str;

/// Why a request did not succeed.
struct ApiError {
  std::int32_t code = 0;      ///< HTTP status; 0: the apiserver did not answer
  /// Of code 0: "ConnectionRefused" (certainly not executed) or "ConnectionLost".
  Str reason;                 ///< "NotFound", "AlreadyExists", "Conflict", "Invalid", "Forbidden", "Expired", "Gone",
                              ///< "TooManyRequests", "Timeout", "ServerTimeout", "InternalError", "ServiceUnavailable"
  Str message;
  bool maybe_done = false;    ///< the write may have taken effect
  std::int32_t retry_after_seconds = 0;
  base::Box<api::ApiStatus> status;
  bool is(std::string_view r) const { return reason == r; }
  bool not_found() const { return code == 404; }
  bool conflict() const { return code == 409 && reason == "Conflict"; }
  bool already_exists() const { return code == 409 && reason == "AlreadyExists"; }
};

template <class T>
using ApiResult = base::Result<T, ApiError>;
using ApiFuture = env::Task<ApiResult<ObjectRef>>;

struct ListResult {
  std::vector<ObjectRef> items;
  std::int64_t revision = 0;
  Str continue_token;
};

struct ClientConfig {
  Str user;                             ///< "system:kube-controller-manager", "system:node:NAME", ...
  Str user_agent;
  Str purpose;                          ///< tells clients of one process apart that share a user agent; not sent
  std::vector<env::Address> endpoints;  ///< tried in order from the last one that worked
  double qps = 0;                       ///< 0: unlimited; client-go's token bucket
  int burst = 10;
  base::Nanos timeout = 60 * base::kSecond;
  base::Ref<Fence> fence;               ///< null: writes carry no epoch
};

struct DeleteParams {
  std::optional<std::int64_t> grace_period_seconds;
  api::Propagation propagation = api::Propagation::kDefault;
  Str precondition_uid, precondition_resource_version;
};

struct ListParams {
  Str namespace_, label_selector, field_selector;
  Str resource_version;                 ///< "" quorum-fresh, "0" any
  std::int64_t limit = 0;
  Str continue_token;
};

/// Callbacks of a watch; none after the Watch is destroyed.
struct WatchHandler {
  base::UniqueFunction<void(const api::WatchBatch&)> on_batch;
  base::UniqueFunction<void(ApiError)> on_end;   ///< the stream is over (410, server timeout, connection lost)
};

class Watch {
 public:
  virtual ~Watch() = default;
};

/// A failed request is retried here only when it certainly was not executed: connection refused (next endpoint), 429 and
/// 5xx with Retry-After (as client-go, at most 10 times). Everything else is the caller's to decide.
class Client {
 public:
  Client(env::Environment& env, ClientConfig config);
  ~Client();
  Client(const Client&) = delete;

  // By value, as coroutines require. `subresource` "" is the object itself.
  ApiFuture get(KindId kind, Str ns, Str name);
  ApiFuture create(ObjectRef object, Str subresource = {});
  ApiFuture update(ObjectRef object, Str subresource = {});
  ApiFuture update_status(ObjectRef object) { return update(std::move(object), "status"); }
  ApiFuture patch(KindId kind, Str ns, Str name, api::PatchType type, Str json, Str subresource = {});
  ApiFuture remove(KindId kind, Str ns, Str name, DeleteParams params = {});
  ApiFuture remove_collection(KindId kind, Str ns, ListParams which = {}, DeleteParams params = {});
  env::Task<ApiResult<ListResult>> list(KindId kind, ListParams params);

  /// The callback form, for hot paths: no coroutine frame. `done` is queued and runs at most once, never after the
  /// Client's destruction. The request's user and user_agent are set by the client when empty.
  using Done = base::UniqueFunction<void(ApiResult<base::Ref<const api::ApiResponse>>)>;
  void call(base::Ref<api::ApiRequest> request, Done done);
  /// The same as an awaitable.
  env::Future<ApiResult<base::Ref<const api::ApiResponse>>> ask(base::Ref<api::ApiRequest> request);
  /// `request` with verb kWatch.
  std::unique_ptr<Watch> watch(base::Ref<api::ApiRequest> request, WatchHandler handler);

  /// Breaks the connections (the kubelet does so after failed heartbeats).
  void close_connections();

 private:
  ApiFuture one(base::Ref<api::ApiRequest> request);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::client
