// Reader: get, list and watch, with the meanings of resourceVersion
// (kubernetes.io/docs/reference/using-api/api-concepts).
#pragma once
#include "control/apiserver/continue_token.h"
#include "control/apiserver/core.h"

namespace orrery::apiserver {

class Reader {
 public:
  explicit Reader(Core& core) : core_(core) {}

  void get(CallRef call);
  void list(CallRef call);
  /// All objects that match the call's selectors, as fresh as the store (for deletecollection and
  /// evictions).
  void fresh(KindId kind, Filter filter,
             base::UniqueFunction<void(Failure, std::vector<ObjectRef>)> done);
  void watch(RequestRef request, std::unique_ptr<env::Stream> stream);

 private:
  struct Query;
  /// Waits until the cache shows everything that was committed before this call.
  void catch_up(KindId kind, base::UniqueFunction<void(Failure, std::int64_t revision)> done);
  void wait_revision(KindId kind, std::int64_t revision, base::UniqueFunction<void(Failure)> done);
  void get_cached(const CallRef& call);
  void answer_from_cache(base::Ref<Query> q, std::int64_t revision);
  void read_range(base::Ref<Query> q);
  void range_done(base::Ref<Query> q, const store::RangeReply& reply);
  void range_failed(base::Ref<Query> q, const base::Error& error);
  void finish(base::Ref<Query> q);

  Core& core_;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
