// Upstream's own tables (tests/data/kubernetes/quantity_test_tables.json) plus the cases its code
// fixes.
#include "model/api/quantity.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "model/api/big_decimal.h"

using namespace orrery::api;
using nlohmann::json;
using F = QuantityFormat;

namespace {

const json& tables() {
  static const json kTables = json::parse(
      std::ifstream(ORRERY_SOURCE_DIR "/tests/data/kubernetes/quantity_test_tables.json"));
  return kTables;
}

std::string text(const json& j) { return j.get<std::string>(); }

F format_of(const std::string& s) {
  if (s == "DecimalSI") return F::kDecimalSI;
  if (s == "BinarySI") return F::kBinarySI;
  if (s == "DecimalExponent") return F::kDecimalExponent;
  return F::kUnset;
}

std::int32_t scale_of(const std::string& s) {
  static const std::map<std::string, std::int32_t> kNames{
      {"Nano", kNano}, {"Micro", kMicro}, {"Milli", kMilli}};
  const auto it = kNames.find(s);
  return it != kNames.end() ? it->second : std::stoi(s);
}

// The integer expressions that occur in the tables: products, quotients, sums of literals and the
// int64 bounds.
__int128 eval(std::string s) {
  const auto find_op = [&](const std::string& ops) {
    int depth = 0;
    for (std::size_t i = s.size(); i-- > 1;) {
      if (s[i] == ')') ++depth;
      else if (s[i] == '(') --depth;
      else if (depth == 0 && s[i - 1] == ' ' && i + 1 < s.size() && s[i + 1] == ' ' &&
               ops.find(s[i]) != ops.npos) {
        return i;
      }
    }
    return std::string::npos;
  };
  while (!s.empty() && s[0] == '?') s.erase(0, 1);
  for (const char* ops : {"+-", "*/"}) {
    const std::size_t at = find_op(ops);
    if (at == s.npos) continue;
    const __int128 a = eval(s.substr(0, at - 1));
    const __int128 b = eval(s.substr(at + 2));
    return s[at] == '+' ? a + b : s[at] == '-' ? a - b : s[at] == '*' ? a * b : a / b;
  }
  if (s.front() == '(' && s.back() == ')') return eval(s.substr(1, s.size() - 2));
  if (s == "mostPositive") return INT64_MAX;
  if (s == "mostNegative") return INT64_MIN;
  if (s.front() == '-') return -eval(s.substr(1));
  REQUIRE(s.find_first_not_of("0123456789") == s.npos);
  return std::stoll(s);
}

std::int64_t number(const std::string& s) { return static_cast<std::int64_t>(eval(s)); }

BigDecimal big_int(const std::string& s) {
  static const std::map<std::string, BigDecimal> kValues{
      {"big.NewInt(0).Mul(bigMostPositive, big.NewInt(2))", BigDecimal(INT64_MAX, 0).mul(2)},
      {"big.NewInt(0).Mul(bigMostNegative, big.NewInt(2))", BigDecimal(INT64_MIN, 0).mul(2)},
      {"big.NewInt(0).Add(bigMostPositive, big.NewInt(1))",
       BigDecimal(INT64_MAX, 0).add(BigDecimal(1, 0))},
      {"big.NewInt(0).Sub(bigMostNegative, big.NewInt(1))",
       BigDecimal(INT64_MIN, 0).add(BigDecimal(-1, 0))}};
  const auto it = kValues.find(s);
  if (it != kValues.end()) return it->second;
  REQUIRE(s.starts_with("big.NewInt("));
  return BigDecimal(number(s.substr(11, s.size() - 12)), 0);
}

// "name(argument, ..., argument)" split at the last `count - 1` commas.
std::vector<std::string> arguments(const std::string& call, std::size_t count) {
  std::string inner = call.substr(call.find('(') + 1);
  inner.pop_back();
  std::vector<std::string> out;
  while (out.size() + 1 < count) {
    const std::size_t comma = inner.rfind(", ");
    out.insert(out.begin(), inner.substr(comma + 2));
    inner.resize(comma);
  }
  out.insert(out.begin(), inner);
  return out;
}

Quantity quantity(const json& j) {
  if (j.is_object()) {
    return Quantity::scaled(number(text(j["mantissa"])), std::stoi(text(j["exp10"])),
                            format_of(text(j["format"])));
  }
  const std::string s = text(j);
  if (s == "(Quantity literal)") return {};
  const std::vector<std::string> a = arguments(s, 3);
  if (s.starts_with("intQuantity("))
    return Quantity::scaled(number(a[0]), std::stoi(a[1]), format_of(a[2]));
  REQUIRE(s.starts_with("bigDecQuantity("));
  const BigDecimal m = big_int(a[0]);
  return Quantity::from_decimal(BigDecimal(m.sign() < 0, m.digits(), std::stoi(a[1])),
                                format_of(a[2]));
}

Quantity parsed(const std::string& s) {
  const auto q = Quantity::parse(s);
  INFO(s);
  REQUIRE(q.ok());
  return *q;
}

std::string error(std::string_view s) {
  const auto q = Quantity::parse(s);
  return q.ok() ? "none" : q.error().message;
}

}  // namespace

TEST_CASE("quantity: upstream's parse tables") {
  for (const json& row : tables()["TestQuantityParse"]) {
    const std::string in = text(row["input"]);
    INFO(in);
    // The two rows whose expectation is a Go variable: the largest binary quantity.
    const Quantity expect =
        row["expect"].is_string() ? Quantity(INT64_MAX, F::kBinarySI) : quantity(row["expect"]);
    for (const std::string sign : {"", "-", "+"}) {
      const Quantity got = parsed(sign + in);
      Quantity want = expect;
      if (sign == "-") want.neg();
      CHECK(got.cmp(want) == 0);
      CHECK(got.format() == want.format());
      CHECK(parsed(got.str()).cmp(got) == 0);
      if (want.as_int64() && got.as_int64()) CHECK(*want.as_int64() == *got.as_int64());
    }
  }
  for (const json& row : tables()["TestQuantityParse_strings_line533"]) {
    INFO(text(row));
    CHECK_FALSE(Quantity::parse(text(row)).ok());
  }
  for (const json& row : tables()["TestQuantityParseEmit"]) {
    CHECK(parsed(text(row["in"])).str() == text(row["expect"]));
    const std::string negative = "-" + text(row["in"]);
    CHECK(parsed(negative).str() == "-" + text(row["expect"]));
  }
  // The parts are not visible, but the value made of them is.
  for (const json& row : tables()["TestParseQuantityString"]) {
    const std::string in = text(row["input"]);
    INFO(in);
    const std::string whole = (row["positive"] == "true" ? "" : "-") + text(row["num"]) +
                              (text(row["denom"]).empty() ? "" : "." + text(row["denom"])) +
                              text(row["suffix"]);
    CHECK(parsed(in).cmp(parsed(whole)) == 0);
    CHECK(parsed(in).format() == parsed(whole).format());
  }
  for (const json& row : tables()["TestJSONWhitespace"]) {
    CHECK(Quantity::parse_json(text(row["in"]))->str() == text(row["expect"]));
  }
  // TestQuantityUnmarshalCBOR: the texts inside the CBOR items.
  CHECK(Quantity::parse_json("null")->is_zero());
  CHECK(Quantity::parse_json("1M")->str() == "1M");
  CHECK(Quantity::parse_json(" \t\n\r1M \t\n\r")->str() == "1M");
  CHECK_FALSE(Quantity::parse_json("").ok());
  CHECK_FALSE(Quantity::parse_json("\"\"").ok());
  CHECK_FALSE(Quantity::parse_json("\"null\"").ok());
  CHECK_FALSE(Quantity::parse_json("\"1").ok());
}

TEST_CASE("quantity: upstream's print tables") {
  for (const json& row : tables()["TestQuantityString"]) {
    const Quantity q = quantity(row["in"]);
    CHECK(q.str() == text(row["expect"]));
    CHECK(parsed(q.str()).cmp(q) == 0);
    if (!text(row["alternate"]).empty())
      CHECK(parsed(text(row["alternate"])).str() == text(row["expect"]));
    Quantity negative = q;
    negative.neg();
    CHECK(negative.str() == (q.is_zero() ? "0" : "-" + text(row["expect"])));
  }
  for (const json& row : tables()["TestNewSet"]) {
    CHECK(Quantity(number(text(row["value"])), format_of(text(row["format"]))).str() ==
          text(row["expect"]));
  }
  for (const json& row : tables()["TestNewScaledSet"]) {
    const Quantity q = Quantity::scaled(number(text(row["value"])), scale_of(text(row["scale"])));
    CHECK(q.str() == text(row["expect"]));
  }
  for (const json& row : tables()["TestMilliNewSet"]) {
    const Quantity q = Quantity::milli(number(text(row["value"])), format_of(text(row["format"])));
    CHECK(q.str() == text(row["expect"]));
    CHECK(q.milli_value() == number(text(row["value"])));
    const F printed = q.format() == F::kUnset ? F::kDecimalExponent : q.format();
    if (row["exact"] == "true") CHECK(parsed(q.str()).format() == printed);
  }
  for (const char* name : {"TestDec", "TestBigDec"}) {
    for (const json& row : tables()[name]) {
      const std::vector<std::string> a = arguments(text(row["got"]), 2);
      const BigDecimal m =
          text(row["got"]).starts_with("big") ? big_int(a[0]) : BigDecimal(number(a[0]), 0);
      CHECK(BigDecimal(m.sign() < 0, m.digits(), std::stoi(a[1])).str() == text(row["expect"]));
    }
  }
  for (const json& row : tables()["TestQuantityDeepCopy_strings_line871"]) {
    Quantity q = parsed(text(row));
    const Quantity copy = q;
    q.add(Quantity(1, F::kDecimalSI));
    CHECK(copy.str() == parsed(text(row)).str());
    CHECK(q.cmp(copy) == 1);
  }
}

TEST_CASE("quantity: upstream's comparison tables") {
  for (const json& row : tables()["TestQuantityCmp"]) {
    CHECK(parsed(text(row["x"])).cmp(parsed(text(row["y"]))) == std::stoi(text(row["expect"])));
  }
  for (const json& row : tables()["TestQuantityCmp_line218"]) {
    const auto value = [](const std::string& s) {
      return s == "nil"
                 ? Quantity()
                 : Quantity(number(arguments(s.substr(0, s.size() - 4), 2)[0]), F::kDecimalSI);
    };
    CHECK(value(text(row["x"])).cmp(value(text(row["y"]))) == std::stoi(text(row["expect"])));
  }
  for (const json& row : tables()["TestQuantityCmpInt64AndDec"]) {
    INFO(row.dump());
    const Quantity a = quantity(row["a"]);
    const Quantity b = quantity(row["b"]);
    CHECK(a.cmp(b) == std::stoi(text(row["cmp"])));
    CHECK(b.cmp(a) == -std::stoi(text(row["cmp"])));
    CHECK(a.decimal().cmp(b.decimal()) == std::stoi(text(row["cmp"])));
  }
}

TEST_CASE("quantity: upstream's arithmetic tables") {
  for (const bool sub : {false, true}) {
    for (const json& row : tables()[sub ? "TestSub" : "TestAdd"]) {
      INFO(row.dump());
      Quantity q = quantity(row["a"]);
      if (sub) q.sub(quantity(row["b"]));
      else q.add(quantity(row["b"]));
      CHECK(q.cmp(quantity(row["expected"])) == 0);
      if (!row["a"].is_string() && !row["b"].is_string()) {
        CHECK(q.format() == quantity(row["expected"]).format());
      }
    }
  }
  for (const json& row : tables()["TestNeg"]) {
    Quantity q = quantity(row["a"]);
    q.neg();
    CHECK(q.cmp(quantity(row["expected"])) == 0);
  }
  for (const json& row : tables()["TestQuantityNeg"]) {
    Quantity q = quantity(row["a"]);
    q.neg();
    CHECK(q.str() == text(row["out"]));
  }
  for (const json& row : tables()["TestMul"]) {
    INFO(row.dump());
    Quantity q = quantity(row["a"]);
    CHECK(q.mul(number(text(row["b"]))) == (row["ok"] == "true"));
    CHECK(q.cmp(quantity(row["expected"])) == 0);
  }
  for (const json& row : tables()["TestQuantityRoundUp"]) {
    INFO(row.dump());
    Quantity q = parsed(text(row["in"]));
    CHECK(q.round_up(std::stoi(text(row["scale"]))) == (row["ok"] == "true"));
    CHECK(q.cmp(quantity(row["expect"])) == 0);
  }
  for (const json& row : tables()["TestScaledValue"]) {
    const Quantity q = Quantity::scaled(1, scale_of(text(row["fromScale"])));
    CHECK(q.scaled_value(scale_of(text(row["toScale"]))) == number(text(row["expected"])));
  }
  for (const json& row : tables()["TestQuantityAddZeroPreservesSuffix_strings_line141"]) {
    Quantity left = parsed(text(row));
    left.add(parsed("0"));
    Quantity right = parsed("0");
    right.add(parsed(text(row)));
    CHECK(left.str() == text(row));
    CHECK(right.str() == text(row));
  }
  for (const json& row : tables()["TestQuantitySubZeroPreservesSuffix_strings_line165"]) {
    Quantity left = parsed(text(row));
    left.sub(parsed("0"));
    Quantity right = parsed("0");
    right.sub(parsed(text(row)));
    CHECK(left.str() == text(row));
    CHECK(right.str() == "-" + text(row));
  }
}

TEST_CASE("quantity: upstream's floating point tables") {
  for (const char* name : {"TestQuantityAsApproximateFloat64", "TestQuantityAsFloat64Slow"}) {
    for (const json& row : tables()[name]) {
      // The expectations are products and quotients with one power of ten.
      std::string out = text(row["out"]);
      double want = 0;
      INFO(out);
      if (const auto at = out.find(" / float64("); at != out.npos) {
        want = static_cast<double>(number(out.substr(0, at))) /
               static_cast<double>(number(out.substr(at + 11, out.size() - at - 12)));
      } else if (const auto p = out.find(" * math.Pow10(-1)"); p != out.npos) {
        want = static_cast<double>(number(out.substr(0, p))) * 0.1;
      } else {
        const double infinity = std::numeric_limits<double>::infinity();
        want = out == "0.0"                ? 0.0
               : out == "math.Inf(0)"      ? infinity
               : out == "math.Inf(-1)"     ? -infinity
               : out == "math.MaxInt64"    ? 0x1p63
               : out.find('e') != out.npos ? std::stod(out)
                                           : static_cast<double>(number(out));
      }
      // The two Go literals are the largest quantity.
      const Quantity q =
          row["in"].is_string() ? Quantity(INT64_MAX, F::kDecimalSI) : quantity(row["in"]);
      Quantity negative = q;
      negative.neg();
      const bool slow = std::string(name) == "TestQuantityAsFloat64Slow";
      const double got = slow ? q.nearest_double() : q.approximate_double();
      const double opposite = slow ? negative.nearest_double() : negative.approximate_double();
      // As upstream, the approximation may be off by its second rounding.
      const bool close = !slow && std::abs(got - want) <= 1e-15 * std::abs(want);
      CHECK((got == want || close));
      CHECK(opposite == -got);
    }
  }
  for (const char* name :
       {"TestStringQuantityAsApproximateFloat64", "TestStringQuantityAsFloat64Slow"}) {
    for (const json& row : tables()[name]) {
      CHECK(parsed(text(row["in"])).approximate_double() == std::stod(text(row["out"])));
      CHECK(parsed(text(row["in"])).nearest_double() == std::stod(text(row["out"])));
    }
  }
}

TEST_CASE("quantity: errors, kept texts, limits") {
  const std::string format =
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  CHECK(error("") == format);
  CHECK(error("1 Gi") == format);
  CHECK(error("1Gx") == format);
  CHECK(error("1KiB") == format);
  CHECK(error("1Kii") == "unable to parse quantity's suffix");
  CHECK(error("1e") == "unable to parse quantity's suffix");
  CHECK(error("9223372036854775808") == "unable to parse numeric part of quantity");
  CHECK(error(".e-12") == "unable to parse numeric part of quantity");
  CHECK(error(std::string(5000, '1')) == "unable to parse numeric part of quantity");
  CHECK(error("9223372036854775807") == "none");
  CHECK(error("92233720368547758080") == "none");

  struct Case {
    const char* in;
    const char* out;
  };
  for (const Case c :
       {Case{"1.250", "1.250"}, Case{"+5", "+5"}, Case{"1E3", "1E3"}, Case{"007", "007"},
        Case{"1.5", "1500m"}, Case{"1025Ki", "1025Ki"}, Case{"1024Ki", "1Mi"},
        Case{"0.100", "100m"}, Case{"1.5Gi", "1536Mi"}, Case{"2000m", "2"}, Case{"1e0", "1e0"},
        Case{"+0", "0"}, Case{"1000E", "1e21"}, Case{"1.0000E", "1E"}, Case{"0.5Ki", "512"},
        Case{"1e-12", "1e-9"}, Case{"1e2147483647", "10e2147483646"},
        Case{"16Ei", "9223372036854775807"}}) {
    CHECK(parsed(c.in).str() == c.out);
  }
  Quantity kept = parsed("1.250");
  kept.add(Quantity(0, F::kDecimalSI));
  CHECK(kept.str() == "1250m");

  CHECK(parsed("100E").value() == INT64_MAX);
  CHECK(parsed("-100E").milli_value() == INT64_MIN);
  CHECK(parsed("1500m").value() == 2);
  CHECK(parsed("-1500m").value() == -2);
  CHECK(parsed("1n").milli_value() == 1);
  CHECK(parsed("92233720368547758080").value() == INT64_MAX);
  CHECK(parsed("-1e-30").value() == -1);
  Quantity sum(INT64_MAX, F::kDecimalSI);
  for (int i = 0; i < 3; ++i) sum.add(Quantity(INT64_MAX, F::kDecimalSI));
  CHECK(sum.str() == "36893488147419103228");
  sum.sub(Quantity(INT64_MIN, F::kDecimalSI));
  CHECK(sum.str() == "46116860184273879036");
  sum.sub(parsed("46116860184273879035"));
  CHECK(sum.value() == 1);
  CHECK(parsed("1e2000000000").cmp(parsed("1e-2000000000")) == 1);
  Quantity far = parsed("1e2000000000");
  far.add(parsed("1"));
  CHECK(far.cmp(parsed("1e2000000000")) == 0);
  CHECK(parsed("1000000000000000000000e2147483647").sign() == 1);
}
