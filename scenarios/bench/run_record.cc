#include "scenarios/bench/run_record.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "model/base/hash.h"
#include "model/base/str.h"
#include "model/codec/json_value.h"
#include "scenarios/run/run_directory.h"

namespace orrery::scenarios::bench {
namespace {

using codec::JsonValue;

JsonValue numbers(const std::vector<double>& values) {
  JsonValue out = JsonValue::array();
  for (const double v : values) out.edit_items().push_back(std::isfinite(v) ? JsonValue(v) : JsonValue());
  return out;
}

std::vector<double> numbers_of(const JsonValue& list) {
  std::vector<double> out;
  for (const JsonValue& v : list.items()) out.push_back(v.double_or(NAN));
  return out;
}

using Named = std::vector<std::pair<std::string, double>>;

const double* value_of(const Named& values, std::string_view name) {
  for (const auto& [n, value] : values) {
    if (n == name) return &value;
  }
  return nullptr;
}

JsonValue by_name(const Named& values) {
  JsonValue out = JsonValue::object();
  for (const auto& [name, value] : values) out.set(name, finite(value));
  return out;
}

}  // namespace

const double* RunRecord::metric(std::string_view name) const { return value_of(metrics, name); }
const double* RunRecord::measurement(std::string_view name) const { return value_of(measured, name); }

const Series* RunRecord::find(std::string_view name) const {
  for (const Series& s : series) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

void RunRecord::seal() {
  base::Digest all;
  all.add(digest);
  for (const auto& [name, value] : metrics) {
    all.add(name);
    all.add(std::bit_cast<std::uint64_t>(value));
  }
  digest = all.value();
}

JsonValue finite(double v) { return std::isfinite(v) ? JsonValue(v) : JsonValue(); }

JsonValue result_json(const RunRecord& record) {
  JsonValue out = JsonValue::object();
  out.set("trace", record.trace);
  out.set("size", record.size);
  out.set("policy", record.policy);
  out.set("seed", static_cast<std::int64_t>(record.seed));
  out.set("load", record.load);
  out.set("warmup", record.warmup);
  out.set("digest", hex(record.digest));
  out.set("metrics", by_name(record.metrics));
  return out;
}

std::string to_json(const RunRecord& record) {
  JsonValue out = result_json(record);
  out.set("measured_seconds", record.measured_seconds);
  out.set("cut", record.cut);
  out.set("proposed_cut", record.proposed_cut);
  out.set("measured", by_name(record.measured));
  JsonValue notes = JsonValue::array();
  for (const std::string& n : record.notes) notes.edit_items().push_back(n);
  out.set("notes", std::move(notes));
  JsonValue notable = JsonValue::array();
  for (const NotablePod& p : record.notable) {
    JsonValue one = JsonValue::object();
    one.set("why", p.why);
    one.set("pod", p.pod);
    one.set("explanation", p.explanation);
    one.set("attempts", static_cast<std::int64_t>(p.attempts));
    notable.edit_items().push_back(std::move(one));
  }
  out.set("notable", std::move(notable));
  JsonValue series = JsonValue::array();
  for (const Series& s : record.series) {
    JsonValue one = JsonValue::object();
    one.set("name", s.name);
    one.set("x_name", s.x_name);
    one.set("x", numbers(s.x));
    one.set("y", numbers(s.y));
    series.edit_items().push_back(std::move(one));
  }
  out.set("series", std::move(series));
  return out.dump();
}

base::Result<RunRecord> read_record(std::string_view json) {
  const auto parsed = codec::parse_json(json);
  if (!parsed.ok()) return parsed.error();
  const JsonValue& v = *parsed;
  RunRecord out;
  out.trace = v["trace"].text_or("");
  out.size = v["size"].text_or("");
  out.policy = v["policy"].text_or("");
  out.seed = static_cast<std::uint64_t>(v["seed"].int_or(0));
  out.load = v["load"].text_or("");
  out.warmup = v["warmup"].text_or("");
  out.cut = v["cut"].int_or(-1);
  out.proposed_cut = v["proposed_cut"].int_or(-1);
  const std::string_view digest = v["digest"].text_or("");
  const auto r = std::from_chars(digest.data(), digest.data() + digest.size(), out.digest, 16);
  if (r.ec != std::errc() || out.policy.empty() || !v["metrics"].is_object()) return base::invalid("is not the record of a run");
  out.measured_seconds = v["measured_seconds"].double_or(0);
  for (const auto& [name, value] : v["metrics"].members()) out.metrics.emplace_back(name.str(), value.double_or(NAN));
  for (const auto& [name, value] : v["measured"].members()) out.measured.emplace_back(name.str(), value.double_or(NAN));
  for (const JsonValue& n : v["notes"].items()) out.notes.emplace_back(n.text_or(""));
  for (const JsonValue& p : v["notable"].items()) {
    out.notable.push_back({std::string(p["why"].text_or("")), std::string(p["pod"].text_or("")), std::string(p["explanation"].text_or("")),
                           static_cast<std::size_t>(p["attempts"].int_or(1))});
  }
  for (const JsonValue& s : v["series"].items()) {
    out.series.push_back({std::string(s["name"].text_or("")), std::string(s["x_name"].text_or("")), numbers_of(s["x"]), numbers_of(s["y"])});
  }
  return out;
}

std::string shortest(double value) {
  if (!std::isfinite(value)) return "";
  char buffer[64];
  const auto r = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  std::string out(buffer, r.ptr);
  return out.size() < 40 ? out : fixed(value, 6);
}

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  return buffer;
}

}  // namespace orrery::scenarios::bench
