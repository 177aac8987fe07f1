#include "scenarios/oracles/watch_replay.h"

#include <algorithm>

#include "model/api/pod.h"
#include "model/base/hash.h"

namespace orrery::scenarios {
namespace {

constexpr std::size_t kMostRecent = 4096, kMostViolations = 20;

const Str& node_of(const api::Object& pod) { return pod.as<api::Pod>().spec->node_name; }

std::string who(const history::Origin& o, const WatchChannel& c) {
  return cat(o.machine, "/", o.process, " watching ", api::kind_of(c.filter().kind).plural);
}

}  // namespace

template <class F>
void WatchReplay::check(std::size_t rule, bool ok, Instant at, F text) {
  Tally& t = tallies_[rule];
  ++t.checks;
  if (!ok && t.violations.size() < kMostViolations) t.violations.push_back({at, text()});
}

std::uint64_t WatchReplay::stream_key(const history::Origin& o, std::uint64_t stream) {
  const std::uint64_t process = base::combine64(base::hash_bytes(o.machine), base::hash_bytes(o.process));
  return base::combine64(base::combine64(process, o.incarnation), stream);
}

void WatchReplay::on_record(const history::Record& record, const Changes& changes) {
  switch (record.kind) {
    case RecordKind::kStoreCommit:
      revision_ = std::max(revision_, static_cast<const history::StoreCommit&>(record).revision);
      for (const Change& c : changes) on_change(c);
      return;
    case RecordKind::kWatchOpen: return on_open(static_cast<const history::WatchOpen&>(record));
    case RecordKind::kWatchDelivery: return on_delivery(static_cast<const history::WatchDelivery&>(record));
    case RecordKind::kWatchClose:
      streams_.erase(stream_key(record.origin, static_cast<const history::WatchClose&>(record).stream));
      return;
    case RecordKind::kApiResponse: return on_list(static_cast<const history::ApiResponseRecord&>(record));
    default: return;
  }
}

void WatchReplay::on_change(const Change& c) {
  const api::Object& known = c.now ? *c.now : *c.old;
  KindState& k = kinds_[static_cast<std::size_t>(known.kind_id())];
  if (c.now) k.live[c.key] = c.now;
  else k.live.erase(c.key);
  k.recent.push_back(c);
  if (k.recent.size() > kMostRecent) {
    k.floor = k.recent.front().revision;
    k.recent.pop_front();
  }
  for (WatchChannel* w : k.everything) w->on_change(c);
  if (Channels* named = k.by_name.find(known.meta().name))
    for (WatchChannel* w : *named) w->on_change(c);
  if (known.kind_id() != KindId::kPod || k.by_node.empty()) return;
  const Str was = c.old ? node_of(*c.old) : Str(), is = c.now ? node_of(*c.now) : Str();
  if (Channels* here = k.by_node.find(is))
    for (WatchChannel* w : *here) w->on_change(c);
  if (was == is) return;
  if (Channels* there = k.by_node.find(was))
    for (WatchChannel* w : *there) w->on_change(c);
}

WatchChannel* WatchReplay::channel(const api::ApiRequest& request) {
  if (request.kind == KindId::kNone || request.kind > api::kLastStored) return nullptr;
  WatchFilter filter;
  if (!filter.read(request)) return nullptr;
  KindState& k = kinds_[static_cast<std::size_t>(request.kind)];
  std::unique_ptr<WatchChannel>& slot = k.channels[filter.text()];
  if (slot) return slot.get();
  std::uint64_t live = 0;
  for (const auto& [key, object] : k.live)
    if (filter.matches(*object)) live += fingerprint(object->meta(), object->revision());
  const std::optional<Str> name = filter.fields.required_value("metadata.name");
  const std::optional<Str> node = filter.fields.required_value("spec.nodeName");
  slot = std::make_unique<WatchChannel>(std::move(filter), live, k.recent, k.floor);
  if (name) k.by_name[*name].push_back(slot.get());
  else if (node) k.by_node[*node].push_back(slot.get());
  else k.everything.push_back(slot.get());
  return slot.get();
}

void WatchReplay::on_open(const history::WatchOpen& open) {
  const api::ApiRequest& r = *open.request;
  const std::uint64_t key = stream_key(open.origin, open.stream);
  if (Stream* twice = streams_.find(key)) {  // two clients with one numbering: neither can be followed
    *twice = Stream{};
    return;
  }
  Stream s;
  s.channel = channel(r);
  const bool state = r.send_initial_events || r.resource_version.empty() || r.resource_version == "0";
  s.initial = state;
  s.marked = r.send_initial_events;
  s.start = state ? 0 : open.start_revision;
  s.synced = !state && s.channel && s.start >= s.channel->floor();
  if (s.synced) s.cursor = s.channel->after(s.start);
  streams_[key] = s;
}

void WatchReplay::on_delivery(const history::WatchDelivery& d) {
  Stream* s = streams_.find(stream_key(d.origin, d.stream));
  if (!s || !s->channel) return;
  for (const api::WatchEvent& e : d.batch->events) {
    if (e.type == api::WatchType::kError) continue;
    delivered_ = true;
    if (e.type == api::WatchType::kBookmark) on_bookmark(*s, e, d.origin);
    else if (e.object) on_event(*s, e, d.origin);
  }
}

void WatchReplay::on_bookmark(Stream& s, const api::WatchEvent& e, const history::Origin& o) {
  WatchChannel& c = *s.channel;
  check(6, e.revision <= revision_, o.at,
        [&] { return cat(who(o, c), ": a bookmark at ", num(e.revision), ", the store is at ", num(revision_)); });
  if (s.synced && s.cursor >= c.first()) {
    const bool complete = s.cursor == c.end() || c.at(s.cursor).revision > e.revision;
    check(6, complete, o.at, [&] {
      return cat(who(o, c), ": a bookmark at ", num(e.revision), " before the change of revision ", num(c.at(s.cursor).revision));
    });
  } else if (e.revision >= c.floor()) {
    if (s.initial && s.marked && e.initial_events_end)
      check(8, s.initial_sum == c.sum_at(e.revision), o.at,
            [&] { return cat(who(o, c), ": the initial events are not the state at ", num(e.revision)); });
    s.cursor = c.after(e.revision);
    s.synced = true;
  }
  s.initial = false;
  s.bookmark = std::max(s.bookmark, e.revision);
}

/// True when the event is one of the initial ones.
bool WatchReplay::on_initial(Stream& s, const api::WatchEvent& e) {
  if (!s.marked && e.type != api::WatchType::kAdded) {
    s.initial = false;
    return false;
  }
  s.initial_sum += fingerprint(e.object->meta(), e.object->revision());
  return true;
}

void WatchReplay::on_event(Stream& s, const api::WatchEvent& e, const history::Origin& o) {
  WatchChannel& c = *s.channel;
  if (s.initial && on_initial(s, e)) return;
  const std::uint64_t key = key_hash(e.object->meta());
  if (s.start > 0)
    check(7, e.revision > s.start, o.at,
          [&] { return cat(who(o, c), " from ", num(s.start), ": an event of revision ", num(e.revision)); });
  if (s.bookmark > 0)
    check(6, e.revision > s.bookmark, o.at,
          [&] { return cat(who(o, c), ": revision ", num(e.revision), " after a bookmark at ", num(s.bookmark)); });
  check(1, e.revision >= s.last, o.at,
        [&] { return cat(who(o, c), ": revision ", num(e.revision), " after ", num(s.last)); });
  check(2, e.revision != s.last || key != s.last_key, o.at,
        [&] { return cat(who(o, c), ": ", label(*e.object), " at revision ", num(e.revision), " came twice"); });
  if (!s.synced || s.cursor < c.first()) {
    s.synced = e.revision > c.floor();
    s.cursor = c.after(e.revision - 1);
  }
  if (s.synced && e.revision >= s.last && (e.revision != s.last || key != s.last_key)) advance(s, e, key, o);
  s.moved = true;
  s.last = std::max(s.last, e.revision);
  s.last_key = key;
}

void WatchReplay::advance(Stream& s, const api::WatchEvent& e, std::uint64_t key, const history::Origin& o) {
  WatchChannel& c = *s.channel;
  const bool gap = s.cursor < c.end() && c.at(s.cursor).revision < e.revision;
  const std::int64_t missing = gap ? c.at(s.cursor).revision : 0;
  const auto text = [&] { return cat(who(o, c), ": revision ", num(missing), " is missing before ", num(e.revision)); };
  if (s.start > 0 && !s.moved) check(5, !gap, o.at, text);
  check(3, !gap, o.at, text);
  if (gap) s.cursor = c.after(e.revision - 1);
  std::uint64_t n = s.cursor;
  while (n < c.end() && c.at(n).revision == e.revision && c.at(n).key != key) ++n;
  const bool found = n < c.end() && c.at(n).revision == e.revision;
  check(8, found && c.at(n).type == e.type && e.object->revision() == e.revision, o.at, [&] {
    return cat(who(o, c), ": ", label(*e.object), " at revision ", num(e.revision), found ? " was committed otherwise" : " was never committed");
  });
  if (found) s.cursor = n + 1;
}

void WatchReplay::on_list(const history::ApiResponseRecord& a) {
  if (!a.response || a.response->code != 200 || a.request->verb != api::Verb::kList) return;
  const api::ApiRequest& r = *a.request;
  if (r.limit > 0 || !r.continue_token.empty() || !a.response->continue_token.empty()) return;
  const WatchChannel* c = channel(r);
  const std::int64_t at = a.response->list_revision;
  if (!c || at < c->floor() || at > revision_) return;
  std::uint64_t sum = 0;
  for (const api::ObjectRef& item : a.response->items) sum += fingerprint(item->meta(), item->revision());
  check(8, sum == c->sum_at(at), a.origin.at, [&] {
    return cat(a.origin.machine, "/", a.origin.process, ": a list of ", api::kind_of(r.kind).plural, " is not the state at ", num(at));
  });
}

std::string_view WatchOracle::id() const {
  static constexpr std::string_view kIds[] = {"", "W1", "W2", "W3", "", "W5", "W6", "W7", "W8"};
  return kIds[rule_];
}

std::string_view WatchOracle::name() const {
  static constexpr std::string_view kNames[] = {
      "", "watch streams never go back", "watch streams send nothing twice", "watch streams have no gap", "",
      "a resumed watch misses nothing", "bookmarks tell the truth", "a watch sends nothing older than asked",
      "lists and watches replay to the committed state"};
  return kNames[rule_];
}

}  // namespace orrery::scenarios
