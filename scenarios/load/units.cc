#include "scenarios/load/units.h"

#include <charconv>
#include <cstdio>

#include "model/api/quantity.h"
#include "model/base/str.h"

namespace orrery::scenarios {
namespace {

using base::cat;
using base::invalid;

struct Unit {
  std::string_view name;
  std::int64_t size;
};
constexpr Unit kTimeUnits[] = {{"ns", 1}, {"us", base::kMicrosecond}, {"ms", base::kMillisecond},
                               {"s", base::kSecond}, {"m", base::kMinute}, {"h", base::kHour}};
constexpr Unit kBitUnits[] = {{"bps", 1}, {"kbps", 1000}, {"Mbps", 1'000'000}, {"Gbps", 1'000'000'000}};

/// Takes a decimal number off the front; false when there is none.
bool take_number(std::string_view& text, double& value) {
  std::size_t n = 0;
  int dots = 0;
  while (n < text.size() && ((text[n] >= '0' && text[n] <= '9') || (text[n] == '.' && dots == 0))) dots += text[n++] == '.';
  if (n == 0 || n > 18 || (n == 1 && dots == 1)) return false;
  double whole = 0, scale = 1;
  bool fraction = false;
  for (std::size_t i = 0; i < n; ++i) {
    if (text[i] == '.') { fraction = true; continue; }
    whole = whole * 10 + (text[i] - '0');
    if (fraction) scale *= 10;
  }
  value = whole / scale;
  text.remove_prefix(n);
  return true;
}

std::string_view take_letters(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z'))) ++n;
  const std::string_view letters = text.substr(0, n);
  text.remove_prefix(n);
  return letters;
}

const Unit* find_unit(std::string_view name, const Unit* begin, const Unit* end) {
  for (const Unit* u = begin; u != end; ++u)
    if (u->name == name) return u;
  return nullptr;
}

base::Result<std::int64_t> quantity(std::string_view text, bool milli, const char* example) {
  auto q = api::Quantity::parse(text);
  if (!q.ok()) return invalid(cat("\"", text, "\" is not a quantity (write ", example, ")"));
  if (q->sign() < 0) return invalid(cat("\"", text, "\" is negative"));
  return milli ? q->milli_value() : q->value();
}

}  // namespace

base::Result<base::Nanos> parse_duration(std::string_view text) {
  const base::Error bad = invalid(cat("\"", text, "\" is not a duration (write 250us, 5s, 12m, 1h30m)"));
  if (text == "0") return base::Nanos{0};
  if (text.empty()) return bad;
  std::string_view rest = text;
  double total = 0;
  while (!rest.empty()) {
    double number = 0;
    if (!take_number(rest, number)) return bad;
    const Unit* unit = find_unit(take_letters(rest), std::begin(kTimeUnits), std::end(kTimeUnits));
    if (!unit) return bad;
    total += number * static_cast<double>(unit->size);
  }
  if (total > 9e18) return invalid(cat("\"", text, "\" is longer than 292 years"));
  return static_cast<base::Nanos>(total + 0.5);
}

base::Result<double> parse_rate(std::string_view text) {
  const base::Error bad = invalid(cat("\"", text, "\" is not a rate (write 200/s, 30/m, 5/h)"));
  std::string_view rest = text;
  double number = 0;
  if (!take_number(rest, number) || rest.size() != 2 || rest[0] != '/') return bad;
  if (rest[1] == 's') return number;
  if (rest[1] == 'm') return number / 60;
  if (rest[1] == 'h') return number / 3600;
  return bad;
}

base::Result<std::int64_t> parse_bandwidth(std::string_view text) {
  std::string_view rest = text;
  double number = 0;
  const bool ok = take_number(rest, number);
  const Unit* unit = ok ? find_unit(rest, std::begin(kBitUnits), std::end(kBitUnits)) : nullptr;
  if (!unit || number <= 0) return invalid(cat("\"", text, "\" is not a bandwidth (write 1Gbps, 100Mbps)"));
  return static_cast<std::int64_t>(number * static_cast<double>(unit->size) / 8);
}

base::Result<std::int64_t> parse_bytes(std::string_view text) { return quantity(text, false, "16Gi, 512Mi"); }
base::Result<std::int64_t> parse_milli_cpu(std::string_view text) { return quantity(text, true, "4, 500m"); }

base::Result<std::vector<std::int64_t>> parse_range(std::string_view text) {
  const base::Error bad = invalid(cat("\"", text, "\" is not a range (write 7 or 1..20)"));
  const std::size_t dots = text.find("..");
  const auto number = [](std::string_view s, std::int64_t& v) {
    const auto r = std::from_chars(s.data(), s.data() + s.size(), v);
    return r.ec == std::errc() && r.ptr == s.data() + s.size();
  };
  std::int64_t first = 0, last = 0;
  if (dots == std::string_view::npos) {
    if (!number(text, first)) return bad;
    last = first;
  } else if (!number(text.substr(0, dots), first) || !number(text.substr(dots + 2), last)) {
    return bad;
  }
  if (last < first) return invalid(cat("\"", text, "\" is an empty range"));
  if (last - first >= 1'000'000) return invalid(cat("\"", text, "\" has over a million values"));
  std::vector<std::int64_t> values;
  for (std::int64_t v = first; v <= last; ++v) values.push_back(v);
  return values;
}

std::string format_duration(base::Nanos d) {
  if (d < 0) return "-" + format_duration(-d);
  if (d == 0) return "0s";
  if (d < base::kMillisecond) return std::to_string(d / 1000) + "us";
  if (d < base::kSecond) return std::to_string(d / base::kMillisecond) + "ms";
  std::string out;
  if (d >= base::kHour) out += std::to_string(d / base::kHour) + "h";
  if (d >= base::kMinute && d / base::kMinute % 60) out += std::to_string(d / base::kMinute % 60) + "m";
  const base::Nanos seconds = d % base::kMinute;
  if (seconds == 0) return out;
  char buffer[32];
  const auto millis = static_cast<long long>(seconds / base::kMillisecond);
  if (millis % 1000 == 0) std::snprintf(buffer, sizeof buffer, "%llds", millis / 1000);
  else std::snprintf(buffer, sizeof buffer, "%lld.%03llds", millis / 1000, millis % 1000);
  return out + buffer;
}

std::string format_instant(base::Instant t) {
  char buffer[32];
  const auto millis = static_cast<long long>(t.ns / base::kMillisecond);
  std::snprintf(buffer, sizeof buffer, "%lld.%03llds", millis / 1000, millis % 1000);
  return buffer;
}

}  // namespace orrery::scenarios
