#include "scenarios/conform/compare.h"

#include <algorithm>
#include <cstdlib>

#include "scenarios/conform/match.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;

std::string object_name(const Track& t) { return t.ns.empty() ? t.name : cat(t.ns, "/", t.name); }

class Comparer {
 public:
  Comparer(Nanos duration, Comparison& out) : duration_(duration), out_(out) {}

  void pair(const Track& recorded, const Track& simulated) {
    ++out_.objects;
    ends_[0] = recorded.deleted < 0 ? duration_ : recorded.deleted;
    ends_[1] = simulated.deleted < 0 ? duration_ : simulated.deleted;
    resource_ = recorded.resource;
    object_ = object_name(recorded);
    const std::size_t first = out_.differences.size();
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
    std::stable_sort(out_.differences.begin() + static_cast<std::ptrdiff_t>(first), out_.differences.end(),
                     [](const Difference& a, const Difference& b) { return a.t < b.t; });
  }

  void alone(const Track& track, bool recorded) {
    ++out_.objects;
    Difference d;
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
      timing(name, a[x].t, b[y].t, a[x].value);
      i = x + 1;
      j = y + 1;
    }
  }

  /// Whether the other run had the value between the last match (at `from` - 1) and `to`.
  static bool stood(const std::vector<Change>& other, std::size_t from, std::size_t to, const std::string& value) {
    if (from == 0 && value.empty()) return true;
    for (std::size_t i = from == 0 ? 0 : from - 1; i < to; ++i)
      if (other[i].value == value) return true;
    return false;
  }

  void unmatched(const std::string& name, const std::vector<Change>& list, std::size_t i, Difference::Kind kind, bool returned) {
    Difference d;
    d.returned = returned;
    d.kind = kind;
    d.resource = resource_;
    d.object = object_;
    d.field = name;
    d.t = list[i].t;
    d.held = (i + 1 < list.size() ? list[i + 1].t : ends_[kind == Difference::Kind::kExtra]) - list[i].t;
    d.value = list[i].value;
    if (i > 0) d.before = list[i - 1].value;
    out_.differences.push_back(std::move(d));
  }

  void timing(const std::string& name, Nanos recorded, Nanos simulated, const std::string& value) {
    ++out_.timings;
    out_.offsets.push_back({recorded, simulated - recorded, out_.objects});
    if (std::abs(simulated - recorded) <= kPunctual) return;
    Difference d;
    d.kind = Difference::Kind::kTiming;
    d.resource = resource_;
    d.object = object_;
    d.field = name;
    d.t = recorded;
    d.pair = out_.objects;
    d.off = simulated - recorded;
    d.value = value;
    out_.differences.push_back(std::move(d));
  }

  void events(const std::string& text, const std::vector<Nanos>& a, const std::vector<Nanos>& b) {
    std::vector<Change> x, y;
    for (const Nanos t : a) x.push_back({t, "once"});
    for (const Nanos t : b) y.push_back({t, "once"});
    field(cat("event ", text), x, y);
  }

  inline static const std::vector<Change> kNone;
  inline static const std::vector<Nanos> kNever;
  Nanos duration_, ends_[2] = {};   // of the pair at hand: recorded, simulated
  Comparison& out_;
  std::string resource_, object_;
};

}  // namespace

Comparison compare(const std::vector<Track>& recorded, const std::vector<Track>& simulated, Nanos duration) {
  Comparison out;
  Comparer comparer(duration, out);
  for (const auto& [a, b] : match(recorded, simulated)) {
    if (a && b) comparer.pair(*a, *b);
    else comparer.alone(a ? *a : *b, a != nullptr);
  }
  return out;
}

}  // namespace orrery::scenarios::conform
