// Story: a driver's actions on a small cluster of fake kubelets, written as a history is, and what came of them.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "model/base/str.h"
#include "scenarios/conform/replay.h"

namespace orrery::test {

namespace cf = scenarios::conform;

class Story {
 public:
  /// Nodes are named ZONE-N.
  Story(int seconds, std::string ns) : seconds_(seconds), ns_(std::move(ns)) {
    act(0, "POST /api/v1/namespaces", base::cat(R"({"metadata":{"name":")", ns_, R"("}})"));
  }
  Story& zone(const std::string& name, int nodes) {
    for (int i = 0; i < nodes; ++i) node(base::cat(name, "-", std::to_string(i)), name);
    return *this;
  }
  /// `body`: JSON; `more`: further members of the record (R"("took":5)").
  Story& act(double t, const std::string& action, const std::string& body = "", const std::string& more = "") {
    actions_ += base::cat(R"({"t":)", std::to_string(t), R"(,"res":"ACTION","type":"ACTION","object":{"action":")",
                          action, "\"", body.empty() ? "" : base::cat(",\"body\":", body),
                          more.empty() ? "" : base::cat(",", more), "}}\n");
    return *this;
  }
  /// A workload of one container; `more`: further members of its spec, with a comma at the end.
  Story& apply(double t, const char* plural, const std::string& name, const std::string& more,
               const std::string& annotations = "") {
    const char* group = std::string_view(plural) == "jobs" ? "batch" : "apps";
    return act(t, base::cat("POST /apis/", group, "/v1/namespaces/", ns_, "/", plural),
               base::cat(R"({"metadata":{"name":")", name, R"("},"spec":{)", more,
                         R"("selector":{"matchLabels":{"app":")", name, R"("}},"template":{"metadata":{"labels":{"app":")",
                         name, R"("},"annotations":{)", annotations,
                         R"(}},"spec":{"containers":[{"name":"c","image":"app:v1"}]}}}})"));
  }

  std::string text() const {
    return base::cat(R"({"header":{"scenario":"story","wall_start_unix":1795367909.25,"duration_s":)",
                     std::to_string(seconds_), R"(,"namespaces":[")", ns_, R"("],"nodes":[)", names_, "]}}\n", nodes_,
                     actions_);
  }
  Story& play(std::uint64_t seed) {
    const cf::History history = cf::parse_history("story", text());
    cf::ReplayResult result = cf::replay(history, cf::plan_of(history), seed);
    for (const std::string& line : result.refused) refused.push_back(line);
    seen = std::move(result.seen);
    tracks = cf::distill(seen);
    return *this;
  }

  /// Those whose name begins so, in order of creation.
  std::vector<const cf::Track*> all(std::string_view resource, std::string_view name = "") const {
    std::vector<const cf::Track*> out;
    for (const cf::Track& t : tracks)
      if (t.resource == resource && std::string_view(t.name).starts_with(name)) out.push_back(&t);
    return out;
  }
  const cf::Track& one(std::string_view resource, std::string_view name) const {
    const auto found = all(resource, name);
    REQUIRE_MESSAGE(!found.empty(), "no ", std::string(resource), " ", std::string(name));
    return *found[0];
  }

  std::vector<std::string> refused;
  std::vector<cf::Observation> seen;
  std::vector<cf::Track> tracks;

 private:
  void node(const std::string& name, const std::string& zone) {
    names_ += base::cat(names_.empty() ? "" : ",", "\"", name, "\"");
    nodes_ += base::cat(
        R"({"t":0,"res":"nodes","type":"INITIAL","object":{"apiVersion":"v1","kind":"Node","metadata":{"name":")", name,
        R"(","labels":{"kubernetes.io/hostname":")", name, R"(","topology.kubernetes.io/zone":")", zone,
        R"("}},"spec":{},"status":{"allocatable":{"cpu":"4","memory":"16Gi","pods":"110"},)",
        R"("capacity":{"cpu":"4","memory":"16Gi","pods":"110"}}}})", "\n");
  }

  int seconds_;
  std::string ns_, names_, nodes_, actions_;
};

inline double in_seconds(base::Nanos t) { return static_cast<double>(t) / 1e9; }

/// When the field first had a value that begins so, at or after `since` seconds; -1: never.
inline double when(const cf::Track& track, const std::string& field, std::string_view value, double since = 0) {
  const auto it = track.fields.find(field);
  if (it == track.fields.end()) return -1;
  for (const cf::Change& c : it->second)
    if (in_seconds(c.t) >= since && std::string_view(c.value).starts_with(value)) return in_seconds(c.t);
  return -1;
}

/// The same for a value that ends: "" again.
inline double when_gone(const cf::Track& track, const std::string& field, double since) {
  const auto it = track.fields.find(field);
  if (it == track.fields.end()) return -1;
  for (const cf::Change& c : it->second)
    if (in_seconds(c.t) >= since && c.value.empty()) return in_seconds(c.t);
  return -1;
}

/// Times of the events whose text holds `part`, in order.
inline std::vector<double> events(const cf::Track& track, std::string_view part) {
  std::vector<double> out;
  for (const auto& [text, times] : track.events)
    if (text.find(part) != text.npos)
      for (const base::Nanos t : times) out.push_back(in_seconds(t));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace orrery::test
