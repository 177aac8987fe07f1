#include "nodes/kubelet/node_lease.h"

#include <algorithm>

#include "control/client/backoff.h"
#include "model/api/lease.h"
#include "nodes/kubelet/node_values.h"

namespace orrery::kubelet {
namespace {

constexpr const char* kNamespace = "kube-node-lease";
constexpr int kMaxAttempts = 5;
constexpr double kJitter = 0.04;
constexpr base::Nanos kEnsureFirst = 100 * base::kMillisecond, kEnsureMax = 7 * base::kSecond;

using Answer = client::ApiResult<base::Ref<const api::ApiResponse>>;

}  // namespace

NodeLease::NodeLease(env::Environment& env, client::Client& client, const KubeletConfig& config)
    : env_(env), client_(client), config_(config), jitter_(env.random.stream("jitter/node-lease")) {}

void NodeLease::start(api::ObjectRef node) {
  node_ = std::move(node);
  renew();
}

base::Ref<api::ApiRequest> NodeLease::request(api::Verb verb) const {
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = verb;
  r->kind = api::KindId::kLease;
  r->namespace_ = kNamespace;
  r->name = config_.node_name;
  return r;
}

api::ObjectRef NodeLease::next_lease() const {
  api::Lease lease;
  if (latest_) {
    lease = latest_->as<api::Lease>();
  } else {
    lease.metadata.name = config_.node_name;
    lease.metadata.namespace_ = kNamespace;
    lease.spec.holder_identity = config_.node_name;
    lease.spec.lease_duration_seconds = config_.lease_duration_seconds;
  }
  if (lease.metadata.owner_references.empty()) {
    lease.metadata.owner_references.push_back(owned_by(*node_));
  }
  lease.spec.renew_time = api::MicroTime::from(env_.clock.wall());
  const api::ObjectRef next = api::make_object(std::move(lease));
  if (latest_) next->share_meta_facts(*latest_);
  return next;
}

void NodeLease::renew() {
  if (latest_) update(0);
  else ensure(0, true);
}

void NodeLease::update(int attempt) {
  auto r = request(api::Verb::kUpdate);
  r->format = api::BodyFormat::kHandle;
  r->object = next_lease();
  client_.call(std::move(r), [this, attempt, token = liveness_.token()](Answer answer) {
    if (token.alive()) updated(attempt, answer);
  });
}

void NodeLease::updated(int attempt, const Answer& answer) {
  if (answer) {
    latest_ = (*answer)->object;
    return done();
  }
  const client::ApiError& error = answer.error();
  if (error.not_found() || error.conflict()) return ensure(attempt + 1, true);
  if (attempt > 0) client_.close_connections();
  if (attempt + 1 < kMaxAttempts) return update(attempt + 1);
  // The next period reads the lease again.
  latest_.reset();
  done();
}

/// Reads the lease, or creates it when there is none.
void NodeLease::ensure(int attempt, bool then_update) {
  client_.call(request(api::Verb::kGet), [this, attempt, then_update, token = liveness_.token()](Answer answer) {
    if (!token.alive()) return;
    if (answer) {
      latest_ = (*answer)->object;
      ensure_delay_ = 0;
      if (then_update && attempt < kMaxAttempts) return update(attempt);
      return done();
    }
    if (answer.error().not_found()) return create();
    ensure_failed(then_update);
  });
}

void NodeLease::create() {
  latest_.reset();
  auto r = request(api::Verb::kCreate);
  r->format = api::BodyFormat::kHandle;
  r->object = next_lease();
  client_.call(std::move(r), [this, token = liveness_.token()](Answer answer) {
    if (!token.alive()) return;
    if (!answer) return ensure_failed(true);
    latest_ = (*answer)->object;
    ensure_delay_ = 0;
    done();
  });
}

void NodeLease::ensure_failed(bool then_update) {
  client_.close_connections();
  ensure_delay_ = ensure_delay_ == 0 ? kEnsureFirst : std::min(kEnsureMax, 2 * ensure_delay_);
  env_.timers.after(ensure_delay_, [this, then_update, token = liveness_.token()] {
    if (token.alive()) ensure(0, then_update);
  });
}

void NodeLease::done() {
  env_.timers.after(client::jitter(jitter_, config_.lease_renew_interval, kJitter), [this, token = liveness_.token()] {
    if (token.alive()) renew();
  });
}

}  // namespace orrery::kubelet
