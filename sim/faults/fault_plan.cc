#include "sim/faults/fault_plan.h"

#include <nlohmann/json.hpp>

#include "model/base/str.h"

namespace orrery::sim {
namespace {

constexpr std::string_view kFaultKinds[] = {
#define ORRERY_FAULT_KIND_NAME(id, name, what) name,
    ORRERY_FAULT_KINDS(ORRERY_FAULT_KIND_NAME)
#undef ORRERY_FAULT_KIND_NAME
};

std::string read_field(Fault& fault, const std::string& key, const nlohmann::json& value) {
  std::string* text = key == "target" ? &fault.target : key == "peer" ? &fault.peer : nullptr;
  std::int64_t* number = key == "at"         ? &fault.at.ns
                         : key == "duration" ? &fault.duration
                         : key == "value"    ? &fault.value
                         : key == "value2"   ? &fault.value2
                                             : nullptr;
  if (text || key == "kind") {
    if (!value.is_string()) return key + " is not a string";
    const auto s = value.get<std::string>();
    if (text) *text = s;
    else if (!parse_fault_kind(s, fault.kind)) return "unknown fault kind \"" + s + "\"";
    return {};
  }
  if (!number) return "unknown key \"" + key + "\"";
  if (!value.is_number_integer()) return key + " is not an integer";
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return key + " is too large";
  *number = value.get<std::int64_t>();
  return {};
}

}  // namespace

std::string_view to_string(FaultKind kind) {
  return kind < FaultKind::kCount ? kFaultKinds[static_cast<unsigned>(kind)] : std::string_view("?");
}

bool parse_fault_kind(std::string_view name, FaultKind& kind) {
  for (unsigned i = 0; i < static_cast<unsigned>(FaultKind::kCount); ++i) {
    if (kFaultKinds[i] != name) continue;
    kind = static_cast<FaultKind>(i);
    return true;
  }
  return false;
}

std::string to_json_line(const Fault& fault) {
  nlohmann::ordered_json j;
  j["at"] = fault.at.ns;
  j["kind"] = to_string(fault.kind);
  j["target"] = fault.target;
  if (!fault.peer.empty()) j["peer"] = fault.peer;
  if (fault.duration != 0) j["duration"] = fault.duration;
  if (fault.value != 0) j["value"] = fault.value;
  if (fault.value2 != 0) j["value2"] = fault.value2;
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<Fault> parse_fault(std::string_view json_line) {
  const auto j = nlohmann::json::parse(json_line, nullptr, false);
  if (j.is_discarded() || !j.is_object()) return base::invalid("a fault is not a JSON object");
  Fault fault;
  for (const auto& [key, value] : j.items()) {
    if (std::string wrong = read_field(fault, key, value); !wrong.empty())
      return base::invalid(std::move(wrong));
  }
  for (const char* key : {"at", "kind", "target"}) {
    if (!j.contains(key)) return base::invalid(base::cat("missing ", key));
  }
  if (fault.at.ns < 0 || fault.duration < 0) return base::invalid("at and duration are not below 0");
  return fault;
}

base::Result<FaultPlan> parse_fault_plan(std::string_view text) {
  FaultPlan plan;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto fault = parse_fault(one);
    if (!fault.ok())
      return base::invalid(base::cat("line ", std::to_string(line), ": ", fault.error().message));
    plan.push_back(std::move(*fault));
  }
  return plan;
}

std::string to_json_lines(const FaultPlan& plan) {
  std::string out;
  for (const Fault& f : plan) out += to_json_line(f) + "\n";
  return out;
}

}  // namespace orrery::sim
