#include <doctest/doctest.h>

#include "model/api/lease.h"
#include "model/codec/json_read.h"
#include "model/codec/json_text.h"
#include "model/codec/json_value.h"
#include "model/codec/json_write.h"

namespace orrery::codec {

struct Inner {
  api::Str name;
  std::int32_t count = 0;
};

struct Outer {
  Inner inlined;
  api::List<Inner> items;
  api::Map<api::Str> labels;
  std::optional<std::int64_t> big;
  double ratio = 0;
  api::Quantity amount;
  api::IntOrString port;
  api::Time when, since;
  api::Bytes data;
  api::RawJson raw;
};

}  // namespace orrery::codec

namespace orrery::api {
using codec::Inner;
using codec::Outer;
ORRERY_DECLARE_STRUCT(Inner)
ORRERY_DECLARE_STRUCT(Outer)
ORRERY_STRUCT(Inner, FIELD(name, "name", 1), FIELD(count, "count", 2).omit())
ORRERY_STRUCT(Outer, FIELD(inlined, "", 1).inlined(), FIELD(items, "items", 2),
              FIELD(labels, "labels", 3).omit(), FIELD(big, "big", 4).omit(), FIELD(ratio, "ratio", 5).omit(),
              FIELD(amount, "amount", 6), FIELD(port, "port", 7), FIELD(when, "when", 8),
              FIELD(since, "since", 9).omit(), FIELD(data, "data", 10).omit(), FIELD(raw, "raw", 11))
}  // namespace orrery::api

namespace orrery::codec {
namespace {

std::string error_of(std::string_view text, ReadReport* report = nullptr,
                     api::FieldValidation v = api::FieldValidation::kIgnore) {
  Outer value;
  ReadOptions options;
  options.validation = v;
  const base::Status s = read_json(api::describe<Outer>(), &value, text, options, report);
  return s ? "" : s.error().message;
}

TEST_CASE("zero values print as Go prints them") {
  CHECK(to_json(Outer{}) == R"({"name":"","items":null,"amount":"0","port":0,"when":null,"raw":null})");
  CHECK(
      to_json(*api::make_object(api::Lease{})) ==
      R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"creationTimestamp":null},"spec":{}})");
}

TEST_CASE("set values print in the order of the struct") {
  Outer v;
  v.inlined = {"n<>&\"\\\n\x01\u2028", 3};
  v.items = {Inner{"a", 0}};
  v.labels.set("b", "2");
  v.labels.set("a", "1");
  v.big = 0;
  v.ratio = 1e21;
  v.amount = api::Quantity::must_parse("1500m");
  v.port = "http";
  v.when = api::Time(1735689600);
  v.since = api::Time(0);
  v.data.data = "hi!?";
  v.raw.text = "{\"x\":1}";
  const std::string text =
      "{\"name\":\"n\\u003c\\u003e\\u0026\\\"\\\\\\n\\u0001\\u2028\",\"count\":3,\"items\":[{\"name\":\"a\"}]"
      ","
      "\"labels\":{\"a\":\"1\",\"b\":\"2\"},\"big\":0,\"ratio\":1e+21,\"amount\":\"1500m\",\"port\":\"http\","
      "\"when\":\"2025-01-01T00:00:00Z\",\"since\":\"1970-01-01T00:00:00Z\",\"data\":\"aGkhPw==\",\"raw\":{"
      "\"x\":1}}";
  CHECK(to_json(v) == text);
  const auto back = from_json<Outer>(text);
  REQUIRE(back.ok());
  CHECK(to_json(*back) == text);
}

TEST_CASE("invalid UTF-8 prints as replacement characters") {
  const std::pair<const char*, const char*> table[] = {
      {"\xff", "\"\\ufffd\""},
      {"a\xc3", "\"a\\ufffd\""},
      {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
      {"\xc0\x80z", "\"\\ufffd\\ufffdz\""},
      {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""}};
  for (const auto& [bytes, text] : table) {
    std::string out;
    append_json_string(bytes, out);
    CHECK(out == text);
  }
}

TEST_CASE("doubles print with the digits and the form of Go") {
  const std::pair<double, const char*> table[] = {{0, "0"},
                                                  {1, "1"},
                                                  {-1.5, "-1.5"},
                                                  {0.1, "0.1"},
                                                  {1e20, "100000000000000000000"},
                                                  {1e21, "1e+21"},
                                                  {123456789012345678901.0, "123456789012345680000"},
                                                  {0.000001, "0.000001"},
                                                  {9.9e-7, "9.9e-7"},
                                                  {1e-10, "1e-10"},
                                                  {1.7976931348623157e308, "1.7976931348623157e+308"},
                                                  {5e-324, "5e-324"},
                                                  {100, "100"},
                                                  {0.5, "0.5"}};
  for (const auto& [value, text] : table) {
    std::string out;
    append_json_double(value, out);
    CHECK(out == text);
  }
}

TEST_CASE("base64 follows the standard encoding") {
  for (const std::string_view s : {"", "f", "fo", "foo", "foob", "\xff\xfe"}) {
    std::string text;
    append_base64(s, text);
    CHECK(*parse_base64(text) == s);
  }
  for (const std::string_view s : {"a", "ab", "abc", "ab=", "a===", "ab==c", "****", "Zm9v="})
    CHECK(!parse_base64(s));
  CHECK(*parse_base64("Zm\n9v") == "foo");
}

TEST_CASE("errors have upstream's words and a place") {
  const std::pair<const char*, const char*> table[] = {
      {"", "unexpected end of JSON input"},
      {"{", "unexpected end of JSON input"},
      {"{\"name\":\"a\"", "unexpected end of JSON input"},
      {"\xef\xbb\xbf{}", "invalid character 'ï' looking for beginning of value"},
      {"{} x", "invalid character 'x' after top-level value"},
      {"{a:1}", "invalid character 'a' looking for beginning of object key string"},
      {"{\"a\" 1}", "invalid character '1' after object key"},
      {"{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"},
      {"{\"items\":[1 2]}", "invalid character '2' after array element"},
      {"{\"items\":[1,]}", "invalid character ']' looking for beginning of value"},
      {"{\"ratio\":NaN}", "invalid character 'N' looking for beginning of value"},
      {"{\"ratio\":01}", "invalid character '1' after object key:value pair"},
      {"{\"ratio\":-x}", "invalid character 'x' in numeric literal"},
      {"{\"ratio\":1.x}", "invalid character 'x' after decimal point in numeric literal"},
      {"{\"ratio\":1e}", "invalid character '}' in exponent of numeric literal"},
      {"{\"big\":trux}", "invalid character 'x' in literal true (expecting 'e')"},
      {"{\"name\":\"a\nb\"}", "invalid character '\\n' in string literal"},
      {"{\"name\":\"\\x\"}", "invalid character 'x' in string escape code"},
      {"{\"name\":\"\\u12g4\"}", "invalid character 'g' in \\u hexadecimal character escape"},
      {"{\"name\":\"\\ud800\"}", "lone surrogate in string literal"},
      {"{\"name\":\"\\udc00\"}", "lone surrogate in string literal"},
      {"{\"name\":\"\xff\"}", "invalid UTF-8 in string literal"},
      {"[]", "json: cannot unmarshal array into Go value of type v1.Outer"},
      {"{\"name\":1}", "json: cannot unmarshal number into Go struct field Outer.name of type string"},
      {"{\"items\":[{\"name\":{}}]}",
       "json: cannot unmarshal object into Go struct field Inner.items.name of type string"},
      {"{\"items\":{}}", "json: cannot unmarshal object into Go struct field Outer.items of type []v1.Inner"},
      {"{\"count\":\"3\"}", "json: cannot unmarshal string into Go struct field Outer.count of type int32"},
      {"{\"count\":2147483648}",
       "json: cannot unmarshal number 2147483648 into Go struct field Outer.count of type int32"},
      {"{\"count\":1.5}", "json: cannot unmarshal number 1.5 into Go struct field Outer.count of type int32"},
      {"{\"big\":9223372036854775808}",
       "json: cannot unmarshal number 9223372036854775808 into Go struct field Outer.big of type int64"},
      {"{\"ratio\":1e999}",
       "json: cannot unmarshal number 1e999 into Go struct field Outer.ratio of type float64"},
      {"{\"labels\":{\"a\":1}}",
       "json: cannot unmarshal number into Go struct field Outer.labels of type string"},
      {"{\"labels\":[]}",
       "json: cannot unmarshal array into Go struct field Outer.labels of type map[string]string"},
      {"{\"when\":5}", "json: cannot unmarshal number into Go struct field Outer.when of type string"},
      {"{\"data\":\"a\"}", "illegal base64 data at input byte 1"},
      // Grammar outranks types, a type with a reader of its own outranks other types.
      {"{\"name\":1,", "unexpected end of JSON input"},
      {"{\"name\":1,\"data\":\"*\"}", "illegal base64 data at input byte 0"},
  };
  for (const auto& [text, message] : table) {
    const std::string shown(text);
    CAPTURE(shown);
    CHECK(error_of(text) == message);
  }
  ReadReport report;
  CHECK(!error_of("{\"name\":\"a\",\n\"count\":\"x\"}", &report).empty());
  CHECK(report.error_offset == 24);
}

TEST_CASE("unknown and duplicate fields are collected with their paths") {
  const std::string text =
      R"({"foo":1,"name":"a","name":"b","items":[{"bar":{}},{"count":1,"count":2}],"labels":{"k":"1","k":"2"},"Name":1})";
  const std::vector<std::string> expected = {
      "unknown field \"foo\"",          "duplicate field \"name\"",
      "unknown field \"items[0].bar\"", "duplicate field \"items[1].count\"",
      "duplicate field \"labels.k\"",   "unknown field \"Name\""};
  ReadReport report;
  CHECK(error_of(text, &report) == "");
  CHECK(report.problems.empty());
  CHECK(error_of(text, &report, api::FieldValidation::kWarn) == "");
  CHECK(report.problems == expected);
  CHECK(error_of(text, &report, api::FieldValidation::kStrict) ==
        "strict decoding error: unknown field \"foo\", duplicate field \"name\", unknown field "
        "\"items[0].bar\", "
        "duplicate field \"items[1].count\", duplicate field \"labels.k\", unknown field \"Name\"");
  const auto value = from_json<Outer>(text);
  CHECK(value->inlined.name == "b");
  CHECK(value->labels.get("k") == "2");
  std::string many = "{";
  for (int i = 0; i < 300; ++i) many += base::cat("\"u", std::to_string(i), "\":0,");
  many += "\"name\":\"\"}";
  error_of(many, &report, api::FieldValidation::kWarn);
  CHECK(report.problems.size() == 100);
}

TEST_CASE("null leaves scalars and clears the rest") {
  Outer v;
  v.inlined.name = "kept";
  v.items = {Inner{}};
  v.labels.set("a", "b");
  v.big = 4;
  v.when = api::Time(5);
  REQUIRE(
      read_json(api::describe<Outer>(), &v,
                R"({"name":null,"items":null,"labels":null,"big":null,"when":null,"raw":null,"port":null})"));
  CHECK(v.inlined.name == "kept");
  CHECK(v.items.is_nil());
  CHECK(v.labels.is_nil());
  CHECK(!v.big);
  CHECK(v.when.is_zero());
}

TEST_CASE("raw JSON is kept in canonical form") {
  const auto v = from_json<Outer>("{\"raw\": { \"b\" : [ 1.50 , \"<\\u0041\" ] , \"a\":null } }");
  REQUIRE(v.ok());
  CHECK(v->raw.text == "{\"b\":[1.50,\"\\u003cA\"],\"a\":null}");
}

TEST_CASE("depth and size are bounded") {
  const auto nested = [](int n) { return "{\"x\":" + std::string(n, '[') + std::string(n, ']') + "}"; };
  CHECK(error_of(nested(9'999)) == "");
  CHECK(error_of(nested(10'000)) == "exceeded max depth");
  CHECK(parse_json(std::string(1000, '[') + std::string(1000, ']')).ok());
  CHECK(!parse_json(std::string(1001, '[') + std::string(1001, ']')));
  Outer v;
  ReadOptions small;
  small.max_size = 3;
  CHECK(read_json(api::describe<Outer>(), &v, "{  }", small).error().code == base::ErrorCode::kLimit);
}

TEST_CASE("large maps come out sorted whatever their order, and duplicates are seen") {
  std::string text = "{\"labels\":{";
  for (int i = 4999; i >= 0; --i)
    text += base::cat("\"k", std::to_string(10000 + i), "\":\"", std::to_string(i), "\",");
  text += "\"k10007\":\"last\"}}";
  Outer v;
  ReadOptions options;
  options.validation = api::FieldValidation::kWarn;
  ReadReport report;
  REQUIRE(read_json(api::describe<Outer>(), &v, text, options, &report));
  CHECK(report.problems == std::vector<std::string>{"duplicate field \"labels.k10007\""});
  CHECK(v.labels.size() == 5000);
  CHECK(v.labels.get("k10007") == "last");
  CHECK(v.labels.get("k14999") == "4999");
  CHECK(v.labels.begin()->first == "k10000");
}

TEST_CASE("objects are found by their type") {
  CHECK(read_object("{}").error().message == "Object 'Kind' is missing in '{}'");
  CHECK(read_object(R"({"kind":"Lease"})").error().message ==
        R"(Object 'apiVersion' is missing in '{"kind":"Lease"}')");
  CHECK(read_object(R"({"kind":"Foo","apiVersion":"v1"})").error().message ==
        R"(no kind "Foo" is registered for version "v1")");
  CHECK(read_object("[1]").error().message.starts_with(
      "couldn't get version/kind; json parse error: json: cannot unmarshal array"));
  const auto lease =
      read_object(R"({"spec":{"holderIdentity":"me"},"kind":"Lease","apiVersion":"coordination.k8s.io/v1"})");
  REQUIRE(lease.ok());
  CHECK((*lease)->as<api::Lease>().spec.holder_identity == api::Str("me"));
}

TEST_CASE("JSON values keep integers, order of keys and compare by value") {
  const auto v = parse_json(
      R"({"z":9223372036854775807,"a":[1.0,-0,true,null,"\ud83d\ude00"],"z2":18446744073709551615,"e":{}})");
  REQUIRE(v.ok());
  CHECK(v->dump() == R"({"z":9223372036854775807,"a":[1,0,true,null,"😀"],"z2":18446744073709552000,"e":{}})");
  CHECK(v->dump(true) ==
        R"({"a":[1,0,true,null,"😀"],"e":{},"z":9223372036854775807,"z2":18446744073709552000})");
  CHECK(*parse_json(R"({"a":1,"b":[2]})") == *parse_json(R"({"b":[2.0],"a":1})"));
  CHECK_FALSE(*parse_json(R"({"a":1})") == *parse_json(R"({"a":"1"})"));
  CHECK_FALSE(*parse_json(R"({"a":1})") == *parse_json(R"({"b":1})"));
  CHECK(!parse_json("1e999"));
  JsonValue copy = *v;
  copy.set("z", 1);
  CHECK((*v)["z"].int_or(0) == INT64_MAX);
  CHECK(copy["z"].int_or(0) == 1);
  JsonValue large = JsonValue::object();
  for (int i = 0; i < 1000; ++i) large.set(std::to_string(i), i);
  CHECK(large["777"].int_or(-1) == 777);
  CHECK(large.edit_members().erase("500"));
  CHECK_FALSE(large.edit_members().erase("500"));
  CHECK(large["999"].int_or(-1) == 999);
  CHECK(large.members().size() == 999);
}

}  // namespace
}  // namespace orrery::codec
