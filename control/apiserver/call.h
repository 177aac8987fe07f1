// Call: one request on its way through the server, and RequestGate: how many there may be and how
// long they may take.
#pragma once
#include <deque>

#include "control/apiserver/config.h"
#include "control/apiserver/failure.h"
#include "model/api/request.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"

namespace orrery::apiserver {

using api::ObjectRef;
using RequestRef = base::Ref<const api::ApiRequest>;
using ResponseRef = base::Ref<const api::ApiResponse>;
using ResponseDone = base::UniqueFunction<void(ResponseRef)>;

class RequestGate;

/// Answers once; later answers (after a timeout) are dropped.
class Call : public base::RefCounted {
 public:
  Call(RequestGate* gate, RequestRef request, ResponseDone done)
      : ns(request->namespace_),
        name(request->name),
        gate_(gate),
        request_(std::move(request)),
        done_(std::move(done)) {}
  const api::ApiRequest& request() const { return *request_; }
  KindId kind() const { return request_->kind; }
  bool finished() const { return finished_; }
  bool mutating() const { return request_->verb >= api::Verb::kCreate; }
  void warn(Str text) { warnings_.push_back(std::move(text)); }
  /// Of the object addressed; a body may add what the path left open.
  Str ns, name;

  void answer(std::int32_t code, ObjectRef object);
  void answer_status(std::string_view name, std::string_view uid);
  void answer(base::Ref<api::ApiResponse> response);
  void fail(const Failure& failure);

 private:
  friend class RequestGate;
  RequestGate* gate_;  // null: not counted
  RequestRef request_;
  ResponseDone done_;
  base::List<Str> warnings_;
  base::Instant deadline_;
  bool finished_ = false;
};
using CallRef = base::Ref<Call>;

ResponseRef failure_response(const Failure& failure);

/// At most max_requests_inflight reads and max_mutating_requests_inflight writes; beyond that 429
/// with Retry-After 1. A request that takes longer than request_timeout ends with 504.
class RequestGate {
 public:
  RequestGate(env::Environment& env, const ApiserverConfig& config) : env_(env), config_(config) {}
  /// Null: refused, and `done` has been called.
  CallRef admit(RequestRef request, ResponseDone done);
  void leave(const Call& call) { --(call.mutating() ? writing_ : reading_); }
  std::int32_t in_flight() const { return reading_ + writing_; }

 private:
  void drop_finished();
  void arm();

  env::Environment& env_;
  const ApiserverConfig& config_;
  std::int32_t reading_ = 0, writing_ = 0;
  std::deque<CallRef> by_deadline_;
  bool armed_ = false;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
