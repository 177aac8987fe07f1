#include "control/store/watch_hub.h"

#include <algorithm>

namespace orrery::store {
namespace {

constexpr std::size_t kEventsPerMessage = 1000;

}  // namespace

void WatchHub::open(std::unique_ptr<env::Stream> stream, const WatchRequest& r) {
  sweep();
  auto owned = std::make_unique<Watcher>();
  Watcher& w = *owned;
  w.id = next_id_++;
  w.key = r.key;
  w.end = r.end;
  w.previous = r.previous;
  w.progress_notify = r.progress_notify;
  w.next = r.start_revision > 0 ? r.start_revision : mvcc_.revision() + 1;
  w.stream = std::move(stream);
  watchers_.push_back(std::move(owned));
  sets_.assign(1, {});
  ++generation_;
  env::StreamEvents events;
  Watcher* watcher =
      &w;  // stays until the sweep after its stream is closed; no callback runs once the stream is gone
  events.on_message = [this, watcher](env::Message) {
    if (watcher->closed) return;
    if (watcher->synced && !watcher->pending) watcher->progress_due = !send_revision(*watcher, false);
    else watcher->progress_due = true;
  };
  events.on_writable = [this, watcher] {
    if (!watcher->closed) catch_up(*watcher);
  };
  events.on_closed = [this, watcher](base::Error) {
    watcher->closed = true;
    dead_ = true;
  };
  w.stream->listen(std::move(events));
  if (w.next <= mvcc_.compacted()) {
    close(w, base::invalid(kErrCompacted));
    return;
  }
  if (send_revision(w, true)) catch_up(w);
}

bool WatchHub::send_revision(Watcher& w, bool created) {
  auto reply = base::make_ref<WatchReply>();
  reply->created = created;
  reply->revision = created ? mvcc_.revision() : std::max(mvcc_.revision(), w.next - 1);
  return w.stream->send({std::move(reply)});
}

void WatchHub::close(Watcher& w, const base::Error& why) {
  if (w.closed) return;
  w.closed = dead_ = true;
  w.stream->close(why);
}

/// Closed watchers go when no callback of theirs can be running.
void WatchHub::sweep() {
  if (!dead_) return;
  dead_ = false;
  std::erase_if(dirty_, [](const Watcher* w) { return w->closed; });
  std::erase_if(watchers_, [](const std::unique_ptr<Watcher>& w) { return w->closed; });
  sets_.assign(1, {});
  ++generation_;
}

const std::vector<WatchHub::Watcher*>& WatchHub::audience(Mvcc::Node& node) {
  if (node.watch_generation == generation_) return sets_[node.watch_set];
  std::vector<Watcher*> set;
  for (const auto& w : watchers_) {
    if (in_range(node.key, w->key, w->end)) set.push_back(w.get());
  }
  auto known = std::find(sets_.begin(), sets_.end(), set);
  if (known == sets_.end()) known = sets_.insert(sets_.end(), std::move(set));
  node.watch_set = static_cast<std::uint32_t>(known - sets_.begin());
  node.watch_generation = generation_;
  return *known;
}

void WatchHub::dispatch(std::size_t count) {
  if (watchers_.empty()) return;
  const auto& changes = mvcc_.changes();
  for (std::size_t i = changes.size() - count; i < changes.size(); ++i) {
    const Mvcc::Change& change = changes[i];
    for (Watcher* w : audience(*change.node)) {
      if (!w->synced || w->closed || change.revision < w->next) continue;
      if (drop_one_) {
        drop_one_ = false;
        continue;
      }
      if (!w->pending) {
        w->pending = base::make_ref<WatchReply>();
        dirty_.push_back(w);
      }
      w->pending->events.push_back(mvcc_.event(change, w->previous));
    }
  }
}

/// The planted bug "watch-splits-revision": all events but the last go ahead, each in a message of its own.
void WatchHub::split(Watcher& w, WatchReply& pending) {
  while (pending.events.size() > 1) {
    auto part = base::make_ref<WatchReply>();
    part->revision = pending.events.front().kv.mod_revision;
    part->events.push_back(std::move(pending.events.front()));
    pending.events.erase(pending.events.begin());
    (void)w.stream->send({std::move(part)});
  }
}

void WatchHub::flush() {
  if (dirty_.empty()) return;
  const Revision now = mvcc_.revision();
  std::vector<Watcher*> dirty;
  dirty.swap(dirty_);
  for (Watcher* w : dirty) {
    auto pending = std::move(w->pending);
    if (w->closed) continue;
    const Revision first = pending->events.front().kv.mod_revision;
    pending->revision = now;
    w->heard = true;
    if (env_.faults.here(env::Site::kWatchSplitsRevision)) split(*w, *pending);
    if (w->stream->send({std::move(pending)})) {
      if (w->progress_due) w->progress_due = !send_revision(*w, false);
      continue;
    }
    w->synced = false;
    w->next = first;
  }
  dirty.clear();
  if (dirty_.empty()) dirty_.swap(dirty);  // keeps the room
}

void WatchHub::catch_up(Watcher& w) {
  if (w.pending) return;  // the next flush finds out
  while (!w.synced && !w.closed) {
    if (!catch_up_once(w)) return;
  }
  if (w.progress_due && !w.closed) w.progress_due = !send_revision(w, false);
}

/// Sends one message from history. False when the window is full.
bool WatchHub::catch_up_once(Watcher& w) {
  if (w.next <= mvcc_.compacted()) {
    close(w, base::invalid(kErrCompacted));
    return true;
  }
  const auto& changes = mvcc_.changes();
  auto reply = base::make_ref<WatchReply>();
  Revision last = std::max(mvcc_.revision(), w.next - 1);
  for (std::size_t i = mvcc_.change_position(w.next); i < changes.size(); ++i) {
    if (reply->events.size() >= kEventsPerMessage && changes[i].revision != changes[i - 1].revision) {
      last = changes[i - 1].revision;
      break;
    }
    if (in_range(changes[i].node->key, w.key, w.end))
      reply->events.push_back(mvcc_.event(changes[i], w.previous));
  }
  reply->revision = last;
  if (!reply->events.empty()) {
    w.heard = true;
    if (!w.stream->send({std::move(reply)})) return false;
  }
  w.next = last + 1;
  w.synced = last >= mvcc_.revision();
  return true;
}

void WatchHub::rebase(Revision revision) {
  ++generation_;
  sets_.assign(1, {});
  for (const auto& w : watchers_) {
    if (w->closed) continue;
    if (w->pending) w->next = w->pending->events.front().kv.mod_revision;
    else if (w->synced) w->next = std::max(w->next, revision + 1);
    w->pending.reset();
    w->synced = false;
  }
  dirty_.clear();
  for (const auto& w : watchers_) {
    if (!w->closed) catch_up(*w);
  }
}

void WatchHub::compacted() {
  if (env_.faults.here(env::Site::kWatchDropsOnCompact)) drop_one_ = true;
}

void WatchHub::cancel_all(const base::Error& why) {
  sweep();
  for (const auto& w : watchers_) close(*w, why);
}

void WatchHub::notify_progress() {
  sweep();
  for (const auto& w : watchers_) {
    if (w->closed || !w->progress_notify) continue;
    if (!w->heard && w->synced && !w->pending) (void)send_revision(*w, false);
    w->heard = false;
  }
}

}  // namespace orrery::store
