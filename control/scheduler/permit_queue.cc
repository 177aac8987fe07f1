#include "control/scheduler/permit_queue.h"

#include <algorithm>

namespace orrery::scheduler {

PermitQueue::~PermitQueue() {
  for (const Waiting& w : waiting_) env_.timers.cancel(w.timer);
}

env::Future<Status> PermitQueue::wait(PodInfoRef pod, std::string_view plugin, base::Nanos timeout) {
  auto [future, resolver] = env::make_future<Status>(env_.trampoline);
  const Str uid = pod->meta().uid;
  const env::TimerId timer = env_.timers.after(timeout, [this, uid, plugin, timeout] {
    const std::string seconds = std::to_string(timeout / base::kSecond);
    settle(uid, Status(Code::kUnschedulable, plugin, Str(base::cat("rejected due to timeout after waiting ", seconds, "s at plugin ", plugin))));
  });
  waiting_.push_back({std::move(pod), resolver, timer});
  return std::move(future);
}

std::vector<PodInfoRef> PermitQueue::all() const {
  std::vector<PodInfoRef> out;
  for (const Waiting& w : waiting_) out.push_back(w.pod);
  return out;
}

void PermitQueue::allow(const Str& uid) { settle(uid, {}); }

void PermitQueue::reject(const Str& uid, std::string_view plugin, std::string_view message) {
  settle(uid, Status(Code::kUnschedulable, plugin, Str(message)));
}

void PermitQueue::settle(const Str& uid, Status status) {
  const auto at = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return w.pod->meta().uid == uid; });
  if (at == waiting_.end()) return;
  Waiting done = std::move(*at);
  waiting_.erase(at);
  env_.timers.cancel(done.timer);
  done.resolve(std::move(status));
}

}  // namespace orrery::scheduler
