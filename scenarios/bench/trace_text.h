// The text of a trace file. Traces are held in memory as a whole, about five times over.
#pragma once
#include <string>

#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::bench {

inline constexpr std::size_t kMaxTraceMiB = 512;

/// Throws InputError when the file is missing, unreadable or larger than kMaxTraceMiB.
inline std::string read_trace_text(const std::string& file) { return read_text_file(file, {}, 0, kMaxTraceMiB); }

}  // namespace orrery::scenarios::bench
