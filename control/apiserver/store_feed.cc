#include "control/apiserver/store_feed.h"

#include <algorithm>

namespace orrery::apiserver {

namespace {
constexpr std::int64_t kPage = 10'000;
constexpr base::Nanos kFirstBackoff = 200 * base::kMillisecond;
constexpr base::Nanos kMaxBackoff = 5 * base::kSecond;
}  // namespace

StoreFeed::StoreFeed(env::Environment& env, store::Kv& kv, base::Str prefix, Sink sink)
    : env_(env),
      kv_(kv),
      prefix_(std::move(prefix)),
      end_(store::prefix_end(prefix_)),
      sink_(std::move(sink)) {}

void StoreFeed::list() {
  listed_.clear();
  list_page(prefix_, 0);
}

void StoreFeed::list_page(base::Str from, std::int64_t revision) {
  auto request = store::range_request(std::move(from), end_, revision, kPage);
  kv_.range(std::move(request), [this, revision,
                                 alive = live_.token()](base::Result<store::RangeReplyRef> r) {
    if (!alive.alive()) return;
    if (!r.ok()) return retry(true);
    const store::RangeReply& reply = **r;
    const std::int64_t at = revision ? revision : reply.revision;
    const bool more = reply.more && !reply.kvs.empty();
    listed_.insert(listed_.end(), reply.kvs.begin(), reply.kvs.end());
    if (more)
      return list_page(base::Str(base::cat(listed_.back().key, std::string_view("\0", 1))), at);
    revision_ = at;
    backoff_ = 0;
    std::vector<store::KeyValue> all = std::move(listed_);
    listed_.clear();
    sink_.on_list(std::move(all), at);
    watch();
  });
}

void StoreFeed::watch() {
  auto request = base::make_ref<store::WatchRequest>();
  request->key = prefix_;
  request->end = end_;
  request->start_revision = revision_ + 1;
  request->progress_notify = true;
  store::WatchHandlers handlers;
  handlers.on_reply = [this, alive = live_.token()](store::WatchReplyRef reply) {
    if (!alive.alive()) return;
    backoff_ = 0;
    // The confirmation of a watch names the store's revision, although older events may still
    // follow it.
    if (reply->created && reply->events.empty()) return watch_->request_progress();
    revision_ = std::max(revision_, reply->revision);
    sink_.on_notice(*reply);
  };
  handlers.on_closed = [this, alive = live_.token()](base::Error error) {
    if (!alive.alive()) return;
    sink_.on_lost();
    retry(error.code == base::ErrorCode::kInvalid && error.message == store::kErrCompacted);
  };
  watch_ = kv_.watch(std::move(request), std::move(handlers));
}

void StoreFeed::retry(bool from_list) {
  backoff_ = backoff_ == 0 ? kFirstBackoff : std::min(backoff_ * 2, kMaxBackoff);
  env_.timers.after(backoff_, [this, from_list, alive = live_.token()] {
    if (!alive.alive()) return;
    watch_.reset();
    if (from_list) list();
    else watch();
  });
}

}  // namespace orrery::apiserver
