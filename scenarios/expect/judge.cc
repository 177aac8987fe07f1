#include "scenarios/expect/judge.h"

#include <cstdio>

#include "model/base/str.h"
#include "scenarios/expect/predicates.h"
#include "scenarios/load/units.h"

namespace orrery::scenarios {
namespace {

using base::cat;
using base::Instant;

std::string number(double v) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", v);
  return buffer;
}

bool within_bounds(const MetricSpec& m, double v) {
  return (!m.min || v >= *m.min) && (!m.max || v <= *m.max) && (!m.equals || v == *m.equals);
}

std::string bounds(const MetricSpec& m) {
  if (m.equals) return cat("= ", number(*m.equals));
  if (m.min && m.max) return cat(number(*m.min), " to ", number(*m.max));
  return m.min ? cat(">= ", number(*m.min)) : cat("<= ", number(*m.max));
}

std::string arguments(const Predicate& p) {
  std::string out;
  if (p.object.kind != api::KindId::kNone) out += cat(" ", p.object.text());
  for (const std::string* s : {&p.node, &p.service, &p.client, &p.lease, &p.process, &p.namespace_, &p.selector, &p.phase, &p.condition,
                               &p.taint_key, &p.field})
    if (!s->empty()) out += cat(" ", *s);
  for (const std::string* s : {&p.via, &p.message})
    if (!s->empty()) out += cat(" ", *s);
  if (!p.status.empty()) out += cat("=", p.status);
  if (!p.reason.empty()) out += cat(" (", p.reason, ")");
  if (!p.taint_effect.empty()) out += cat(":", p.taint_effect);
  if (!p.value.empty()) out += cat("=", p.value);
  if (!p.without.empty()) out += cat(" without ", p.without);
  if (p.has_count) out += cat(" ", std::to_string(p.count));
  return out;
}

double acknowledged_between(const MetricSpec& m, const WorldState& state) {
  double n = 0;
  for (const auto& [name, tally] : state.tallies()) {
    if (!m.scope.client.empty() && name != m.scope.client) continue;
    for (const ClientTally::Write& w : tally.writes)
      n += w.acknowledged.ns >= m.from && (w.acknowledged.ns <= m.until || !m.windowed);
  }
  return n;
}

Verdict not_judged(Verdict v) {
  v.ok = true;
  v.measured = "not judged: the run was cut short";
  return v;
}

}  // namespace

Judge::Judge(const Scenario& scenario, WorldState& state, std::vector<std::unique_ptr<Oracle>> oracles)
    : scenario_(scenario), state_(state), oracles_(std::move(oracles)) {
  for (const ConvergeSpec& s : scenario.expect.converge) converge_.push_back({&s, false, false, false, {}, {}});
  for (const MetricSpec& s : scenario.expect.always) always_.push_back({&s, 0, 0, 0, base::kNever, 0});
}

std::vector<Instant> Judge::moments() const {
  std::vector<Instant> out;
  for (const Converge& c : converge_) {
    out.push_back(Instant{c.spec->after});
    out.push_back(Instant{c.spec->after + c.spec->within});
  }
  for (const Always& a : always_) {
    out.push_back(Instant{a.spec->from});
    out.push_back(Instant{a.spec->until});
  }
  return out;
}

void Judge::on_record(const history::Record& record, const std::vector<history::Change>& changes) {
  for (const auto& o : oracles_) o->on_record(record, changes);
  const Instant now = record.origin.at;
  const bool store = record.kind == history::RecordKind::kStoreCommit;
  for (Converge& c : converge_) {
    const std::string& what = c.spec->predicate.what;
    bool relevant = store && (what == "store-members-equal" || what == "writes-accepted");
    relevant = relevant || (record.kind == history::RecordKind::kApiResponse && what == "leader-acts");
    for (const history::Change& change : changes)
      relevant = relevant || concerns(c.spec->predicate, (change.now ? change.now : change.old)->kind_id());
    if (relevant) look(c, now);
  }
  if (changes.empty()) return;
  for (Always& a : always_) look(a, now);
}

void Judge::on_time(Instant now) {
  for (Converge& c : converge_) look(c, now);
  for (Always& a : always_) look(a, now);
}

void Judge::look(Converge& c, Instant now) {
  const Instant after{c.spec->after};
  if (now < after || c.broken || (c.reached && c.spec->hold == 0)) return;
  if (!c.reached && now > after + c.spec->within) return;
  if (c.reached && now > c.reached_at + c.spec->hold) return;
  const bool yes = holds(c.spec->predicate, state_, scenario_.cluster, after, scenario_.epoch);
  if (c.reached) {
    if (!yes) { c.broken = true; c.broken_at = now; }
    return;
  }
  if (!yes) return;
  c.reached = true;
  c.reached_at = now;
  c.too_early = now < after + c.spec->not_before;
}

void Judge::look(Always& a, Instant now) {
  if (now < Instant{a.spec->from} || now > Instant{a.spec->until}) return;
  bool found = false;
  const double v = metric_value(a.spec->metric, a.spec->scope, state_, found);
  if (!found) return;
  if (a.looked++ == 0) a.lowest = a.highest = v;
  a.lowest = v < a.lowest ? v : a.lowest;
  a.highest = v > a.highest ? v : a.highest;
  if (within_bounds(*a.spec, v) || a.violated_at != base::kNever) return;
  a.violated_at = now;
  a.violation = v;
}

Verdict Judge::verdict(const Converge& c) const {
  const ConvergeSpec& s = *c.spec;
  Verdict v;
  v.line = s.line;
  v.what = cat("converge ", s.predicate.what, arguments(s.predicate));
  v.wanted = s.not_before ? cat(format_duration(s.not_before), "..", format_duration(s.within), " after ", format_duration(s.after))
                          : cat("within ", format_duration(s.within), " of ", format_duration(s.after));
  if (s.hold) v.wanted += cat(" for ", format_duration(s.hold));
  if (!s.judged) return not_judged(std::move(v));
  v.ok = c.reached && !c.too_early && !c.broken;
  if (!c.reached) {
    const std::string seen = describe_state(s.predicate, state_, scenario_.cluster);
    v.measured = seen.empty() ? "not reached" : cat("not reached; at the end: ", seen);
  } else if (c.broken) {
    v.measured = cat("reached, lost again at ", format_instant(c.broken_at));
  } else {
    v.measured = cat(format_instant(Instant{c.reached_at.ns - s.after}), c.too_early ? ", too early" : "");
  }
  return v;
}

Verdict Judge::verdict(const Always& a) const {
  Verdict v;
  v.line = a.spec->line;
  v.what = cat("always ", a.spec->metric, arguments(a.spec->scope));
  v.wanted = cat(bounds(*a.spec), " from ", format_duration(a.spec->from), " to ", format_duration(a.spec->until));
  if (!a.spec->judged) return not_judged(std::move(v));
  v.ok = a.looked > 0 && a.violated_at == base::kNever;
  if (a.looked == 0) v.measured = "never seen";
  else if (!v.ok) v.measured = cat(number(a.violation), " at ", format_instant(a.violated_at));
  else v.measured = cat(number(a.lowest), " to ", number(a.highest));
  return v;
}

Verdict Judge::final_metric(const MetricSpec& m) const {
  bool found = false;
  double value = metric_value(m.metric, m.scope, state_, found);
  if (m.metric == "acknowledged_writes" && found) value = acknowledged_between(m, state_);
  Verdict v;
  v.line = m.line;
  v.what = cat("final ", m.metric, arguments(m.scope));
  v.wanted = bounds(m);
  if (m.windowed) v.wanted += cat(" from ", format_duration(m.from), " to ", format_duration(m.until));
  if (!m.judged) return not_judged(std::move(v));
  v.measured = found ? number(value) : "never seen";
  v.ok = found && within_bounds(m, value);
  return v;
}

Verdict Judge::final_condition(const ConvergeSpec& c) const {
  Verdict v;
  v.line = c.line;
  v.what = cat("final ", c.predicate.what, arguments(c.predicate));
  v.wanted = "at the end";
  if (!c.judged) return not_judged(std::move(v));
  v.ok = holds(c.predicate, state_, scenario_.cluster, Instant{0}, scenario_.epoch);
  v.measured = describe_state(c.predicate, state_, scenario_.cluster);
  if (v.measured.empty()) v.measured = v.ok ? "yes" : "no";
  return v;
}

Verdict Judge::invariant(Oracle& o) const {
  Verdict v;
  v.what = cat("invariant ", o.id(), " ", o.name());
  if (!o.violations().empty()) {
    const Violation& first = o.violations().front();
    v.measured = cat(std::to_string(o.violations().size()), " violated, first at ", format_instant(first.at), ": ", first.text);
    v.wanted = "0 violations";
    return v;
  }
  v.wanted = "0 violations";
  v.ok = o.checks() > 0 || !o.applicable();
  v.measured = o.checks() > 0 ? cat(std::to_string(o.checks()), " checks") : o.applicable() ? "no check made" : "nothing to check";
  return v;
}

std::vector<Verdict> Judge::finish(const RunFacts& facts) {
  std::vector<Verdict> out;
  for (const Converge& c : converge_) out.push_back(verdict(c));
  for (const Always& a : always_) out.push_back(verdict(a));
  for (const MetricSpec& m : scenario_.expect.final) out.push_back(final_metric(m));
  for (const ConvergeSpec& c : scenario_.expect.final_conditions) out.push_back(final_condition(c));
  for (const auto& o : oracles_) {
    o->finish(facts);
    out.push_back(invariant(*o));
  }
  return out;
}

}  // namespace orrery::scenarios
