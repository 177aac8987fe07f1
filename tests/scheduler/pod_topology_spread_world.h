// Nodes, pods and spread constraints in short, for the tables of PodTopologySpread.
#pragma once
#include <algorithm>
#include <string>

#include "tests/scheduler/plugin_world.h"

namespace orrery::scheduler::testing {

/// "foo+bar=a": foo is "", bar is "a"; "-" is none.
inline api::Labels spread_labels(std::string_view text) {
  api::Labels out;
  if (text == "-") return out;
  for (const std::string& l : parts(text, '+')) {
    const std::size_t equals = std::min(l.find('='), l.size());
    out.set(Str(l.substr(0, equals)), Str(l.substr(std::min(equals + 1, l.size()))));
  }
  return out;
}

/// "SKEW KEY SELECTOR OPTION...". KEY: "host" is the hostname. SELECTOR: a label that exists, "KEY=VALUE", "-" none, "{}" all. An
/// OPTION is FIELD=VALUE; "soft" or "hard" at the end replace `action`.
inline api::TopologySpreadConstraint spread_constraint(const std::string& text, const char* action) {
  const std::vector<std::string> words = parts(text, ' ');
  if (words.back() == "soft") action = "ScheduleAnyway";
  if (words.back() == "hard") action = "DoNotSchedule";
  std::string yaml = base::cat("maxSkew: ", words[0], ", topologyKey: ", words[1] == "host" ? "kubernetes.io/hostname" : words[1],
                               ", whenUnsatisfiable: ", action);
  const std::size_t at = words[2].find('=');
  if (words[2] == "{}") yaml += ", labelSelector: {}";
  else if (at != words[2].npos) yaml += base::cat(", labelSelector: {matchLabels: {", words[2].substr(0, at), ": ", words[2].substr(at + 1), "}}");
  else if (words[2] != "-") yaml += base::cat(", labelSelector: {matchExpressions: [{key: ", words[2], ", operator: Exists}]}");
  for (std::size_t i = 3; i < words.size(); ++i) {
    if (words[i] == "soft" || words[i] == "hard") continue;
    const std::size_t equals = words[i].find('=');
    const bool list = words[i].starts_with("matchLabelKeys");
    yaml += base::cat(", ", words[i].substr(0, equals), ": ", list ? "[" : "", words[i].substr(equals + 1), list ? "]" : "");
  }
  return from_yaml<api::TopologySpreadConstraint>(base::cat("{", yaml, "}"));
}

/// In namespace "default". `constraints`: ";" between; `selector`: the pod's nodeSelector and more of its spec.
inline api::Pod spread_pod(std::string_view labels, std::string_view constraints, std::string_view selector, const char* action) {
  api::Pod pod = from_yaml<api::Pod>(base::cat("{metadata: {namespace: default}, spec: {nodeSelector: ", selector, "}}"));
  pod.metadata.labels = spread_labels(labels);
  for (const std::string& c : parts(constraints, ';')) pod.spec.edit().topology_spread_constraints.push_back(spread_constraint(c, action));
  return pod;
}

/// "NAME ZONE FLAG...", ZONE "-": none. Flags: ~ no candidate, ! no hostname, taint, and labels: foo, foo=bar.
inline api::Node spread_node(const std::string& text) {
  const std::vector<std::string> words = parts(text, ' ');
  api::Node node;
  node.metadata.name = words[0];
  node.metadata.labels.set("node", Str(words[0]));
  if (std::find(words.begin() + 2, words.end(), "!") == words.end()) node.metadata.labels.set("kubernetes.io/hostname", Str(words[0]));
  if (words[1] != "-") node.metadata.labels.set("zone", Str(words[1]));
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "~" || words[i] == "!") continue;
    if (words[i] == "taint") node.spec.edit().taints.push_back(from_yaml<api::Taint>("{key: key1, value: value1, effect: NoSchedule}"));
    else node.metadata.labels.set(Str(words[i].substr(0, words[i].find('='))), spread_labels(words[i]).begin()->second);
  }
  return node;
}

/// "LABELS@NAMESPACE#": # is terminating; the namespace is "default" unless it is given.
inline api::Pod placed_pod(std::string word) {
  api::Pod pod;
  pod.metadata.namespace_ = "default";
  if (word.ends_with('#')) {
    pod.metadata.deletion_timestamp = api::Time(1);
    word.pop_back();
  }
  if (const std::size_t at = word.find('@'); at != word.npos) {
    pod.metadata.namespace_ = word.substr(at + 1);
    word.resize(at);
  }
  pod.metadata.labels = spread_labels(word);
  return pod;
}

/// `nodes`: "|" between; `placed`: "NODE: POD POD; NODE: POD".
inline void build_spread_cluster(std::string_view nodes, std::string_view placed, PluginWorld& world) {
  for (const std::string& text : parts(nodes, '|')) world.node(spread_node(text), !text.ends_with('~'));
  for (const std::string& text : parts(placed, ';')) {
    const std::size_t colon = text.find(':');
    for (const std::string& word : parts(std::string_view(text).substr(colon + 1), ' ')) {
      if (!word.empty()) world.place(placed_pod(word), text.substr(0, colon));
    }
  }
}

}  // namespace orrery::scheduler::testing
