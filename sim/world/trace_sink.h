// TraceSink: where the facts and log lines of all simulated processes go.
#pragma once
#include <cstdint>
#include <string_view>

#include "model/base/time.h"
#include "model/env/process.h"
#include "model/env/trace.h"

namespace orrery::sim {

/// Not owned by the world. Has no effect on behaviour: nothing it does may reach the simulation.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  /// Records of other kinds do not come.
  virtual bool recording(history::RecordKind kind) const = 0;
  /// `now` is kernel time, before any machine's clock error.
  virtual void record(base::Instant now, const env::Process& process, const history::Record& record) = 0;
  virtual bool logs(env::LogLevel level) const = 0;
  virtual void log(base::Instant now, const env::Process& process, env::LogLevel level,
                   std::string_view line) = 0;
};

}  // namespace orrery::sim
