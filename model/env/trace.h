// Trace: where a process reports what happened. Recording has no effect on behaviour.
#pragma once
#include <cstdint>
#include <string_view>

namespace orrery::history {
struct Record;
enum class RecordKind : std::uint8_t;
}

namespace orrery::env {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

class Trace {
 public:
  virtual ~Trace() = default;
  /// False when nobody reads facts of this kind: then do not build a Record.
  virtual bool recording(history::RecordKind kind) const = 0;
  virtual void record(const history::Record& record) = 0;
  virtual bool logs(LogLevel level) const = 0;
  virtual void log(LogLevel level, std::string_view line) = 0;
};

}  // namespace orrery::env
