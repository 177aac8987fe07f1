// Header-only use: the only file that needs spdlog, and so no library to link.
#define FMT_HEADER_ONLY
#include "real/process/log_trace.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace orrery::real {
namespace {

spdlog::level::level_enum level_of(env::LogLevel level) {
  switch (level) {
    case env::LogLevel::kDebug: return spdlog::level::debug;
    case env::LogLevel::kInfo: return spdlog::level::info;
    case env::LogLevel::kWarning: return spdlog::level::warn;
    case env::LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

LogTrace::LogTrace(const std::string& process, env::LogLevel level)
    : level_(level),
      logger_(std::make_unique<spdlog::logger>(process, std::make_shared<spdlog::sinks::stderr_sink_st>())) {
  logger_->set_level(level_of(level));
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %L %n: %v");
}

LogTrace::~LogTrace() = default;

void LogTrace::log(env::LogLevel level, std::string_view line) {
  logger_->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace orrery::real
