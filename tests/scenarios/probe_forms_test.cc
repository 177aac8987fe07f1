// The two forms of probes: computed, and attempted one by one as the real world does.
#include <doctest/doctest.h>

#include "scenarios/load/loader.h"
#include "scenarios/run/cluster.h"
#include "scenarios/run/timeline.h"
#include "sim/world/trace_sink.h"

namespace {

using namespace orrery;
using namespace orrery::scenarios;

/// Everything the first store member commits: when, where, and with what content.
class CommitLog final : public sim::TraceSink {
 public:
  explicit CommitLog(WorldState& state) : state_(state) {}
  bool recording(history::RecordKind) const override { return true; }
  void record(base::Instant now, const env::Process& process, const history::Record& record) override {
    record.origin = {now, process.machine(), process.name(), process.incarnation()};
    state_.on_record(record);
    if (record.kind != history::RecordKind::kStoreCommit) return;
    for (const auto& op : static_cast<const history::StoreCommit&>(record).ops)
      lines.push_back(base::cat(std::to_string(now.ns), " ", op.key, " ",
                                op.value ? std::to_string(op.value->content_hash()) : "-"));
  }
  bool logs(env::LogLevel) const override { return false; }
  void log(base::Instant, const env::Process&, env::LogLevel, std::string_view) override {}
  std::vector<std::string> lines;

 private:
  WorldState& state_;
};

struct Outcome {
  std::vector<std::string> commits;
  std::uint64_t events = 0;
};

Outcome run(bool polled, std::uint64_t seed) {
  LoadOptions options;
  options.seed = seed;
  Scenario scenario =
      load_scenario(std::string(ORRERY_SOURCE_DIR) + "/tests/scenarios/data/probes.yaml", options)[0];
  scenario.cluster.polled_probes = polled;
  WorldState state;
  CommitLog log(state);
  Cluster cluster(scenario, state, &log);
  Leaders leaders;
  Timeline timeline(scenario, cluster, state, leaders);
  timeline.start();
  cluster.world().run_until(base::Instant{scenario.until});
  return {std::move(log.lines), cluster.world().kernel().executed()};
}

}  // namespace

TEST_CASE("polled and computed probes give one API history") {
  for (const std::uint64_t seed : {1, 2}) {
    CAPTURE(seed);
    const Outcome computed = run(false, seed), polled = run(true, seed);
    std::size_t same = 0;
    while (same < computed.commits.size() && same < polled.commits.size() &&
           computed.commits[same] == polled.commits[same])
      ++same;
    CAPTURE(same);
    CHECK(computed.commits.size() > 300);
    CHECK(same == computed.commits.size());
    CHECK(same == polled.commits.size());
    CHECK(polled.events > computed.events + 300);
  }
}
