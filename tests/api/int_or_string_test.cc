#include "model/api/int_or_string.h"

#include <doctest/doctest.h>

#include "model/api/path.h"

using namespace orrery::api;

TEST_CASE("int_or_string: parse and print") {
  CHECK(IntOrString::parse("80").is_int());
  CHECK(IntOrString::parse("-3").number() == -3);
  CHECK(IntOrString::parse("80%").is_string());
  CHECK(IntOrString::parse("http").str() == "http");
  CHECK(IntOrString(7).str() == "7");
  CHECK(IntOrString("12").int_value() == 12);
  CHECK(IntOrString("x").int_value() == 0);
  CHECK(IntOrString(5) == IntOrString::parse("5"));
  CHECK_FALSE(IntOrString(5) == IntOrString("5"));
}

TEST_CASE("int_or_string: scaled value") {
  struct Case {
    IntOrString in;
    std::int64_t total;
    bool up;
    std::int64_t out;
  };
  for (const Case& c :
       {Case{123, 100, true, 123}, Case{"90%", 100, true, 90}, Case{"90%", 95, true, 86},
        Case{"90%", 95, false, 85}, Case{"25%", 10, true, 3}, Case{"25%", 10, false, 2},
        Case{"0%", 7, true, 0}, Case{"200%", 3, false, 6}, Case{"-50%", 3, false, -2},
        Case{"-50%", 3, true, -1}, Case{"+10%", 10, true, 1}}) {
    CHECK(c.in.scaled_value(c.total, c.up).value() == c.out);
  }
  const auto error = [](const char* s) {
    return IntOrString(s).scaled_value(100, true).error().message;
  };
  CHECK(error("90") == "invalid value for IntOrString: invalid type: string is not a percentage");
  CHECK(error("%") ==
        "invalid value for IntOrString: invalid value \"%\": strconv.Atoi: parsing \"\": invalid "
        "syntax");
  CHECK(error("a%") ==
        "invalid value for IntOrString: invalid value \"a%\": strconv.Atoi: parsing \"a\": invalid "
        "syntax");
  CHECK(error("9223372036854775808%") ==
        "invalid value for IntOrString: invalid value \"9223372036854775808%\": strconv.Atoi: "
        "parsing "
        "\"9223372036854775808\": value out of range");
  CHECK(parse_decimal("-9223372036854775808").value() == INT64_MIN);
}
