// History: a recorded run of a real control plane: what a driver did and what a watcher saw.
#pragma once
#include <string>
#include <vector>

#include "model/base/str.h"
#include "model/base/time.h"
#include "model/codec/json_value.h"

namespace orrery::scenarios::conform {

using base::Nanos;
using base::Str;
using codec::JsonValue;

/// One line after the header. `t` counts from the start of the history.
struct HistoryRecord {
  enum class Type : std::uint8_t { kInitial, kAdded, kModified, kDeleted, kAction };
  int line = 0;
  Nanos t = 0;
  Str resource;  ///< plural ("pods"); "ACTION" for what the driver did
  Type type = Type::kAdded;
  JsonValue object;  ///< the object, or the description of the action
};

struct History {
  std::string file, scenario;
  base::Instant wall_start;
  Nanos duration = 0;
  std::vector<std::string> namespaces, nodes;
  std::vector<HistoryRecord> records;  ///< in order of `t`
  /// True for a namespace the history was filtered to.
  bool covers_namespace(std::string_view name) const;
  bool covers_node(std::string_view name) const;
};

/// Reads a plain or gzip-compressed file of JSON lines: a header, then records. Throws InputError.
History read_history(const std::string& file);
/// The same from text; `file` is for messages.
History parse_history(const std::string& file, std::string_view text);

/// metadata.NAME as text, "" when absent.
std::string_view meta_text(const JsonValue& object, std::string_view name);

}  // namespace orrery::scenarios::conform
