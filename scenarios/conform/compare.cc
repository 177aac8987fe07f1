#include "scenarios/conform/compare.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <tuple>

#include "scenarios/conform/match.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;

std::string object_name(const Track& t) { return t.ns.empty() ? t.name : cat(t.ns, "/", t.name); }

/// How far back the cause of a delay is looked for.
constexpr Nanos kMemory = 3500 * base::kMillisecond;

class Comparer {
 public:
  Comparer(Nanos duration, Comparison& out) : duration_(duration), out_(out) {}

  void pair(const Track& recorded, const Track& simulated, std::size_t track) {
    ++out_.objects;
    out_.paired[track] = true;
    track_ = track;
    ends_[0] = recorded.deleted < 0 ? duration_ : recorded.deleted;
    ends_[1] = simulated.deleted < 0 ? duration_ : simulated.deleted;
    group_ = recorded.group;
    resource_ = recorded.resource;
    object_ = object_name(recorded);
    for (const auto& [name, changes] : recorded.fields) {
      const auto it = simulated.fields.find(name);
      field(name, changes, it == simulated.fields.end() ? kNone : it->second);
    }
    for (const auto& [name, changes] : simulated.fields)
      if (!recorded.fields.contains(name)) field(name, kNone, changes);
    for (const auto& [text, times] : recorded.events) {
      const auto it = simulated.events.find(text);
      events(text, times, it == simulated.events.end() ? kNever : it->second);
    }
    for (const auto& [text, times] : simulated.events)
      if (!recorded.events.contains(text)) events(text, kNever, times);
  }

  /// Keeps the timings that are off as differences.
  void judge_timings(const std::vector<Nanos>& actions) {
    std::stable_sort(timings_.begin(), timings_.end(),
                     [](const Difference& a, const Difference& b) { return a.t < b.t; });
    std::map<std::size_t, Nanos> own;  // by pair: how late its last transition was
    std::vector<std::pair<std::size_t, Nanos>> same_time;
    for (std::size_t i = 0; i < timings_.size(); ++i) {
      Difference& d = timings_[i];
      if (i > 0 && timings_[i - 1].t != d.t) {
        for (const auto& [pair, off] : same_time) own[pair] = off;
        same_time.clear();
      }
      same_time.emplace_back(d.pair, d.off);
      const auto it = own.find(d.pair);
      const bool as_own = it != own.end() && near(it->second, d.off);
      const bool explained = as_own || as_recent(i) || (near(d.off, 0) && acted(actions, d.t));
      const bool punctual = near(d.off, 0) && (explained || it == own.end() || near(it->second, 0));
      if (punctual) continue;
      if (explained) d.rule = "lag";
      out_.differences.push_back(d);
    }
  }

  /// `number`: of a recorded track, kNoTrack for a simulated one.
  void alone(const Track& track, std::size_t number) {
    ++out_.objects;
    const bool recorded = number != kNoTrack;
    Difference d;
    d.track = number;
    d.group = track.group;
    d.kind = recorded ? Difference::Kind::kMissing : Difference::Kind::kExtra;
    d.resource = track.resource;
    d.object = object_name(track);
    d.field = "object";
    d.t = track.created;
    d.held = (track.deleted < 0 ? duration_ : track.deleted) - track.created;
    d.value = cat("an object of group ", track.group);
    out_.differences.push_back(std::move(d));
  }

 private:
  void field(const std::string& name, const std::vector<Change>& a, const std::vector<Change>& b) {
    std::size_t i = 0, j = 0;
    for (const auto& [x, y] : align(a, b)) {
      const std::size_t i0 = i, j0 = j;
      for (; i < x; ++i) unmatched(name, a, i, Difference::Kind::kMissing, stood(b, j0, y, a[i].value));
      for (; j < y; ++j) unmatched(name, b, j, Difference::Kind::kExtra, stood(a, i0, x, b[j].value));
      if (x == a.size()) break;
      ++out_.transitions;
      timing(name, x, b[y].t - a[x].t, a[x], std::min(stands(a, x, 0), stands(b, y, 1)));
      i = x + 1;
      j = y + 1;
    }
  }

  /// Whether the other run had the value between the last match (at `from` - 1) and `to`.
  static bool stood(const std::vector<Change>& other, std::size_t from, std::size_t to,
                    const std::string& value) {
    if (from == 0 && value.empty()) return true;
    for (std::size_t i = from == 0 ? 0 : from - 1; i < to; ++i)
      if (other[i].value == value) return true;
    return false;
  }

  void unmatched(const std::string& name, const std::vector<Change>& list, std::size_t i,
                 Difference::Kind kind, bool returned) {
    Difference d;
    d.returned = returned;
    d.kind = kind;
    d.track = track_;
    d.change = i;
    d.group = group_;
    d.resource = resource_;
    d.object = object_;
    d.field = name;
    d.t = list[i].t;
    d.held = stands(list, i, kind == Difference::Kind::kExtra);
    d.value = list[i].value;
    if (i > 0) d.before = list[i - 1].value;
    out_.differences.push_back(std::move(d));
  }

  static bool near(Nanos a, Nanos b) { return std::abs(a - b) <= kPunctual; }
  bool as_recent(std::size_t i) const {
    for (std::size_t j = i; j-- > 0 && timings_[j].t >= timings_[i].t - kMemory;)
      if (timings_[j].t < timings_[i].t && near(timings_[j].off, timings_[i].off)) return true;
    return false;
  }
  static bool acted(const std::vector<Nanos>& actions, Nanos t) {
    return std::any_of(actions.begin(), actions.end(), [t](Nanos a) { return a <= t && a >= t - kMemory; });
  }

  Nanos stands(const std::vector<Change>& list, std::size_t i, int side) const {
    return (i + 1 < list.size() ? list[i + 1].t : ends_[side]) - list[i].t;
  }

  void timing(const std::string& name, std::size_t change, Nanos off, const Change& recorded, Nanos held) {
    ++out_.timings;
    Difference d;
    d.kind = Difference::Kind::kTiming;
    d.group = group_;
    d.resource = resource_;
    d.object = object_;
    d.field = name;
    d.t = recorded.t;
    d.track = track_;
    d.change = change;
    d.pair = out_.objects;
    d.off = off;
    d.held = held;
    d.value = recorded.value;
    timings_.push_back(std::move(d));
  }

  void events(const std::string& text, const std::vector<Nanos>& a, const std::vector<Nanos>& b) {
    std::vector<Change> x, y;
    for (const Nanos t : a) x.push_back({t, "once"});
    for (const Nanos t : b) y.push_back({t, "once"});
    field(cat("event ", text), x, y);
  }

  inline static const std::vector<Change> kNone;
  inline static const std::vector<Nanos> kNever;
  std::vector<Difference> timings_;  // of all equal transitions
  Nanos duration_, ends_[2] = {};    // of the pair at hand: recorded, simulated
  Comparison& out_;
  std::size_t track_ = 0;
  std::string group_, resource_, object_;
};

/// Tracks of a group whose names are drawn stand for each other: two of them may have exchanged their lives from some
/// point on, and so may alike events of one object. A difference between a pair is none when all of them together made
/// the same transition as often, each time at about the same time (which node a pod was placed on: at any time): in the
/// whole history, or in the burst that the difference is part of.
class Exchanges {
 public:
  Exchanges(const std::vector<Track>& recorded, const std::vector<Track>& simulated) {
    for (const Track& t : recorded) pool(t, 0);
    for (const Track& t : simulated) pool(t, 1);
    for (auto& [key, times] : pools_)
      for (auto& side : times) std::sort(side.begin(), side.end());
  }

  bool explain(const Difference& d) const {
    if (d.field.starts_with("event ")) return explain_event(d);
    const auto it = pools_.find(cat(d.group, "|", d.field, "|", d.value));
    if (it == pools_.end()) return false;
    const auto& [a, b] = it->second;
    if (a.size() == b.size() && d.field == "spec.nodeName") return true;
    return alike(a, b, 3 * kPunctual) || in_burst(a, b, d);
  }

 private:
  using Times = std::vector<Nanos>;

  bool explain_event(const Difference& d) const {
    const auto group = pools_.find(event_key(d.group, d.field));
    if (group != pools_.end() && alike(group->second[0], group->second[1], kPunctual)) return true;
    const auto own = pools_.find(event_key(cat(d.resource, " ", d.object), d.field));
    if (own == pools_.end()) return false;
    const auto& [a, b] = own->second;
    return many_around(a, d.t) && many_around(b, d.t) && alike(a, b, kLateEvents);
  }

  static bool many_around(const Times& times, Nanos t) {
    return std::count_if(times.begin(), times.end(), [t](Nanos x) { return std::abs(x - t) <= kLateEvents; }) >=
           kManyEvents;
  }

  /// About one object, from ten on alike events are combined, and they drain through a client limited to 20 requests a second.
  static constexpr std::ptrdiff_t kManyEvents = 10;
  static constexpr Nanos kLateEvents = 5 * base::kSecond;

  static bool alike(const Times& a, const Times& b, Nanos reach) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (std::abs(a[i] - b[i]) > reach) return false;
    return true;
  }

  /// The transitions of both runs around `d`, none more than kPunctual from the next.
  static bool in_burst(const Times& a, const Times& b, const Difference& d) {
    Times all;
    std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
    const auto here = std::lower_bound(all.begin(), all.end(), d.t);
    if (here == all.end() || *here != d.t) return false;
    auto begin = here, end = here + 1;
    while (begin != all.begin() && *begin - *(begin - 1) <= kPunctual) --begin;
    while (end != all.end() && *end - *(end - 1) <= kPunctual) ++end;
    const Nanos first = *begin, last = *(end - 1);
    if (d.kind == Difference::Kind::kTiming && (d.t + d.off < first || d.t + d.off > last)) return false;
    const auto part = [first, last](const Times& t) {
      return Times(std::lower_bound(t.begin(), t.end(), first), std::upper_bound(t.begin(), t.end(), last));
    };
    // How fast a burst drains depends on how busy its writer is.
    return alike(part(a), part(b), 3 * kPunctual + (last - first) / 3);
  }

  /// Which of several pods with numbers an event tells of, and which events are combined into one, is left out.
  static std::string event_key(const std::string& group, std::string_view text) {
    constexpr std::string_view kCombined = "(combined from similar events): ";
    std::string out = cat(group, "|");
    if (const std::size_t at = text.find(kCombined); at != text.npos) {
      out += text.substr(0, at);
      text.remove_prefix(at + kCombined.size());
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
      out += text[i];
      const std::size_t end = std::min(text.find_first_not_of("0123456789", i + 1), text.size());
      if (text[i] != '-' || end == i + 1 || (end < text.size() && text[end] != ' ')) continue;
      out += 'N';
      i = end - 1;
    }
    return out;
  }

  void pool(const Track& t, int side) {
    for (const auto& [text, times] : t.events) {
      const std::string field = cat("event ", text);
      for (const std::string& owner : {t.group, cat(t.resource, " ", object_name(t))}) {
        Times& into = pools_[event_key(owner, field)][side];
        into.insert(into.end(), times.begin(), times.end());
      }
    }
    if (t.group.find('*') == std::string::npos) return;
    for (const auto& [name, changes] : t.fields)
      for (const Change& c : changes) pools_[cat(t.group, "|", name, "|", c.value)][side].push_back(c.t);
  }

  std::map<std::string, std::array<Times, 2>> pools_;
};

}  // namespace

Comparison compare(const std::vector<Track>& recorded, const std::vector<Track>& simulated,
                   const std::vector<Nanos>& actions, Nanos duration) {
  Comparison out;
  out.paired.resize(recorded.size());
  Comparer comparer(duration, out);
  for (const auto& [a, b] : match(recorded, simulated)) {
    const std::size_t number = a ? static_cast<std::size_t>(a - recorded.data()) : kNoTrack;
    if (a && b) comparer.pair(*a, *b, number);
    else comparer.alone(a ? *a : *b, number);
  }
  comparer.judge_timings(actions);
  std::stable_sort(out.differences.begin(), out.differences.end(),
                   [](const Difference& a, const Difference& b) {
                     return std::tie(a.resource, a.object, a.t) < std::tie(b.resource, b.object, b.t);
                   });
  const Exchanges exchanges(recorded, simulated);
  for (Difference& d : out.differences)
    if (d.rule.empty() && exchanges.explain(d)) d.rule = "exchange";
  return out;
}

}  // namespace orrery::scenarios::conform
