// Oracles pair requests with answers by number: no two requests of one life of a process may share one.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <tuple>

#include "scenarios/load/loader.h"
#include "scenarios/run/cluster.h"
#include "scenarios/run/timeline.h"
#include "sim/world/trace_sink.h"

namespace {

using namespace orrery;
using namespace orrery::scenarios;

class RequestNumbers final : public sim::TraceSink {
 public:
  explicit RequestNumbers(WorldState& state) : state_(state) {}
  bool recording(history::RecordKind) const override { return true; }
  void record(base::Instant now, const env::Process& process, const history::Record& record) override {
    record.origin = {now, process.machine(), process.name(), process.incarnation()};
    state_.on_record(record);
    if (record.kind != history::RecordKind::kApiRequest) return;
    const auto& sent = static_cast<const history::ApiRequestRecord&>(record);
    ++requests;
    if (seen_.emplace(process.machine().str(), process.name().str(), process.incarnation(), sent.id).second) return;
    if (++repeated == 1) MESSAGE(process.machine().str() << " " << process.name().str() << " used " << sent.id << " twice");
  }
  bool logs(env::LogLevel) const override { return false; }
  void log(base::Instant, const env::Process&, env::LogLevel, std::string_view) override {}
  int requests = 0, repeated = 0;

 private:
  WorldState& state_;
  std::set<std::tuple<std::string, std::string, std::uint32_t, std::uint64_t>> seen_;
};

}  // namespace

TEST_CASE("the numbers of a process's requests differ") {
  LoadOptions options;
  options.until = 3 * base::kMinute;
  const Scenario scenario = load_scenario(std::string(ORRERY_SOURCE_DIR) + "/scenarios/workloads/statefulset-node-loss.yaml", options)[0];
  WorldState state;
  RequestNumbers numbers(state);
  Cluster cluster(scenario, state, &numbers);
  Leaders leaders;
  Timeline timeline(scenario, cluster, state, leaders);
  timeline.start();
  cluster.world().run_until(base::Instant{scenario.until});
  CHECK(numbers.requests > 500);
  CHECK(numbers.repeated == 0);
}
