// The protocol of policies that are processes, spoken by a fake one: what is told adds up to what is free, answers decide, and what
// breaks the protocol is named.
#include <doctest/doctest.h>

#include "model/base/str.h"
#include "scenarios/outside/external_policy.h"
#include "scenarios/bench/placement.h"

namespace external_policy_test {

using namespace orrery;
using namespace orrery::scenarios::bench;
using codec::JsonValue;

/// Answers by a function, and keeps the state that the questions tell.
class FakeProcess final : public LineChannel {
 public:
  using Answer = std::function<std::string(FakeProcess&, const JsonValue& question)>;
  explicit FakeProcess(Answer answer) : answer_(std::move(answer)) {}
  std::string ask(const std::string& line) override {
    CHECK(line.find('\n') == line.npos);
    const JsonValue q = *codec::parse_json(line);
    if (q.find("nodes")) {
      cpu.clear();
      for (const JsonValue& n : q["nodes"].items()) cpu.push_back(n["cpu"].int_or(-1));
      ++introductions;
      return "{\"orrery\":1}";
    }
    for (const JsonValue& f : q["free"].items()) cpu[static_cast<std::size_t>(f.items()[0].int_or(-1))] = f.items()[1].int_or(-1);
    told += q["free"].items().size();
    fit.clear();
    for (const JsonValue& range : q["fit"].items()) {
      for (std::int64_t i = range.items()[0].int_or(0); i < range.items()[1].int_or(0); ++i) fit.push_back(i);
    }
    return answer_(*this, q);
  }

  std::vector<std::int64_t> cpu, fit;
  std::size_t introductions = 0, told = 0;

 private:
  Answer answer_;
};

struct World {
  explicit World(FakeProcess::Answer answer, int count = 8) {
    for (int i = 0; i < count; ++i) nodes.push_back({base::cat("n", std::to_string(i)), 4000, std::int64_t{8} << 30, i % 2, "T4", {}});
    owned = std::make_unique<FakeProcess>(std::move(answer));
    process = static_cast<FakeProcess*>(owned.get());
    scheduler::PolicySpec policy;
    policy.first_of_best = true;
    policy.adviser = [&](const scheduler::Snapshot& snapshot, std::uint64_t) {
      return std::make_unique<ExternalPolicy>("fake", [&] { return std::move(owned); }, snapshot, 1);
    };
    placement = std::make_unique<Placement>(nodes, policy, std::make_shared<scheduler::FragmentationModel>(std::vector<scheduler::TypicalPod>{}), 1);
  }
  Placement::Placed place(const std::string& name, std::int64_t cores) {
    TracePod pod;
    pod.name = name;
    pod.milli_cpu = cores * 1000;
    pod.memory = 1 << 20;
    return placement->place(make_pod(pod, pod.name));
  }
  std::vector<TraceNode> nodes;
  std::unique_ptr<LineChannel> owned;     // until it is asked
  FakeProcess* process = nullptr;
  std::unique_ptr<Placement> placement;
};

std::string last_fitting(FakeProcess& p, const JsonValue&) { return base::cat("{\"node\":", std::to_string(p.fit.back()), "}"); }

TEST_CASE("a process is told once about nodes, then of changes only, and they add up") {
  base::RandomStream random(7);
  World w([&](FakeProcess& p, const JsonValue&) { return base::cat("{\"node\":", std::to_string(p.fit[random.below(p.fit.size())]), "}"); });
  std::vector<Placement::Placed> running;
  for (int i = 0; i < 200; ++i) {
    if (!running.empty() && random.below(3) == 0) {
      const std::size_t at = random.below(running.size());
      w.placement->remove(running[at]);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const std::uint64_t before = w.placement->advice();
    // What is told before the pod is placed is what is free then.
    std::vector<std::int64_t> free;
    for (const scheduler::NodeInfo* n : w.placement->snapshot().nodes()) free.push_back(n->allocatable().milli_cpu - n->requested().milli_cpu);
    Placement::Placed placed = w.place(base::cat("p", std::to_string(i)), static_cast<std::int64_t>(1 + random.below(3)));
    const bool asked = w.placement->advice() != before;
    if (asked) CHECK(w.process->cpu == free);
    if (placed.node) running.push_back(std::move(placed));
  }
  CHECK(w.process->introductions == 1);
  CHECK(w.process->told < 600);          // some three nodes change between two questions, not eight
  CHECK(w.process->told > 50);
}

TEST_CASE("the answer decides, by node or by scores") {
  World by_node(last_fitting);
  CHECK(by_node.place("a", 2).node->name() == "n7");
  CHECK(by_node.place("b", 3).node->name() == "n6");
  CHECK(by_node.place("c", 2).node->name() == "n7");
  CHECK(by_node.process->cpu[7] == 2000);
  World by_score([](FakeProcess& p, const JsonValue&) {
    std::string out = "{\"scores\":[";
    for (const std::int64_t i : p.fit) out += base::cat(i == p.fit[0] ? "" : ",", i == 3 || i == 5 ? "2.5" : "-1e3");
    return out + "]}";
  });
  CHECK(by_score.place("a", 1).node->name() == "n3");      // the first of the best
  for (int i = 0; i < 3; ++i) by_score.place(base::cat("x", std::to_string(i)), 1);
  CHECK(by_score.place("b", 1).node->name() == "n5");      // n3 is full
}

TEST_CASE("the only node that fits is taken without a question") {
  World w([](FakeProcess&, const JsonValue&) -> std::string { throw PolicyFailure("asked"); }, 1);
  CHECK(w.place("a", 1).node->name() == "n0");
}

TEST_CASE("nodes that come and go are told anew") {
  World w(last_fitting);
  w.place("a", 1);
  w.placement->add_node({"n8", 4000, std::int64_t{8} << 30, 0, "", {}});
  CHECK(w.place("b", 1).node->name() == "n8");
  CHECK(w.process->introductions == 2);
  CHECK(w.process->cpu.size() == 9);
  CHECK(w.process->cpu[7] == 3000);      // of a, told again
}

TEST_CASE("what breaks the protocol is named") {
  const struct { const char* answer; const char* error; } kRows[] = {
      {"", "no JSON object"}, {"[1]", "no JSON object"}, {"{\"node\": 8}", "\"node\" must be one of those that fit, is 8"},
      {"{\"node\": -1}", "is -1"}, {"{\"node\": \"n1\"}", "is \"n1\""}, {"{}", "neither \"node\" nor a list \"scores\""},
      {"{\"scores\": 3}", "neither"}, {"{\"scores\": [1, 2]}", "answered 2 scores, 8 nodes fit"},
      {"{\"scores\": [1, 2, 3, 4, 5, 6, null, 8]}", "score 7 is no number: null"}};
  for (const auto& row : kRows) {
    World w([&](FakeProcess&, const JsonValue&) { return std::string(row.answer); });
    std::string error;
    try {
      w.place("a", 1);
    } catch (const PolicyFailure& e) {
      error = e.what();
    }
    CAPTURE(error);
    CHECK(error.find(row.error) != error.npos);
    CHECK(error.find("policy \"fake\", asked about pod a") != error.npos);
  }
}

}  // namespace external_policy_test
