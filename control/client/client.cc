#include "control/client/client.h"

#include <utility>

#include "control/client/recording.h"
#include "control/client/token_bucket.h"
#include "model/base/hash.h"
#include "model/env/liveness.h"

namespace orrery::client {
namespace {

constexpr int kMaxServerRetries = 10;

bool mutates(api::Verb verb) {
  return verb != api::Verb::kGet && verb != api::Verb::kList && verb != api::Verb::kWatch;
}

/// A 504 to a write leaves open whether it took effect.
ApiError error_of(std::int32_t code, const base::Box<api::ApiStatus>& status, std::int32_t retry_after, bool mutating) {
  ApiError e;
  e.code = code;
  e.maybe_done = mutating && code == 504;
  e.retry_after_seconds = retry_after;
  e.status = status;
  if (status) {
    e.reason = status->reason;
    e.message = status->message;
    if (e.code == 0) e.code = status->code;
    if (e.retry_after_seconds == 0 && status->details) e.retry_after_seconds = status->details->retry_after_seconds;
  }
  return e;
}

ApiError transport_error(const base::Error& error, bool mutating) {
  ApiError e;
  e.maybe_done = error.code == base::ErrorCode::kUnknown && mutating;
  e.reason = error.code == base::ErrorCode::kUnavailable ? "ConnectionRefused" : "ConnectionLost";
  e.message = error.message;
  return e;
}

/// The endpoints of a client: the last that worked stays in use. Shared with watches, which may outlive the Client.
struct Endpoints : base::RefCounted {
  std::vector<env::Peer> peers;
  std::size_t current = 0;
  env::Peer peer() const { return peers[current]; }
  /// Moves on from `failed` unless somebody already did.
  void leave(env::Peer failed) {
    if (peers[current] == failed) current = (current + 1) % peers.size();
  }
};

/// One watch. Shared by the handle and the callbacks of its stream, so that the handle may be dropped inside a callback.
class WatchState : public base::RefCounted {
 public:
  WatchState(env::Environment& env, base::Ref<Endpoints> endpoints, base::Ref<api::ApiRequest> request,
             WatchHandler handler, std::uint64_t number)
      : env_(env), endpoints_(std::move(endpoints)), request_(std::move(request)), handler_(std::move(handler)), number_(number) {}

  void open() {
    const env::Peer peer = endpoints_->peer();
    if (attempts_++ == 0) record_watch_open(env_, number_, request_);
    env::StreamEvents events;
    base::Ref<WatchState> self(this);
    events.on_message = [self](env::Message m) { self->message(m); };
    events.on_closed = [self, peer](base::Error e) { self->closed(peer, e); };
    retire();
    stream_ = env_.network.open_stream(peer, env::Message{request_}, std::move(events));
  }
  void drop() {
    over_ = true;
    retire();
  }

 private:
  /// Ends the cycle stream -> callbacks -> this. A stream may not be destroyed inside its own callback.
  void retire() {
    if (!stream_) return;
    std::unique_ptr<env::Stream> stream = std::move(stream_);
    if (in_callback_) env_.timers.after(0, [stream = std::move(stream)]() mutable { stream.reset(); });
  }
  void message(const env::Message& m) {
    if (over_) return;
    in_callback_ = true;
    deliver(m);
    in_callback_ = false;
  }
  void closed(env::Peer peer, const base::Error& error) {
    if (over_) return;
    in_callback_ = true;
    handle_close(peer, error);
    in_callback_ = false;
  }
  void deliver(const env::Message& m) {
    const auto* batch = env::body_as<api::WatchBatch>(m.body.get());
    if (!batch) return;
    opened_ = true;
    record_watch_delivery(env_, number_, base::Ref<const api::WatchBatch>(batch));
    if (!batch->events.empty() || !batch->error) handler_.on_batch(*batch);
    if (over_ || !batch->error) return;
    end(error_of(batch->error->code, batch->error, 0, false));
  }
  void handle_close(env::Peer peer, const base::Error& error) {
    if (error.code == base::ErrorCode::kUnavailable && !opened_) {
      endpoints_->leave(peer);
      if (attempts_ < endpoints_->peers.size()) return open();
    } else if (error.code != base::ErrorCode::kCancelled) {
      endpoints_->leave(peer);
    }
    end(transport_error(error, false));
  }
  void end(ApiError error) {
    over_ = true;
    record_watch_close(env_, number_, error.code);
    retire();
    if (handler_.on_end) handler_.on_end(std::move(error));
  }

  env::Environment& env_;
  base::Ref<Endpoints> endpoints_;
  base::Ref<api::ApiRequest> request_;
  WatchHandler handler_;
  std::uint64_t number_;
  std::unique_ptr<env::Stream> stream_;
  std::size_t attempts_ = 0;
  bool opened_ = false, over_ = false, in_callback_ = false;
};

class WatchHandle final : public Watch {
 public:
  explicit WatchHandle(base::Ref<WatchState> state) : state_(std::move(state)) {}
  ~WatchHandle() override { state_->drop(); }

 private:
  base::Ref<WatchState> state_;
};

}  // namespace

struct Client::Impl {
  /// One call in progress.
  struct Call : base::RefCounted {
    base::Ref<api::ApiRequest> request;
    Done done;
    std::size_t refusals = 0;
    int server_retries = 0;
    std::uint64_t id = 0;
    base::Instant began;
  };

  Impl(env::Environment& e, ClientConfig c) : env(e), config(std::move(c)), bucket(config.qps, config.burst) {
    ORRERY_CHECK(!config.endpoints.empty(), "a client needs an endpoint");
    endpoints = base::make_ref<Endpoints>();
    for (const env::Address& a : config.endpoints) endpoints->peers.push_back(env.network.resolve(a));
    // Numbers of requests and watches are unique in the process as long as user agents, purposes or first endpoints differ.
    const std::uint64_t name = base::combine64(base::hash_bytes(config.user_agent), base::hash_bytes(config.purpose));
    last_id = base::combine64(name, base::hash_bytes(config.endpoints[0].host)) << 32;
  }

  void start(base::Ref<Call> call) {
    const base::Nanos wait = bucket.take(env.clock.now());
    if (wait == 0) return send(std::move(call));
    env.timers.after(wait, [this, token = liveness.token(), call = std::move(call)] {
      if (token.alive()) send(call);
    });
  }
  void send(base::Ref<Call> call) {
    const env::Peer peer = endpoints->peer();
    const env::Message message{call->request};
    env.network.call(peer, message, config.timeout,
                     [this, token = liveness.token(), call = std::move(call), peer](base::Result<env::Message> r) {
                       if (token.alive()) answered(call, peer, r);
                     });
  }
  void answered(const base::Ref<Call>& call, env::Peer peer, const base::Result<env::Message>& result) {
    if (!result.ok()) return failed(call, peer, result.error());
    const auto* response = env::body_as<api::ApiResponse>(result->body.get());
    if (!response) return failed(call, peer, base::Error{base::ErrorCode::kUnknown, "unexpected answer"});
    const base::Ref<const api::ApiResponse> answer(response);
    if (response->code < 300) return finish(*call, answer, answer);
    if (config.fence && response->code == 409) heed_fence(*response);
    const bool retriable = response->code == 429 || response->code >= 500;
    if (retriable && response->retry_after_seconds > 0 && call->server_retries < kMaxServerRetries) {
      ++call->server_retries;
      // Through the bucket again, as client-go throttles every attempt.
      env.timers.after(response->retry_after_seconds * base::kSecond, [this, token = liveness.token(), call] {
        if (token.alive()) start(call);
      });
      return;
    }
    finish(*call, base::Ref<const api::ApiResponse>(response),
           error_of(response->code, response->status, response->retry_after_seconds, mutates(call->request->verb)));
  }
  void heed_fence(const api::ApiResponse& response) {
    if (!response.status || !response.status->details) return;
    for (const api::StatusCause& c : response.status->details->causes) {
      if (!(c.reason == Fence::kFenceTaken)) continue;
      env.timers.after(0, [this, token = liveness.token()] {
        if (token.alive() && config.fence->on_refused) config.fence->on_refused();
      });
    }
  }
  void failed(const base::Ref<Call>& call, env::Peer peer, const base::Error& error) {
    endpoints->leave(peer);
    if (error.code == base::ErrorCode::kUnavailable && ++call->refusals < endpoints->peers.size()) return send(call);
    finish(*call, nullptr, transport_error(error, mutates(call->request->verb)));
  }
  void finish(Call& call, base::Ref<const api::ApiResponse> answer, ApiResult<base::Ref<const api::ApiResponse>> outcome) {
    record_response(env, call.id, call.request, std::move(answer), !outcome.ok() && outcome.error().maybe_done,
                    env.clock.now() - call.began);
    call.done(std::move(outcome));
  }
  void sign(api::ApiRequest& request) const {
    if (request.user.empty()) request.user = config.user;
    if (request.user_agent.empty()) request.user_agent = config.user_agent;
    if (!config.fence || !mutates(request.verb)) return;
    request.fence = config.fence->lease;
    request.fence_epoch = config.fence->epoch;
  }

  env::Environment& env;
  ClientConfig config;
  base::Ref<Endpoints> endpoints;
  TokenBucket bucket;
  std::uint64_t last_id = 0;
  env::Liveness liveness;
};

Client::Client(env::Environment& env, ClientConfig config) : impl_(std::make_unique<Impl>(env, std::move(config))) {}
Client::~Client() = default;

void Client::call(base::Ref<api::ApiRequest> request, Done done) {
  impl_->sign(*request);
  auto call = base::make_ref<Impl::Call>();
  call->request = std::move(request);
  call->done = std::move(done);
  call->id = ++impl_->last_id;
  call->began = impl_->env.clock.now();
  record_request(impl_->env, call->id, call->request);
  impl_->start(std::move(call));
}

std::unique_ptr<Watch> Client::watch(base::Ref<api::ApiRequest> request, WatchHandler handler) {
  impl_->sign(*request);
  auto state = base::make_ref<WatchState>(impl_->env, impl_->endpoints, std::move(request), std::move(handler),
                                           ++impl_->last_id);
  state->open();
  return std::make_unique<WatchHandle>(std::move(state));
}

void Client::close_connections() {
  for (const env::Peer peer : impl_->endpoints->peers) impl_->env.network.close_connections(peer);
}

env::Future<ApiResult<base::Ref<const api::ApiResponse>>> Client::ask(base::Ref<api::ApiRequest> request) {
  auto [future, resolver] = env::make_future<ApiResult<base::Ref<const api::ApiResponse>>>(impl_->env.trampoline);
  call(std::move(request), [resolver = std::move(resolver)](ApiResult<base::Ref<const api::ApiResponse>> r) mutable {
    resolver(std::move(r));
  });
  return std::move(future);
}

}  // namespace orrery::client
