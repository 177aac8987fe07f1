#include "control/scheduler/explain/report.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

using codec::JsonValue;
using PluginTexts = std::vector<std::pair<std::string_view, std::string>>;

JsonValue text_map(const PluginTexts& texts) {
  JsonValue out = JsonValue::object();
  for (const auto& [plugin, text] : texts) out.set(plugin, text);
  return out;
}

/// Plugins after the first that rejects a node were not asked.
JsonValue filter_result(const Explanation& e) {
  JsonValue out = JsonValue::object();
  for (const NodeVerdict& v : e.nodes) {
    if (!v.filtered) continue;
    JsonValue plugins = JsonValue::object();
    for (const std::string_view filter : e.filters) {
      const bool rejects = !v.feasible && filter == v.status.plugin();
      plugins.set(filter, rejects ? v.status.message() : std::string("passed"));
      if (rejects) break;
    }
    out.set(v.node, std::move(plugins));
  }
  return out;
}

JsonValue post_filter_result(const Explanation& e) {
  JsonValue out = JsonValue::object();
  const bool tried = !e.candidates.empty() || std::any_of(e.nodes.begin(), e.nodes.end(), [](const NodeVerdict& v) {
    return !v.no_preemption.ok();
  });
  if (!tried) return out;
  for (const NodeVerdict& v : e.nodes) {
    if (!v.filtered) continue;
    JsonValue said = JsonValue::object();
    if (v.node == e.nominated) said.set("DefaultPreemption", "preemption victim");
    out.set(v.node, std::move(said));
  }
  return out;
}

template <class Value>
JsonValue score_result(const Explanation& e, Value value) {
  JsonValue out = JsonValue::object();
  for (const NodeVerdict& v : e.nodes) {
    if (v.scores.empty()) continue;
    JsonValue plugins = JsonValue::object();
    for (const PluginScore& s : v.scores) plugins.set(s.plugin, std::to_string(value(s)));
    out.set(v.node, std::move(plugins));
  }
  return out;
}

}  // namespace

JsonValue to_annotations(const Explanation& e) {
  JsonValue out = JsonValue::object();
  const auto set = [&](std::string_view name, const JsonValue& value) {
    out.set(base::cat("scheduler-simulator/", name), value.dump(true));
  };
  set("prefilter-result-status", text_map(e.pre_filters));
  set("filter-result", filter_result(e));
  set("postfilter-result", post_filter_result(e));
  set("prescore-result", text_map(e.pre_scores));
  set("score-result", score_result(e, [](const PluginScore& s) { return s.raw; }));
  set("finalscore-result", score_result(e, [](const PluginScore& s) { return s.weighted; }));
  for (const char* later : {"reserve-result", "permit-result", "permit-result-timeout", "prebind-result", "bind-result"}) {
    set(later, JsonValue::object());
  }
  out.set("scheduler-simulator/selected-node", e.chosen);
  return out;
}

}  // namespace orrery::scheduler
