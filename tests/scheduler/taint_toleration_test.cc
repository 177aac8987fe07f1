// TaintToleration against upstream's own tables (plugins/tainttoleration/taint_toleration_test.go), and the NormalizeScore that it has
// in common with NodeAffinity (plugins/helper/normalize_score_test.go). The rows about Gt and Lt belong to a feature that 1.33 does not
// have.
#include <doctest/doctest.h>

#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct TaintRow {
  const char* upstream;
  const char* tolerations;   // "key=value:Effect" Equal, "key:Effect" Exists, "key=value" any effect; ";" between
  const char* nodes;         // taints "key=value:Effect", "," between; "|" between nodes
  const char* expected;
};

const TaintRow kScores[] = {
    {"node with taints tolerated by the pod, gets a higher score than those node with intolerable taints", "foo=bar:PreferNoSchedule",
     "foo=bar:PreferNoSchedule | foo=blah:PreferNoSchedule", "100 0"},
    {"the nodes that all of their taints are tolerated by the pod, get the same score, no matter how many tolerable taints a node has",
     "cpu-type=arm64:PreferNoSchedule; disk-type=ssd:PreferNoSchedule",
     "- | cpu-type=arm64:PreferNoSchedule | cpu-type=arm64:PreferNoSchedule, disk-type=ssd:PreferNoSchedule", "100 100 100"},
    {"the more intolerable taints a node has, the lower score it gets.", "foo=bar:PreferNoSchedule",
     "- | cpu-type=arm64:PreferNoSchedule | cpu-type=arm64:PreferNoSchedule, disk-type=ssd:PreferNoSchedule", "100 50 0"},
    {"only taints and tolerations that have effect PreferNoSchedule are checked by taints-tolerations priority function",
     "cpu-type=arm64:NoSchedule; disk-type=ssd:NoSchedule",
     "- | cpu-type=arm64:NoSchedule | cpu-type=arm64:PreferNoSchedule, disk-type=ssd:PreferNoSchedule", "100 100 0"},
    {"Default behaviour No taints and tolerations, lands on node with no taints", "", "- | cpu-type=arm64:PreferNoSchedule", "100 0"},
};

constexpr const char* kUser1 = "UnschedulableAndUnresolvable: node(s) had untolerated taint {dedicated: user1}";
const TaintRow kFilters[] = {
    {"A pod having no tolerations can't be scheduled onto a node with nonempty taints", "", "dedicated=user1:NoSchedule", kUser1},
    {"A pod which can be scheduled on a dedicated node assigned to user1 with effect NoSchedule", "dedicated=user1:NoSchedule",
     "dedicated=user1:NoSchedule", "ok"},
    {"A pod which can't be scheduled on a dedicated node assigned to user2 with effect NoSchedule", "dedicated=user2:NoSchedule",
     "dedicated=user1:NoSchedule", kUser1},
    {"A pod can be scheduled onto the node, with a toleration uses operator Exists that tolerates the taints on the node", "foo:NoSchedule",
     "foo=bar:NoSchedule", "ok"},
    {"A pod has multiple tolerations, node has multiple taints, all the taints are tolerated, pod can be scheduled onto the node",
     "dedicated=user2:NoSchedule; foo:NoSchedule", "dedicated=user2:NoSchedule, foo=bar:NoSchedule", "ok"},
    {"A pod has a toleration that keys and values match the taint on the node, but (non-empty) effect doesn't match, can't be scheduled "
     "onto the node", "foo=bar:PreferNoSchedule", "foo=bar:NoSchedule", "UnschedulableAndUnresolvable: node(s) had untolerated taint {foo: bar}"},
    {"The pod has a toleration that keys and values match the taint on the node, the effect of toleration is empty, and the effect of "
     "taint is NoSchedule. Pod can be scheduled onto the node", "foo=bar", "foo=bar:NoSchedule", "ok"},
    {"The pod has a toleration that key and value don't match the taint on the node, but the effect of taint on node is "
     "PreferNoSchedule. Pod can be scheduled onto the node", "dedicated=user2:NoSchedule", "dedicated=user1:PreferNoSchedule", "ok"},
    {"The pod has no toleration, but the effect of taint on node is PreferNoSchedule. Pod can be scheduled onto the node", "",
     "dedicated=user1:PreferNoSchedule", "ok"},
};

struct NormalizeRow {
  const char* upstream;
  bool reverse;
  std::vector<std::int64_t> scores, expected;
};
const NormalizeRow kNormalize[] = {
    {"case_0", false, {1, 2, 3, 4}, {25, 50, 75, 100}},
    {"case_1", true, {1, 2, 3, 4}, {75, 50, 25, 0}},
    {"case_2", false, {1000, 10, 20, 30}, {100, 1, 2, 3}},
    {"case_3", true, {1000, 10, 20, 30}, {0, 99, 98, 97}},
    {"case_4", false, {1, 1, 1, 1}, {100, 100, 100, 100}},
    {"case_5", false, {1000, 1, 1, 1}, {100, 0, 0, 0}},
    {"case_6", true, {0, 1, 1, 1}, {100, 0, 0, 0}},
    {"case_7", false, {0, 0, 0, 0}, {0, 0, 0, 0}},
    {"case_8", true, {0, 0, 0, 0}, {100, 100, 100, 100}},
};

template <class T>
T parsed(const std::string& text) {
  T out;
  const std::size_t colon = text.find(':');
  const std::string pair = text.substr(0, colon);
  if (colon != text.npos) out.effect = text.substr(colon + 1);
  const std::size_t equals = pair.find('=');
  out.key = pair.substr(0, equals);
  if (equals != pair.npos) out.value = pair.substr(equals + 1);
  if constexpr (requires { out.operator_; }) out.operator_ = equals == pair.npos ? "Exists" : "Equal";
  return out;
}

PodInfoRef build(const TaintRow& row, PluginWorld& world) {
  for (const std::string& n : parts(row.nodes, '|')) {
    api::Node node;
    for (const std::string& t : parts(n == "-" ? "" : n, ',')) node.spec.edit().taints.push_back(parsed<api::Taint>(t));
    world.node(std::move(node));
  }
  api::Pod pod;
  for (const std::string& t : parts(row.tolerations, ';')) pod.spec.edit().tolerations.push_back(parsed<api::Toleration>(t));
  return world.pod(std::move(pod));
}

}  // namespace

TEST_CASE("TaintToleration: TestTaintTolerationScore") {
  for (const TaintRow& row : kScores) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    const PodInfoRef pod = build(row, world);
    CHECK(world.scores("TaintToleration", pod) == row.expected);
  }
}

TEST_CASE("TaintToleration: TestTaintTolerationFilter") {
  for (const TaintRow& row : kFilters) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    const PodInfoRef pod = build(row, world);
    CHECK(world.verdicts("TaintToleration", pod) == row.expected);
  }
}

TEST_CASE("TaintToleration, NodeAffinity: TestDefaultNormalizeScore") {
  for (const NormalizeRow& row : kNormalize) {
    CAPTURE(std::string(row.upstream));
    std::vector<std::int64_t> scores = row.scores;
    default_normalize(scores, row.reverse);
    CHECK(scores == row.expected);
  }
}
