#include "control/scheduler/explain/report.h"

namespace orrery::scheduler {
namespace {

using codec::JsonValue;

constexpr std::string_view kDraw =
    "kube-scheduler draws one of the tied nodes, each with the same chance; chosen is the first of them in its node order";

template <class Texts>
JsonValue json_texts(const Texts& texts) {
  JsonValue out = JsonValue::array();
  for (const auto& t : texts) out.edit_items().push_back(JsonValue(t));
  return out;
}

JsonValue name_or_null(const Str& name) { return name.empty() ? JsonValue() : JsonValue(name); }

JsonValue json_status(const Status& status) {
  JsonValue out = JsonValue::object();
  if (!status.plugin().empty()) out.set("plugin", status.plugin());
  out.set("code", to_string(status.code()));
  out.set("reasons", json_texts(status.reasons()));
  return out;
}

JsonValue json_candidate(const ExplainedCandidate& c) {
  JsonValue out = JsonValue::object();
  out.set("victims", json_texts(c.victims));
  out.set("pdbViolations", c.pdb_violations);
  return out;
}

void add_rejection(const NodeVerdict& v, JsonValue& out) {
  const bool first = !v.objections.empty() && v.objections[0].plugin == v.status.plugin();
  if (!v.status.ok()) {
    const JsonValue status = json_status(v.status);
    for (const codec::JsonMember& m : status.members()) out.set(m.key, m.value);
  }
  if (first && !v.objections[0].shortfall.empty()) out.set("shortfall", v.objections[0].shortfall);
  JsonValue others = JsonValue::array();
  for (std::size_t i = first ? 1 : 0; i < v.objections.size(); ++i) {
    JsonValue other = json_status(v.objections[i].status);
    if (!v.objections[i].shortfall.empty()) other.set("shortfall", v.objections[i].shortfall);
    others.edit_items().push_back(std::move(other));
  }
  out.set("alsoRejectedBy", std::move(others));
}

JsonValue json_node(const Explanation& e, const NodeVerdict& v) {
  JsonValue out = JsonValue::object();
  out.set("name", v.node);
  out.set("feasible", v.feasible);
  if (!v.feasible) add_rejection(v, out);
  if (!v.scores.empty()) {
    JsonValue scores = JsonValue::object();
    for (const PluginScore& s : v.scores) {
      JsonValue score = JsonValue::object();
      score.set("raw", s.raw);
      score.set("normalized", s.normalized);
      score.set("weight", s.weight);
      score.set("weighted", s.weighted);
      scores.set(s.plugin, std::move(score));
    }
    out.set("scores", std::move(scores));
    out.set("total", v.total);
  }
  if (const ExplainedCandidate* candidate = e.candidate(v.node)) {
    JsonValue preemption = json_candidate(*candidate);
    preemption.set("helps", true);
    out.set("preemption", std::move(preemption));
  } else if (!v.no_preemption.ok()) {
    JsonValue preemption = JsonValue::object();
    preemption.set("helps", false);
    preemption.set("reasons", json_texts(v.no_preemption.reasons()));
    out.set("preemption", std::move(preemption));
  }
  return out;
}

void add_verdicts(const Explanation& e, JsonValue& out) {
  JsonValue feasible = JsonValue::array();
  JsonValue filter = JsonValue::object();
  JsonValue scores = JsonValue::object();
  JsonValue totals = JsonValue::object();
  JsonValue absent;
  for (const NodeVerdict& v : e.nodes) {
    if (v.feasible) feasible.edit_items().push_back(JsonValue(v.node));
    else if (v.filtered) filter.set(v.node, json_status(v.status));
    else if (!v.status.ok()) absent = json_status(v.status);
    if (v.scores.empty()) continue;
    JsonValue weighted = JsonValue::object();
    for (const PluginScore& s : v.scores) weighted.set(s.plugin, s.weighted);
    scores.set(v.node, std::move(weighted));
    totals.set(v.node, v.total);
  }
  out.set("single_feasible", feasible.items().size() == 1);
  out.set("feasible", std::move(feasible));
  out.set("filter", std::move(filter));
  if (!absent.is_null()) out.set("absent", std::move(absent));
  out.set("scores", std::move(scores));
  out.set("totals", std::move(totals));
}

void add_preemption(const Explanation& e, JsonValue& out) {
  out.set("nominated", name_or_null(e.nominated));
  const ExplainedCandidate* chosen = e.candidate(e.nominated);
  out.set("victims", chosen ? json_texts(chosen->victims) : JsonValue::array());
  JsonValue candidates = JsonValue::object();
  for (const ExplainedCandidate& c : e.candidates) candidates.set(c.node, json_candidate(c));
  out.set("candidates", std::move(candidates));
}

}  // namespace

JsonValue to_json(const ExplainedPod& pod, const Explanation& e) {
  JsonValue out = JsonValue::object();
  out.set("pod", api::key_of(pod.pod->meta()));
  out.set("schedulerName", pod.scheduler_name);
  if (!pod.bound_to.empty()) out.set("boundTo", pod.bound_to);
  if (!pod.gated.empty()) out.set("gated", pod.gated);
  out.set("result", pod.gated.empty() ? to_string(e.outcome) : "gated");
  out.set("chosen", name_or_null(e.chosen));
  out.set("tied", json_texts(e.tied));
  if (!e.tied.empty()) out.set("tieBreak", pod.tie_break.empty() ? kDraw : pod.tie_break);
  if (!pod.settled_on.empty()) out.set("settledOn", pod.settled_on);
  out.set("message", e.message.empty() ? JsonValue() : JsonValue(e.message));
  add_preemption(e, out);
  add_verdicts(e, out);
  JsonValue nodes = JsonValue::array();
  for (const NodeVerdict& v : e.nodes) nodes.edit_items().push_back(json_node(e, v));
  out.set("nodes", std::move(nodes));
  return out;
}

}  // namespace orrery::scheduler
