// What a real kube-scheduler decided on recorded clusters, against this one: feasibility, first failing plugin and reasons,
// every weighted score, totals, messages, preemption candidates and victims.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "control/scheduler/conform/recorded_cluster.h"

using orrery::scheduler::conform::replay;

namespace {

std::string read(const std::string& name) {
  std::ifstream in(ORRERY_SOURCE_DIR "/tests/data/scheduler/" + name);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

TEST_CASE("decisions of a recorded scheduler are reproduced") {
  for (const char* name : {"cluster016.jsonl", "cluster024.jsonl", "cluster026.jsonl", "cluster124.jsonl", "cluster171.jsonl",
                           "cluster188.jsonl"}) {
    CAPTURE(name);
    const auto got = replay(read(name));
    REQUIRE(got.ok());
    CHECK(got->pods > 0);
    CHECK(got->verdicts > got->pods);
    for (const std::string& difference : got->differences) FAIL_CHECK(difference);
  }
}

TEST_CASE("a changed recording is noticed") {
  std::string text = read("cluster016.jsonl");
  const std::string was = "Insufficient cpu";
  const auto at = text.find(was);
  REQUIRE(at != std::string::npos);
  text.replace(at, was.size(), "Insufficient cow");
  const auto got = replay(text);
  REQUIRE(got.ok());
  CHECK(!got->differences.empty());
  CHECK(!replay("").ok());
  CHECK(!replay("{\"nodes\":[]}\n").ok());
}
