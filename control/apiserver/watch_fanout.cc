#include "control/apiserver/watch_fanout.h"

#include <algorithm>

#include "model/api/pod.h"

namespace orrery::apiserver {

namespace {

const Str& node_of(const ObjectRef& pod) { return pod->as<api::Pod>().spec->node_name; }

}  // namespace

WatchFanout::WatchFanout(env::Environment& env, const ApiserverConfig& config, CostMeter& meter,
                         const EventRing& ring, KindId kind, const std::int64_t& revision)
    : env_(env),
      config_(config),
      meter_(meter),
      ring_(ring),
      kind_(kind),
      revision_(revision),
      random_(env.random.stream(base::cat("watch-timeout/", api::kind_of(kind).plural))) {}

base::Ref<FilterGroup> WatchFanout::group(Filter filter) {
  base::Ref<FilterGroup>& slot = groups_[filter.text()];
  if (!slot) slot = base::make_ref<FilterGroup>(std::move(filter));
  return slot;
}

WatchFanout::Members& WatchFanout::members_of(const WatchSession& session) {
  if (!session.indexed()) return all_;
  const Filter& filter = session.group()->filter;
  if (auto node = filter.required("spec.nodeName"); node && kind_ == KindId::kPod)
    return by_node_[*node];
  return by_name_[*filter.required("metadata.name")];
}

void WatchFanout::open(base::Ref<FilterGroup> group, std::unique_ptr<env::Stream> stream,
                       Options options, WatchSession::Start start) {
  const std::uint64_t id = next_id_++;
  const std::uint64_t cursor = start.cursor;
  const Filter& filter = group->filter;
  const bool indexed = (kind_ == KindId::kPod && filter.required("spec.nodeName")) ||
                       filter.required("metadata.name");
  ++group->members;
  auto session = base::make_ref<WatchSession>(env_, ring_, std::move(group), std::move(stream),
                                              options.bookmarks, std::move(start));
  WatchSession* s = session.get();
  sessions_.emplace(id, session);
  meter_.memory.add(kSessionBytes);
  if (indexed) {
    s->set_indexed();
    for (std::uint64_t seq = cursor; seq < ring_.end(); ++seq) {
      const CacheEvent& e = ring_.at(seq);
      if (s->group()->filter.matches(*e.object) ||
          (e.previous && s->group()->filter.matches(*e.previous))) {
        s->announce(seq);
      }
    }
  }
  members_of(*s).push_back(s);

  env::StreamEvents events;
  events.on_message = [](env::Message) {};
  events.on_writable = [this, id] {
    const auto at = sessions_.find(id);
    if (at == sessions_.end()) return;
    at->second->unblock();
    pump(*at->second);
    if (at->second->state() != WatchSession::State::kOpen) bury_later(id);
  };
  events.on_closed = [this, id](base::Error) {
    const auto at = sessions_.find(id);
    if (at == sessions_.end()) return;
    at->second->set_closed();
    bury_later(id);
  };
  s->stream().listen(std::move(events));

  base::Nanos timeout = options.timeout_seconds * base::kSecond;
  if (timeout == 0) {
    const std::int64_t least = config_.min_watch_timeout_seconds;
    timeout =
        (least + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(least)))) *
        base::kSecond;
  }
  schedule(id, timeout, true);
  if (options.bookmarks) schedule(id, kBookmarkInterval, false);
  pump(*s);
  if (s->state() != WatchSession::State::kOpen) bury(id);
}

void WatchFanout::pump(WatchSession& session) {
  const std::size_t sent = session.pump(revision_);
  if (sent) meter_.owe(config_.cost.events(sent));
  if (session.state() == WatchSession::State::kOverrun) {
    session.close({base::ErrorCode::kLimit,
                   base::cat("too old resource version: ", std::to_string(session.position()), " (",
                             std::to_string(ring_.floor_revision()), ")")});
  }
}

void WatchFanout::bury(std::uint64_t id) {
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  base::Ref<WatchSession> session = at->second;
  Members& members = members_of(*session);
  members.erase(std::find(members.begin(), members.end(), session.get()));
  if (members.empty() && session->indexed()) {
    const Filter& filter = session->group()->filter;
    if (auto node = filter.required("spec.nodeName"); node && kind_ == KindId::kPod)
      by_node_.erase(*node);
    else by_name_.erase(*filter.required("metadata.name"));
  }
  if (--session->group()->members == 0) groups_.erase(session->group()->filter.text());
  sessions_.erase(at);
  meter_.memory.add(-kSessionBytes);
}

void WatchFanout::bury_later(std::uint64_t id) {
  // A stream may not be destroyed by its own callback.
  env_.timers.after(0, [this, id, alive = live_.token()] {
    if (alive.alive()) bury(id);
  });
}

void WatchFanout::announce(base::HashMap<Str, Members>& index, const Str& value,
                           std::uint64_t seq) {
  Members* members = index.find(value);
  if (!members) return;
  for (WatchSession* s : *members) {
    s->announce(seq);
    if (s->dirty) continue;
    s->dirty = true;
    dirty_.push_back(base::Ref<WatchSession>(s));
  }
}

void WatchFanout::on_events(std::uint64_t first) {
  if (sessions_.empty()) return;
  for (std::uint64_t seq = first; seq < ring_.end(); ++seq) {
    const CacheEvent& e = ring_.at(seq);
    if (!by_name_.empty()) announce(by_name_, e.object->meta().name, seq);
    if (by_node_.empty()) continue;
    const Str& node = node_of(e.object);
    if (!node.empty()) announce(by_node_, node, seq);
    if (e.previous && !(node_of(e.previous) == node)) announce(by_node_, node_of(e.previous), seq);
  }
  flush();
}

void WatchFanout::flush() {
  if (!meter_.settled()) {
    if (flushing_later_) return;
    flushing_later_ = true;
    meter_.pay([this, alive = live_.token()] {
      if (!alive.alive()) return;
      flushing_later_ = false;
      flush();
    });
    return;
  }
  std::vector<base::Ref<WatchSession>> dirty;
  dirty.swap(dirty_);
  bool closed = false;
  for (const auto& s : dirty) {
    s->dirty = false;
    pump(*s);
    closed = closed || s->state() != WatchSession::State::kOpen;
  }
  for (WatchSession* s : all_) {
    pump(*s);
    closed = closed || s->state() != WatchSession::State::kOpen;
  }
  if (!closed) return;
  for (const auto& [id, s] : sessions_) {
    if (s->state() != WatchSession::State::kOpen) dead_.push_back(id);
  }
  for (const std::uint64_t id : dead_) bury(id);
  dead_.clear();
}

void WatchFanout::close_all(const base::Error& why) {
  for (const auto& [id, s] : sessions_) {
    s->close(why);
    dead_.push_back(id);
  }
  for (const std::uint64_t id : dead_) bury(id);
  dead_.clear();
}

void WatchFanout::schedule(std::uint64_t id, base::Nanos delay, bool end) {
  // Whole seconds, so that many sessions share a timer.
  const std::int64_t at = (env_.clock.now() + delay).ns;
  due_.insert(Due{(at + base::kSecond - 1) / base::kSecond * base::kSecond, id, end});
  arm();
}

void WatchFanout::arm() {
  if (due_.empty()) return;
  const std::int64_t at = due_.begin()->at_ns;
  if (timer_ != env::TimerId::kNone) {
    if (armed_for_ <= at) return;
    env_.timers.cancel(timer_);
  }
  armed_for_ = at;
  timer_ = env_.timers.after(std::max<base::Nanos>(at - env_.clock.now().ns, 0),
                             [this, alive = live_.token()] {
                               if (alive.alive()) on_timer();
                             });
}

void WatchFanout::on_timer() {
  timer_ = env::TimerId::kNone;
  const std::int64_t now = env_.clock.now().ns;
  while (!due_.empty() && due_.begin()->at_ns <= now) {
    const Due due = *due_.begin();
    due_.erase(due_.begin());
    const auto at = sessions_.find(due.session);
    if (at == sessions_.end()) continue;
    if (due.end) {
      at->second->close({base::ErrorCode::kCancelled, "watch timeout"});
      bury(due.session);
    } else {
      at->second->bookmark(revision_);
      schedule(due.session, kBookmarkInterval, false);
    }
  }
  arm();
}

}  // namespace orrery::apiserver
