#include "scenarios/load/culprit.h"

#include "model/base/str.h"
#include "model/codec/json_value.h"

namespace orrery::scenarios {
namespace {

using base::cat;
using codec::JsonValue;

using Path = std::vector<std::string>;   // keys and indexes

/// The value without what the path leads to.
JsonValue without(const JsonValue& v, const Path& path, std::size_t depth) {
  const bool last = depth + 1 == path.size();
  if (v.is_object()) {
    JsonValue out = JsonValue::object();
    for (const codec::JsonMember& m : v.members()) {
      const bool here = m.key == path[depth];
      if (here && last) continue;
      out.set(m.key, here ? without(m.value, path, depth + 1) : m.value);
    }
    return out;
  }
  JsonValue out = JsonValue::array();
  std::size_t i = 0;
  for (const JsonValue& item : v.items()) {
    const bool here = std::to_string(i++) == path[depth];
    if (here && last) continue;
    out.edit_items().push_back(here ? without(item, path, depth + 1) : item);
  }
  return out;
}

std::vector<std::string> children(const JsonValue& v) {
  std::vector<std::string> out;
  for (const codec::JsonMember& m : v.members()) out.push_back(m.key.str());
  for (std::size_t i = 0; i < v.items().size(); ++i) out.push_back(std::to_string(i));
  return out;
}

}  // namespace

std::string quoted_path(const std::string& message) {
  const std::size_t close = message.rfind('"');
  const std::size_t open = close == std::string::npos ? close : message.rfind('"', close - 1);
  return open == std::string::npos ? "" : message.substr(open + 1, close - open - 1);
}

std::string culprit_of(const std::string& json, const std::string& message, const codec::ReadOptions& options) {
  const auto document = codec::parse_json(json);
  if (!document.ok()) return "";
  Path path;
  std::string text;
  const JsonValue* at = &*document;
  for (bool deeper = true; deeper;) {
    deeper = false;
    const bool list = at->is_array();
    for (const std::string& child : children(*at)) {
      if (path.empty() && (child == "apiVersion" || child == "kind")) continue;
      path.push_back(child);
      const auto read = codec::read_object(without(*document, path, 0).dump(), options);
      if (read.ok() || read.error().message != message) {
        text += list ? cat("[", child, "]") : cat(text.empty() ? "" : ".", child);
        at = list ? &at->items()[std::stoul(child)] : at->find(child);
        deeper = true;
        break;
      }
      path.pop_back();
    }
  }
  return text;
}

}  // namespace orrery::scenarios
