// LogTrace: a process's log lines on stderr, through spdlog. Facts are not recorded: recording() is false.
#pragma once
#include <memory>
#include <string>

#include "model/env/trace.h"

namespace spdlog {
class logger;
}

namespace orrery::real {

class LogTrace : public env::Trace {
 public:
  /// Lines below `level` are dropped.
  LogTrace(const std::string& process, env::LogLevel level);
  ~LogTrace() override;
  bool recording(history::RecordKind) const override { return false; }
  void record(const history::Record&) override {}
  bool logs(env::LogLevel level) const override { return level >= level_; }
  void log(env::LogLevel level, std::string_view line) override;

 private:
  env::LogLevel level_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace orrery::real
