#include "model/api/names.h"

#include <doctest/doctest.h>

#include "model/api/path.h"
#include "model/base/random.h"

using namespace orrery::api;

namespace {

using Validator = Messages (*)(std::string_view);

void check(Validator v, std::initializer_list<std::string> good,
           std::initializer_list<std::string> bad) {
  for (const std::string& s : good) {
    INFO(s);
    CHECK(v(s).empty());
  }
  for (const std::string& s : bad) {
    INFO(s);
    CHECK_FALSE(v(s).empty());
  }
}

const std::string k63(63, 'a');
const std::string k64(64, 'a');

}  // namespace

TEST_CASE("names: what is valid") {
  check(validate_dns1123_label, {"a", "ab", "a1", "a-1", "a--1--2--b", "0", "0-1", k63},
        {"", "A", "a.b", "a_b", "-", "a-", "-a", "a b", k64, "\xc3\xa9"});
  check(validate_dns1123_subdomain, {"a", "a.b", "0.0", "a-b.c-d", k64, "a." + k63},
        {"", ".", "a.", ".a", "a..b", "A.b", "a-.b", "a.-b", "a_b", std::string(254, 'a')});
  check(validate_dns1123_subdomain_with_underscore, {"a", "_a", "a_b._c"},
        {"", "_", "a_", "__a", "A", "a._"});
  check(validate_wildcard_dns1123_subdomain, {"*.a", "*.foo.bar.com"},
        {"*", "*.", "*a.b", "*.*.bar", "f*.b", "a.b"});
  check(validate_dns1035_label, {"a", "ab", "a-1", k63},
        {"", "0", "1a", "A", "a-", "-a", "a.b", k64});
  check(validate_qualified_name,
        {"simple", "now-with-dashes", "1-starts-with-num", "1234", "simple/simple",
         "now-with-dashes/simple", "0.1.2.domain/99", "UppercaseIsOK123",
         "example.com/Uppercase_Is.OK-123", k63, std::string(253, 'a') + "/" + k63},
        {"", "nospecialchars%^=@", "cantendwithadash-", "-cantstart", "only/one/slash",
         "Example.com/abc", "/simple", "simple/", k64, std::string(254, 'a') + "/abc",
         "\xe2\x98\x83"});
  check(validate_label_value, {"", "simple", "now.with_dots-9", "1", "End9", k63},
        {"-a", "a-", "a b", "a/b", k64});
  check(validate_c_identifier, {"a", "_", "_a1", "A_B"}, {"", "1a", "a-b", "a.b", "a b"});
  check(validate_env_var_name, {"a", "_", ".a", "-", "a.b-c_1"},
        {"", "1a", "a b", ".", "..", "..a", "a=b"});
  check(validate_relaxed_env_var_name, {"a", "1", "a b", "-", "..", "~"},
        {"", "=", "a\tb", "\xc3\xa9"});
  check(validate_config_map_key, {"a", ".a", "a.b", "_", "-", "a..b", std::string(253, 'a')},
        {"", ".", "..", "..a", "a/b", "a b", std::string(254, 'a')});
  check(validate_path_segment_name, {"a", "a:b", "...", "A b"}, {".", "..", "a/b", "a%b"});
  check(validate_port_name,
        {"telnet", "re-mail-ck", "pop3", "a", "a-1", "1-a", "a-1-b-2-c", "1-a-2-b-3"},
        {"longerthan15characters", "", std::string(16, 'a'), "12345", "1-2-3-4", "-begin", "end-",
         "a--b", "a.b", "A"});
  check(validate_percent, {"0%", "93%", "100%"}, {"", "%", "1", "a%", "1.5%", "-1%"});
  check(validate_http_header_name, {"X-A", "a1"}, {"", "a b", "a:b", "a_b"});
}

TEST_CASE("names: what is said") {
  CHECK(validate_dns1123_label("a.b") == Messages{"must not contain dots"});
  CHECK(validate_dns1123_label(k64) == Messages{"must be no more than 63 characters"});
  CHECK(
      validate_dns1123_label("A_")[0] ==
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
      "must start and end "
      "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
      "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
  CHECK(validate_dns1123_subdomain("A")[0] ==
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
        "'.', and must start "
        "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
  CHECK(validate_label_value("a b")[0] ==
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
        "'.', and must start "
        "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
        "regex used for "
        "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
  CHECK(validate_qualified_name("/x") == Messages{"prefix part must be non-empty"});
  CHECK(validate_qualified_name("x/")[0] == "name part must be non-empty");
  CHECK(validate_port_name("--") == Messages{"must contain at least one letter (a-z)",
                                             "must not contain consecutive hyphens",
                                             "must not begin or end with a hyphen"});
  CHECK(validate_port_number(0) == Messages{"must be between 1 and 65535, inclusive"});
  CHECK(validate_port_number(65535).empty());
  CHECK(validate_config_map_key("..") == Messages{"must not be '..'"});
  CHECK(validate_path_segment_name("a/%") ==
        Messages{"may not contain '/'", "may not contain '%'"});
  CHECK(validate_path_segment_name(".") == Messages{"may not be '.'"});
  CHECK(validate_in_range(101, 0, 100) == Messages{"must be between 0 and 100, inclusive"});
  CHECK(validate_user_id(-1) == Messages{"must be between 0 and 2147483647, inclusive"});
}

TEST_CASE("names: generated names") {
  orrery::base::RandomStream random(7);
  const std::string a = generate_name(random, "web-");
  const std::string b = generate_name(random, "web-");
  CHECK(a.size() == 9);
  CHECK(a.starts_with("web-"));
  CHECK(a != b);
  CHECK(a.find_first_not_of(kNameAlphabet, 4) == std::string::npos);
  CHECK(random.draws() >= 10);
  const std::string long_name = generate_name(random, std::string(100, 'p'));
  CHECK(long_name.size() == 63);
  CHECK(long_name.substr(0, 58) == std::string(58, 'p'));
  orrery::base::RandomStream again(7);
  CHECK(generate_name(again, "web-") == a);
  // Hashes as ReplicaSet names carry them: decimal digits become letters of the alphabet.
  CHECK(safe_encode_string("0123456789") == "456789bcdf");
  CHECK(safe_encode_string("12345678").size() == 8);
}

TEST_CASE("field paths and errors") {
  const FieldPath spec("spec");
  const FieldPath container = spec.child_at("containers", 0);
  const FieldPath port = container.child_at("ports", 1);
  CHECK(port.child("name").str() == "spec.containers[0].ports[1].name");
  const FieldPath meta("metadata");
  CHECK(meta.child_key("labels", "app").str() == "metadata.labels[app]");
  CHECK(meta.child("annotations", "x").str() == "metadata.annotations.x");
  const FieldPath nil;
  CHECK(nil.str() == "<nil>");
  CHECK(nil.child("key").str() == "key");
  CHECK(nil.index(3).str() == "[3]");

  ErrorList e;
  e.invalid(port.child("name"), "y\"\n", "detail");
  e.required(spec, "");
  e.required(spec, "must be set");
  e.duplicate(spec, "a");
  e.not_supported(spec, "x", {"a", "b"});
  e.forbidden(spec, "no");
  e.too_long(spec, 63);
  e.too_long(spec, -1);
  e.not_found(spec, 5);
  e.too_many(spec, 9, 8);
  e.too_many(spec, -1, 1);
  e.internal(spec, "boom");
  e.type_invalid(spec, true, "must be string");
  e.invalid(spec, BadValue::null(), "");
  const std::vector<std::string> want{
      "spec.containers[0].ports[1].name: Invalid value: \"y\\\"\\n\": detail",
      "spec: Required value",
      "spec: Required value: must be set",
      "spec: Duplicate value: \"a\"",
      "spec: Unsupported value: \"x\": supported values: \"a\", \"b\"",
      "spec: Forbidden: no",
      "spec: Too long: may not be more than 63 bytes",
      "spec: Too long: value is too long",
      "spec: Not found: 5",
      "spec: Too many: 9: must have at most 8 items",
      "spec: Too many: must have at most 1 item",
      "spec: Internal error: boom",
      "spec: Invalid value: true: must be string",
      "spec: Invalid value: null"};
  REQUIRE(e.size() == want.size());
  for (std::size_t i = 0; i < want.size(); ++i) CHECK(e[i].str() == want[i]);
  CHECK(field_error_reason(e[0].type) == "FieldValueInvalid");

  ErrorList two;
  CHECK(two.str().empty());
  two.forbidden(spec, "a");
  CHECK(two.str() == "spec: Forbidden: a");
  two.forbidden(spec, "a");
  two.forbidden(spec, "b");
  CHECK(two.str() == "[spec: Forbidden: a, spec: Forbidden: b]");
  CHECK(go_quote("\x01\xff\xc3\xa9\xc2\x85") == "\"\\x01\\xff\xc3\xa9\\u0085\"");
}
