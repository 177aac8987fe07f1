#include "control/apiserver/call.h"

namespace orrery::apiserver {

ResponseRef failure_response(const Failure& failure) {
  auto response = base::make_ref<api::ApiResponse>();
  response->code = failure->code;
  response->status = failure;
  if (failure->details) response->retry_after_seconds = failure->details->retry_after_seconds;
  return response;
}

void Call::answer(base::Ref<api::ApiResponse> response) {
  if (finished_) return;
  finished_ = true;
  if (gate_) gate_->leave(*this);
  response->warnings = std::move(warnings_);
  ResponseDone done = std::move(done_);
  done_.reset();
  done(std::move(response));
}

void Call::answer(std::int32_t code, ObjectRef object) {
  auto response = base::make_ref<api::ApiResponse>();
  response->code = code;
  response->object = std::move(object);
  answer(std::move(response));
}

void Call::answer_status(std::string_view name, std::string_view uid) {
  api::ApiStatus status;
  status.status = "Success";
  status.code = 200;
  if (!name.empty()) {
    api::StatusDetails& details = status.details.edit();
    details.name = name;
    details.group = api::kind_of(kind()).group;
    details.kind = api::kind_of(kind()).plural;
    details.uid = uid;
  }
  auto response = base::make_ref<api::ApiResponse>();
  response->status = std::move(status);
  answer(std::move(response));
}

void Call::fail(const Failure& failure) {
  if (finished_) return;
  auto response = base::make_ref<api::ApiResponse>();
  response->code = failure->code;
  response->status = failure;
  if (failure->details) response->retry_after_seconds = failure->details->retry_after_seconds;
  answer(std::move(response));
}

CallRef RequestGate::admit(RequestRef request, ResponseDone done) {
  auto call = base::make_ref<Call>(this, std::move(request), std::move(done));
  const bool writes = call->mutating();
  const std::int32_t limit =
      writes ? config_.max_mutating_requests_inflight : config_.max_requests_inflight;
  std::int32_t& now = writes ? writing_ : reading_;
  if (limit > 0 && now >= limit) {
    call->gate_ = nullptr;
    call->fail(too_many_requests("Too many requests, please try again later.", 1));
    return {};
  }
  ++now;
  call->deadline_ = env_.clock.now() + config_.request_timeout;
  drop_finished();
  by_deadline_.push_back(call);
  if (!armed_) arm();
  return call;
}

void RequestGate::drop_finished() {
  while (!by_deadline_.empty() && by_deadline_.front()->finished()) by_deadline_.pop_front();
}

// All requests have the same time, so they expire in order of arrival and one timer serves them
// all.
void RequestGate::arm() {
  armed_ = true;
  const base::Nanos left = by_deadline_.front()->deadline_ - env_.clock.now();
  env_.timers.after(left > 0 ? left : 0, [this, alive = live_.token()] {
    if (!alive.alive()) return;
    armed_ = false;
    const base::Instant now = env_.clock.now();
    drop_finished();
    while (!by_deadline_.empty() && by_deadline_.front()->deadline_ <= now) {
      const CallRef late = by_deadline_.front();
      by_deadline_.pop_front();
      late->fail(timeout("request did not complete within the allotted timeout", 0));
      drop_finished();
    }
    if (!by_deadline_.empty()) arm();
  });
}

}  // namespace orrery::apiserver
