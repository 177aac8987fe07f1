// StoreFeed: everything the store knows about one key prefix: a list first, then every change, for
// ever.
#pragma once
#include <memory>
#include <vector>

#include "control/store/kv.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"

namespace orrery::apiserver {

/// Lists in pages of 10,000 at one revision, then watches. When the watch ends it resumes after the
/// last revision seen; when that is compacted, or on a failed start, it lists again. Retries after
/// 200 ms doubling to 5 s.
class StoreFeed {
 public:
  struct Sink {
    base::UniqueFunction<void(std::vector<store::KeyValue>, std::int64_t revision)> on_list;
    base::UniqueFunction<void(const store::WatchReply&)> on_notice;
    base::UniqueFunction<void()>
        on_lost;  ///< the watch broke; a notice or a list follows when it is back
  };
  StoreFeed(env::Environment& env, store::Kv& kv, base::Str prefix, Sink sink);
  void start() { list(); }
  /// Asks for a notice that everything up to the member's present revision was sent.
  void request_progress() {
    if (watch_) watch_->request_progress();
  }

 private:
  void list();
  void list_page(base::Str from, std::int64_t revision);
  void watch();
  void retry(bool from_list);

  env::Environment& env_;
  store::Kv& kv_;
  const base::Str prefix_, end_;
  Sink sink_;
  std::vector<store::KeyValue> listed_;
  std::int64_t revision_ = 0;
  base::Nanos backoff_ = 0;
  std::unique_ptr<store::Watch> watch_;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
