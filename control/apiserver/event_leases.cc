#include "control/apiserver/event_leases.h"

namespace orrery::apiserver {

void EventLeases::get(Done done) {
  if (ttl_ == 0) return done(store::LeaseId{0});
  if (lease_ != 0 && env_.clock.now() < until_ && shared_ < kMaxShared) {
    ++shared_;
    return done(lease_);
  }
  waiting_.push_back(std::move(done));
  if (asking_) return;
  asking_ = true;
  const auto id = static_cast<std::int64_t>(ids_.next() >> 1 | 1);
  auto request =
      store::control_request(store::ControlKind::kLeaseGrant, id, (ttl_ + kWindow) / base::kSecond);
  kv_.control(std::move(request),
              [this, id, alive = live_.token()](base::Result<store::ControlReplyRef> r) {
                if (!alive.alive()) return;
                asking_ = false;
                std::vector<Done> ready;
                ready.swap(waiting_);
                lease_ = r.ok() ? id : 0;
                until_ = env_.clock.now() + kWindow;
                shared_ = static_cast<int>(ready.size());
                for (Done& d : ready) {
                  if (r.ok()) d(id);
                  else d(r.error());
                }
              });
}

}  // namespace orrery::apiserver
