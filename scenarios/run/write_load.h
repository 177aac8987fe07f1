// WriteLoad: a virtual user that writes ConfigMaps, at a rate or as many at a time as asked, remembers what was acknowledged,
// and reads it back at the end.
#pragma once
#include <vector>

#include "control/client/client.h"
#include "model/env/component.h"
#include "scenarios/expect/world_state.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

/// Counts into a tally that outlives the process. Writes go to namespace "load-NAME"; each creates one ConfigMap of its own,
/// so that an acknowledged write that is gone is lost. Requests are not retried: unknown stays unknown.
class WriteLoad final : public env::Component {
 public:
  /// One client per way to the API ("via: all" gives each master in turn). At a rate, writes take the ways in turn. Of the
  /// writes that are always under way each keeps to its way, so that a master that is silent holds up its own share only; the
  /// next one follows at once, after a failure 100 ms later.
  WriteLoad(env::Environment& env, std::vector<client::ClientConfig> ways, ClientSpec spec, ClientTally& tally);
  /// Reads back every acknowledged write; `done` when all are read or counted as lost.
  void verify(base::UniqueFunction<void()> done);

 private:
  env::Task<> prepare_and_run();
  env::Task<> read_back(base::UniqueFunction<void()> done);
  base::Instant now() const;   // since the beginning of the run
  void schedule_next();
  void keep_writing(std::size_t way);
  /// `done(acknowledged)` may be empty.
  void send(std::size_t way, base::UniqueFunction<void(bool)> done);

  env::Environment& env_;
  std::vector<std::unique_ptr<client::Client>> clients_;
  ClientSpec spec_;
  ClientTally& tally_;
  base::RandomStream arrivals_;
  base::Instant next_;
  std::uint64_t number_ = 0;
  std::vector<std::uint64_t> acknowledged_;
  env::TaskScope tasks_;
};

}  // namespace orrery::scenarios
