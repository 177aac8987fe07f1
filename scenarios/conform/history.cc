#include "scenarios/conform/history.h"

#include <algorithm>

#include "scenarios/load/input_error.h"
#include "scenarios/load/packed_file.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;
using Type = HistoryRecord::Type;

[[noreturn]] void bad(const std::string& file, int line, std::string what) {
  throw InputError{file, line, "", std::move(what)};
}

Nanos seconds(const JsonValue& v) {
  const double d = v.double_or(0);
  const auto whole = static_cast<std::int64_t>(d);
  return whole * base::kSecond + static_cast<Nanos>((d - static_cast<double>(whole)) * 1e9 + 0.5);
}

void read_names(const JsonValue& list, std::vector<std::string>& out) {
  for (const JsonValue& v : list.items()) out.emplace_back(v.text_or(""));
}

bool parse_type(std::string_view text, Type& out) {
  static constexpr std::pair<std::string_view, Type> kTypes[] = {
      {"INITIAL", Type::kInitial},   {"LISTED", Type::kAdded},    {"ADDED", Type::kAdded},
      {"MODIFIED", Type::kModified}, {"DELETED", Type::kDeleted}, {"ACTION", Type::kAction}};
  for (const auto& [name, type] : kTypes) {
    if (text != name) continue;
    out = type;
    return true;
  }
  return false;
}

void read_header(const std::string& file, const JsonValue& line, History& h) {
  const JsonValue* header = line.find("header");
  if (!header || !header->is_object()) bad(file, 1, "is neither a history (its first line has no \"header\") nor recorded scheduling decisions (no \"nodes\" and \"pods\")");
  const JsonValue& v = *header;
  if (!v["wall_start_unix"].is_number()) bad(file, 1, "the header lacks wall_start_unix");
  h.scenario = v["scenario"].text_or("");
  h.wall_start = base::Instant{seconds(v["wall_start_unix"])};
  h.duration = seconds(v["duration_s"]);
  read_names(v["namespaces"], h.namespaces);
  read_names(v["nodes"], h.nodes);
  if (h.nodes.empty() && h.namespaces.empty()) bad(file, 1, "the header names neither namespaces nor nodes");
}

HistoryRecord read_record(const std::string& file, int number, const JsonValue& line) {
  HistoryRecord r;
  r.line = number;
  if (!line["t"].is_number()) bad(file, number, "a record without t");
  r.t = seconds(line["t"]);
  r.resource = line["res"].str();
  if (r.resource.empty()) bad(file, number, "a record without res");
  if (!parse_type(line["type"].text_or(""), r.type))
    bad(file, number, cat("unknown type \"", line["type"].text_or(""), "\""));
  const JsonValue* object = line.find("object");
  if (!object || !object->is_object()) bad(file, number, "a record without object");
  r.object = *object;
  if (r.type == Type::kAction && !r.object["action"].is_string())
    bad(file, number, "an ACTION without action");
  return r;
}

}  // namespace

bool History::covers_namespace(std::string_view name) const {
  return std::find(namespaces.begin(), namespaces.end(), name) != namespaces.end();
}

bool History::covers_node(std::string_view name) const {
  return std::find(nodes.begin(), nodes.end(), name) != nodes.end();
}

std::string_view meta_text(const JsonValue& object, std::string_view name) {
  return object["metadata"][name].text_or("");
}

History parse_history(const std::string& file, std::string_view text) {
  History h;
  h.file = file;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    auto value = codec::parse_json(line);
    if (!value.ok()) bad(file, number, value.error().message);
    if (h.records.empty() && h.nodes.empty() && h.namespaces.empty()) read_header(file, *value, h);
    else h.records.push_back(read_record(file, number, *value));
  }
  if (number == 0) bad(file, 0, "is empty");
  std::stable_sort(h.records.begin(), h.records.end(),
                   [](const auto& a, const auto& b) { return a.t < b.t; });
  if (h.duration == 0 && !h.records.empty()) h.duration = h.records.back().t;
  return h;
}

History read_history(const std::string& file) { return parse_history(file, read_packed_file(file)); }

}  // namespace orrery::scenarios::conform
