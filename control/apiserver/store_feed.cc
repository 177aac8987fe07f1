#include "control/apiserver/store_feed.h"

#include <algorithm>

namespace orrery::apiserver {

namespace {
constexpr std::int64_t kPage = 10'000;
constexpr base::Nanos kFirstBackoff = 200 * base::kMillisecond;
constexpr base::Nanos kMaxBackoff = 5 * base::kSecond;
}  // namespace

StoreFeed::StoreFeed(env::Environment& env, store::Kv& kv, base::Str prefix, Sink sink)
    : env_(env), kv_(kv), prefix_(std::move(prefix)), end_(store::prefix_end(prefix_)), sink_(std::move(sink)) {}

void StoreFeed::list() {
  listed_.clear();
  list_page(prefix_, 0);
}

void StoreFeed::list_page(base::Str from, std::int64_t revision) {
  store::RangeRequest request;
  request.key = std::move(from);
  request.end = end_;
  request.revision = revision;
  request.limit = kPage;
  kv_.range(std::move(request), [this, revision, alive = live_.token()](base::Result<store::RangeResponse> r) {
    if (!alive.alive()) return;
    if (!r.ok()) return retry(true);
    const std::int64_t at = revision ? revision : r->revision;
    const bool more = r->more && !r->kvs.empty();
    for (store::KeyValue& kv : r->kvs) listed_.push_back(std::move(kv));
    if (more) return list_page(base::Str(base::cat(listed_.back().key, std::string_view("\0", 1))), at);
    revision_ = at;
    backoff_ = 0;
    std::vector<store::KeyValue> all = std::move(listed_);
    listed_.clear();
    sink_.on_list(std::move(all), at);
    watch();
  });
}

void StoreFeed::watch() {
  watcher_ = kv_.watch(
      prefix_, end_, revision_ + 1,
      [this, alive = live_.token()](store::WatchNotice notice) {
        if (!alive.alive()) return;
        revision_ = std::max(revision_, notice.revision);
        backoff_ = 0;
        sink_.on_notice(notice);
      },
      [this, alive = live_.token()](store::WatchEnd end) {
        if (!alive.alive()) return;
        sink_.on_lost();
        retry(end.compacted);
      });
  // A watch that starts says nothing until something changes; its progress is the sign that it works.
  watcher_->request_progress();
}

void StoreFeed::retry(bool from_list) {
  backoff_ = backoff_ == 0 ? kFirstBackoff : std::min(backoff_ * 2, kMaxBackoff);
  env_.timers.after(backoff_, [this, from_list, alive = live_.token()] {
    if (!alive.alive()) return;
    watcher_.reset();
    if (from_list) list();
    else watch();
  });
}

}  // namespace orrery::apiserver
