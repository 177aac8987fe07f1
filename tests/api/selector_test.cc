// Upstream's selector_tables (tests/data/kubernetes/label_selector_tables.json). Where a table holds only
// the name of a Go literal, the literal stands here, in the table's order.
#include "model/api/selector.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "model/api/selector_lexer.h"

using namespace orrery::api;
using nlohmann::json;
using orrery::base::Str;
using T = SelectorToken;
using Op = SelectorOp;

namespace {

const json& selector_tables() {
  static const json kTables = json::parse(
      std::ifstream(ORRERY_SOURCE_DIR "/tests/data/kubernetes/label_selector_tables.json"));
  return kTables;
}

std::string text_of(const json& j) { return j.get<std::string>(); }

Requirement req(const char* key, Op op, std::vector<Str> values = {}) {
  ErrorList errors;
  auto r = Requirement::make(key, op, std::move(values), FieldPath(), errors);
  REQUIRE(r.has_value());
  return *r;
}

Selector sel(std::vector<Requirement> r) { return Selector::from_requirements(std::move(r)); }

Labels labels(const std::string& s) {
  if (s == "labelset") return {{"foo", "bar"}, {"baz", "blah"}};
  Labels out;
  const json set = json::parse(s);
  for (const auto& [k, v] : set.items()) out.set(k, Str(text_of(v)));
  return out;
}

std::string parse_error(std::string_view s) {
  const auto r = Selector::parse(s);
  return r.ok() ? "none" : r.error().message;
}

std::vector<T> tokens(const std::string& s) {
  std::vector<T> out;
  for (const SelectorLexeme& l : lex_selector(s)) out.push_back(l.token);
  return out;
}

const std::map<std::string, T> kTokenNames{{"EndOfStringToken", T::kEnd},
                                           {"CommaToken", T::kComma},
                                           {"NotInToken", T::kNotIn},
                                           {"InToken", T::kIn},
                                           {"EqualsToken", T::kEquals},
                                           {"DoubleEqualsToken", T::kDoubleEquals},
                                           {"GreaterThanToken", T::kGreaterThan},
                                           {"LessThanToken", T::kLessThan},
                                           {"DoesNotExistToken", T::kNot},
                                           {"NotEqualsToken", T::kNotEquals},
                                           {"OpenParToken", T::kOpenParen},
                                           {"ClosedParToken", T::kCloseParen},
                                           {"IdentifierToken", T::kIdentifier}};

const std::map<std::string, std::vector<T>> kSequences{
    {"", {}},
    {"key in ( value )", {T::kIdentifier, T::kIn, T::kOpenParen, T::kIdentifier, T::kCloseParen}},
    {"key notin ( value )",
     {T::kIdentifier, T::kNotIn, T::kOpenParen, T::kIdentifier, T::kCloseParen}},
    {"key in ( value1, value2 )",
     {T::kIdentifier, T::kIn, T::kOpenParen, T::kIdentifier, T::kComma, T::kIdentifier,
      T::kCloseParen}},
    {"key", {T::kIdentifier}},
    {"!key", {T::kNot, T::kIdentifier}},
    {"()", {T::kOpenParen, T::kCloseParen}},
    {"x in (),y",
     {T::kIdentifier, T::kIn, T::kOpenParen, T::kCloseParen, T::kComma, T::kIdentifier}},
    {"== != (), = notin",
     {T::kDoubleEquals, T::kNotEquals, T::kOpenParen, T::kCloseParen, T::kComma, T::kEquals,
      T::kNotIn}},
    {"key>2", {T::kIdentifier, T::kGreaterThan, T::kIdentifier}},
    {"key<1", {T::kIdentifier, T::kLessThan, T::kIdentifier}}};

std::optional<Op> op_named(const std::string& s) {
  static const std::map<std::string, Op> kNames{{"selection.In", Op::kIn},
                                                {"selection.NotIn", Op::kNotIn},
                                                {"selection.Equals", Op::kEquals},
                                                {"selection.Exists", Op::kExists},
                                                {"selection.DoesNotExist", Op::kDoesNotExist},
                                                {"selection.GreaterThan", Op::kGreaterThan},
                                                {"selection.LessThan", Op::kLessThan}};
  const auto it = kNames.find(s);
  return it == kNames.end() ? std::nullopt : std::optional<Op>(it->second);
}

std::vector<Str> string_set(const std::string& s) {
  if (s == "sets.NewString(strings.Repeat(\"a\", 254))") return {Str(std::string(254, 'a'))};
  std::vector<Str> out;
  for (std::size_t at = s.find('"'); at != s.npos;) {
    const std::size_t end = s.find('"', at + 1);
    out.emplace_back(s.substr(at + 1, end - at - 1));
    at = s.find('"', end + 1);
  }
  return out;
}

}  // namespace

TEST_CASE("selector: upstream's lexer tables") {
  for (const json& row : selector_tables()["TestLexer"]) {
    const auto lexemes = lex_selector(text_of(row["s"]));
    CHECK(lexemes[0].token == kTokenNames.at(text_of(row["t"])));
    CHECK(lexemes[0].literal == text_of(row["s"]));
  }
  for (const char* name : {"TestLexerSequence", "TestParserLookahead"}) {
    for (const json& row : selector_tables()[name]) {
      std::vector<T> want = kSequences.at(text_of(row["s"]));
      want.push_back(T::kEnd);
      CHECK(tokens(text_of(row["s"])) == want);
    }
  }
}

TEST_CASE("selector: upstream's parse tables") {
  for (const json& row : selector_tables()["TestSelectorParse_line37"]) {
    std::string want = text_of(row);
    want.erase(std::remove(want.begin(), want.end(), ' '), want.end());
    CHECK(Selector::parse(text_of(row))->str() == want);
  }
  for (const json& row : selector_tables()["TestSelectorParse_line49"])
    CHECK_FALSE(Selector::parse(text_of(row)).ok());
  CHECK(Selector::parse("x=a,a=x")->str() == Selector::parse("a=x,x=a")->str());

  for (const json& row : selector_tables()["TestParseOperator"]) {
    const std::string token = text_of(row["token"]);
    const bool fails = row["expectedError"] != "nil";
    const bool set = token == "in" || token == "notin";
    const std::string got = parse_error("x " + token + (set ? " (1)" : " 1"));
    if (fails) {
      CHECK(got == "unable to parse requirement: found '" + token +
                       "', expected: in, notin, =, ==, !=, gt, lt");
    } else {
      CHECK(got == "none");
    }
  }

  const std::map<std::string, Selector> outputs{
      {"", {}},
      {"\rx", sel({req("x", Op::kExists)})},
      {"this-is-a-dns.domain.com/key-with-dash",
       sel({req("this-is-a-dns.domain.com/key-with-dash", Op::kExists)})},
      {"this-is-another-dns.domain.com/key-with-dash in (so,what)",
       sel({req("this-is-another-dns.domain.com/key-with-dash", Op::kIn, {"so", "what"})})},
      {"0.1.2.domain/99 notin (10.10.100.1, tick.tack.clock)",
       sel({req("0.1.2.domain/99", Op::kNotIn, {"10.10.100.1", "tick.tack.clock"})})},
      {"foo  in\t (abc)", sel({req("foo", Op::kIn, {"abc"})})},
      {"x notin\n (abc)", sel({req("x", Op::kNotIn, {"abc"})})},
      {"x  notin\t\t\t(abc,def)", sel({req("x", Op::kNotIn, {"abc", "def"})})},
      {"x in (abc,def)", sel({req("x", Op::kIn, {"abc", "def"})})},
      {"x in (abc,)", sel({req("x", Op::kIn, {"", "abc"})})},
      {"x in ()", sel({req("x", Op::kIn, {""})})},
      {"x notin (abc,,def),bar,z in (),w",
       sel({req("bar", Op::kExists), req("w", Op::kExists),
            req("x", Op::kNotIn, {"", "abc", "def"}), req("z", Op::kIn, {""})})},
      {"x,y in (a)", sel({req("y", Op::kIn, {"a"}), req("x", Op::kExists)})},
      {"x=a", sel({req("x", Op::kEquals, {"a"})})},
      {"x>1", sel({req("x", Op::kGreaterThan, {"1"})})},
      {"x<7", sel({req("x", Op::kLessThan, {"7"})})},
      {"x=a,y!=b", sel({req("x", Op::kEquals, {"a"}), req("y", Op::kNotEquals, {"b"})})},
      {"x=a,y!=b,z in (h,i,j)", sel({req("x", Op::kEquals, {"a"}), req("y", Op::kNotEquals, {"b"}),
                                     req("z", Op::kIn, {"h", "i", "j"})})},
      {"x notin ( )", sel({req("x", Op::kNotIn, {""})})},
      {"x notin (, a)", sel({req("x", Op::kNotIn, {"", "a"})})},
      {"a ", sel({req("a", Op::kExists)})},
      {"a in (x,y,notin, z,in)", sel({req("a", Op::kIn, {"in", "notin", "x", "y", "z"})})}};
  for (const json& row : selector_tables()["TestSetSelectorParser"]) {
    const std::string in = text_of(row["In"]);
    INFO(in);
    const auto got = Selector::parse(in);
    REQUIRE(got.ok() == (row["Valid"] == "true"));
    if (got.ok()) CHECK(*got == outputs.at(in));
  }
}

TEST_CASE("selector: upstream's match tables") {
  for (const json& row : selector_tables()["expectMatch"]) {
    INFO(row.dump());
    CHECK(Selector::parse(text_of(row[0]))->matches(labels(text_of(row[1]))));
  }
  for (const json& row : selector_tables()["expectNoMatch"]) {
    INFO(row.dump());
    CHECK_FALSE(Selector::parse(text_of(row[0]))->matches(labels(text_of(row[1]))));
  }
  for (const json& row : selector_tables()["expectMatchDirect"]) {
    CHECK(Selector::from_set(labels(text_of(row[0]))).matches(labels(text_of(row[1]))));
  }
  CHECK(Selector::everything().matches({{"x", "y"}}));
  CHECK(Selector::everything().empty());
  CHECK(Selector::from_set({}).empty());
  CHECK_FALSE(Selector::nothing().matches({{"x", "y"}}));
  CHECK_FALSE(Selector::nothing().empty());

  struct Case {
    Labels set;
    Selector selector;
  };
  const std::vector<Case> cases{
      // Row 0 has a requirement without an operator, which cannot exist here: nothing() stands for
      // it.
      {{{"x", "foo"}, {"y", "baz"}}, Selector::nothing()},
      {{{"x", "foo"}, {"y", "baz"}},
       sel({req("x", Op::kIn, {"foo"}), req("y", Op::kNotIn, {"alpha"})})},
      {{{"x", "foo"}, {"y", "baz"}},
       sel({req("x", Op::kIn, {"foo"}), req("y", Op::kIn, {"alpha"})})},
      {{{"y", ""}}, sel({req("x", Op::kNotIn, {""}), req("y", Op::kExists)})},
      {{{"y", ""}}, sel({req("x", Op::kDoesNotExist), req("y", Op::kExists)})},
      {{{"y", ""}}, sel({req("x", Op::kNotIn, {""}), req("y", Op::kDoesNotExist)})},
      {{{"y", "baz"}}, sel({req("x", Op::kIn, {""})})},
      {{{"z", "2"}}, sel({req("z", Op::kGreaterThan, {"1"})})},
      {{{"z", "v2"}}, sel({req("z", Op::kGreaterThan, {"1"})})}};
  const json& rows = selector_tables()["TestRequirementSelectorMatching"];
  REQUIRE(rows.size() == cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(i);
    CHECK(cases[i].selector.matches(cases[i].set) == (rows[i]["Match"] == "true"));
  }
}

TEST_CASE("selector: upstream's requirement tables") {
  for (const json& row : selector_tables()["TestRequirementConstructor"]) {
    INFO(row.dump());
    const std::string key =
        text_of(row["Key"]) == "strings.Repeat(\"a\", 254)" ? std::string(254, 'a') : text_of(row["Key"]);
    const auto op = op_named(text_of(row["Op"]));
    if (!op) {
      // An unknown operator can only come in as text_of.
      CHECK(parse_error("x18 unsupportedOp y") ==
            "unable to parse requirement: found 'unsupportedOp', expected: in, notin, =, ==, !=, "
            "gt, lt");
      continue;
    }
    ErrorList errors;
    const auto r = Requirement::make(
        key, *op, row.contains("Vals") ? string_set(text_of(row["Vals"])) : std::vector<Str>{},
        FieldPath(), errors);
    CHECK(r.has_value() == !row.contains("WantErr"));
    CHECK(errors.empty() == !row.contains("WantErr"));
  }
  // TestRequirementEqual, in the order of its rows.
  const std::vector<std::pair<Requirement, Requirement>> pairs{
      {req("key", Op::kEquals, {"value"}), req("key", Op::kEquals, {"value"})},
      {req("key1", Op::kEquals, {"value"}), req("key2", Op::kEquals, {"value"})},
      {req("key", Op::kEquals, {"value"}), req("key", Op::kIn, {"value"})},
      {req("key", Op::kIn, {"value1", "value2"}), req("key", Op::kIn, {"value1", "value3"})}};
  const json& equal = selector_tables()["TestRequirementEqual"];
  REQUIRE(equal.size() == pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    CHECK((pairs[i].first == pairs[i].second) == (equal[i]["want"] == "true"));
  }
  // TestToString; its third row, an empty requirement, cannot exist here.
  const std::vector<Selector> printed{
      sel({req("x", Op::kIn, {"abc", "def"}), req("y", Op::kNotIn, {"jkl"}),
           req("z", Op::kExists)}),
      sel({req("x", Op::kNotIn, {"abc", "def"}), req("y", Op::kNotEquals, {"jkl"}),
           req("z", Op::kDoesNotExist)}),
      {},
      sel({req("x", Op::kNotIn, {"abc"}), req("y", Op::kIn, {"mno", "jkl"}),
           req("z", Op::kNotIn, {""})}),
      sel({req("x", Op::kEquals, {"abc"}), req("y", Op::kDoubleEquals, {"jkl"}),
           req("z", Op::kNotEquals, {"a"}), req("z", Op::kExists)}),
      sel({req("x", Op::kGreaterThan, {"2"}), req("y", Op::kLessThan, {"8"}),
           req("z", Op::kExists)})};
  const json& strings = selector_tables()["TestToString"];
  REQUIRE(strings.size() == printed.size());
  for (std::size_t i = 0; i < printed.size(); ++i) {
    if (strings[i]["Valid"] == "true") CHECK(printed[i].str() == text_of(strings[i]["Out"]));
  }
  // TestSafeSort: printing sorts, and leaves the requirement alone.
  const Requirement unsorted = req("k", Op::kIn, {"foo", "bar", "foo", "bar"});
  CHECK(unsorted.str() == "k in (bar,bar,foo,foo)");
  CHECK(unsorted.values()[0] == "foo");
}

TEST_CASE("selector: upstream's add, exact match and set tables") {
  for (const json& row : selector_tables()["TestAdd"]) {
    const bool second = row["key"] == "key2";
    Selector s = second ? sel({req("key", Op::kIn, {"value"})}) : Selector();
    const Op op = *op_named(text_of(row["operator"]));
    s.add(req(text_of(row["key"]).c_str(), op, {second ? "value2" : "value"}));
    CHECK(s.str() == (second ? "key in (value),key2=value2" : "key in (value)"));
  }
  const std::vector<Selector> exact{
      sel({req("key", Op::kIn, {"value"})}),
      sel({req("key", Op::kIn, {"value", "value2"})}),
      sel({req("key", Op::kIn, {"value", "value1"}), req("key2", Op::kIn, {"value2"})}),
      sel({req("key", Op::kEquals, {"value"})}),
      sel({req("key", Op::kDoubleEquals, {"value"})}),
      sel({req("key", Op::kNotEquals, {"value"})}),
      sel({req("key", Op::kIn, {"value"}), req("key2", Op::kIn, {"value2"})})};
  const json& rows = selector_tables()["TestRequiresExactMatch"];
  REQUIRE(rows.size() == exact.size());
  for (std::size_t i = 0; i < exact.size(); ++i) {
    INFO(i);
    const auto value = exact[i].required_value(text_of(rows[i]["label"]));
    CHECK(value.has_value() == (rows[i]["expectedFound"] == "true"));
    if (value) CHECK(*value == text_of(rows[i]["expectedValue"]));
  }
  const std::vector<Labels> sets{{}, {{"app", "foo"}}, {{"app", "foo"}, {"a", "b"}}};
  const json& strings = selector_tables()["TestSetSelectorString"];
  REQUIRE(strings.size() == sets.size());
  for (std::size_t i = 0; i < sets.size(); ++i)
    CHECK(Selector::from_set(sets[i]).str() == text_of(strings[i]["out"]));
  // TestValidatedSelectorFromSet
  CHECK(label_selector({{"key", "val"}}, {})->str() == "key=val");
  const std::string too_long = "axahm2EJ8Phiephe2eixohbee9eGeiyees1thuozi1xoh0GiuH3diewi8iem7Nui";
  const auto failed = label_selector({{"Key", Str(too_long)}}, {});
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().message ==
        "values[0][Key]: Invalid value: \"" + too_long + "\": must be no more than 63 characters");
}

TEST_CASE("selector: error texts") {
  CHECK(parse_error("x=a||y=b")
            .starts_with("unable to parse requirement: values[0][x]: Invalid value: \"a||y\": a "
                         "valid label must be an empty string or"));
  CHECK(parse_error("x,,y") == "found ',', expected: identifier after ','");
  CHECK(parse_error(",x") == "found ',', expected: !, identifier, or 'end of string'");
  CHECK(parse_error("!x=a") == "found '=', expected: ',' or 'end of string'");
  CHECK(parse_error("a in (xyz abc)") ==
        "unable to parse requirement: found 'abc', expected: ',' or ')'");
  CHECK(parse_error("a notin(") ==
        "unable to parse requirement: found '', expected: ',', ')' or identifier");
  CHECK(parse_error("a in b") == "unable to parse requirement: found 'b' expected: '('");
  CHECK(parse_error("a=(") == "unable to parse requirement: found '(', expected: identifier");
  CHECK(parse_error("x<a") ==
        "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, "
        "the value must be an "
        "integer");
  CHECK(parse_error("a/b/c") ==
        "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a qualified name must "
        "consist of alphanumeric "
        "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
        "'MyName',  or "
        "'my.name',  or '123-abc', regex used for validation is "
        "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an "
        "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
}

TEST_CASE("selector: label selector and node selector of objects") {
  const std::vector<Str> xy{"x", "y"};
  const std::vector<SelectorExpression> all{
      {"t", "In", xy}, {"e", "Exists", {}}, {"d", "DoesNotExist", {}}, {"n", "NotIn", xy}};
  const auto s = label_selector({{"app", "web"}}, all);
  REQUIRE(s.ok());
  CHECK(s->str() == "app=web,!d,e,n notin (x,y),t in (x,y)");
  CHECK(s->matches({{"app", "web"}, {"t", "y"}, {"e", ""}}));
  CHECK_FALSE(s->matches({{"app", "web"}, {"t", "y"}, {"e", ""}, {"n", "x"}}));
  CHECK(label_selector({}, {})->empty());
  const std::vector<SelectorExpression> gt{{"k", "Gt", xy}};
  CHECK(label_selector({}, gt).error().message == "\"Gt\" is not a valid label selector operator");
  const std::vector<SelectorExpression> no_values{{"k", "In", {}}};
  CHECK(
      label_selector({}, no_values).error().message ==
      "values: Invalid value: []string{}: for 'in', 'notin' operators, values set can't be empty");

  const FieldPath terms("nodeSelectorTerms");
  ErrorList errors;
  const std::vector<Str> five{"5"};
  const std::vector<SelectorExpression> above{{"cpus", "Gt", five}, {"zone", "In", xy}};
  const Selector node = node_label_selector(above, terms, errors);
  CHECK(errors.empty());
  CHECK(node.matches({{"cpus", "6"}, {"zone", "x"}}));
  CHECK_FALSE(node.matches({{"cpus", "5"}, {"zone", "x"}}));
  CHECK_FALSE(node.matches({{"zone", "x"}}));
  CHECK(node_label_selector({}, terms, errors).is_nothing());
  const std::vector<SelectorExpression> bad{{"cpus", "Above", five}, {"n", "Lt", xy}};
  CHECK(node_label_selector(bad, terms, errors).is_nothing());
  REQUIRE(errors.size() == 4);
  CHECK(errors[0].str() ==
        "nodeSelectorTerms[0].operator: Unsupported value: \"Above\": supported values: \"In\", "
        "\"NotIn\", \"Exists\", "
        "\"DoesNotExist\", \"Gt\", \"Lt\"");
  CHECK(errors[1].str() ==
        "nodeSelectorTerms[1].values: Invalid value: []string{\"x\", \"y\"}: for 'Gt', 'Lt' "
        "operators, exactly one value "
        "is required");

  const std::vector<Str> one{"node-1"};
  const std::vector<SelectorExpression> by_name{{"metadata.name", "In", one}};
  ErrorList none;
  const FieldSelector name = node_field_selector(by_name, terms, none);
  CHECK(none.empty());
  CHECK(name.matches([](std::string_view f) { return f == "metadata.name" ? "node-1" : ""; }));
  CHECK_FALSE(name.matches([](std::string_view) { return "node-2"; }));
  const std::vector<SelectorExpression> by_two{{"metadata.name", "In", xy},
                                               {"metadata.name", "Exists", {}}};
  node_field_selector(by_two, terms, none);
  CHECK(
      none.str() ==
      "[nodeSelectorTerms[0].values: Invalid value: []string{\"x\", \"y\"}: must have one element, "
      "nodeSelectorTerms[1].operator: Unsupported value: \"Exists\": supported values: \"In\", "
      "\"NotIn\"]");
}

TEST_CASE("field selector") {
  struct Case {
    const char* in;
    const char* out;
  };
  for (const Case& c :
       {Case{"", ""}, Case{"metadata.name=x", "metadata.name=x"}, Case{"b==2,a!=1", "a!=1,b=2"},
        Case{"a=", "a="}, Case{",a=1,", "a=1"}, Case{"a=x\\,y\\=z\\\\", "a=x\\,y\\=z\\\\"},
        Case{"spec.nodeName!=n,status.phase=Running", "spec.nodeName!=n,status.phase=Running"}}) {
    const auto s = FieldSelector::parse(c.in);
    REQUIRE(s.ok());
    CHECK(s->str() == c.out);
    CHECK(FieldSelector::parse(s->str())->terms() == s->terms());
  }
  const auto s = FieldSelector::parse("spec.nodeName=n1,status.phase!=Failed");
  CHECK(*s->required_value("spec.nodeName") == "n1");
  CHECK_FALSE(s->required_value("status.phase").has_value());
  const auto get = [](const char* phase) {
    return [phase](std::string_view f) { return f == "spec.nodeName" ? "n1" : phase; };
  };
  CHECK(s->matches(get("Running")));
  CHECK_FALSE(s->matches(get("Failed")));
  CHECK(FieldSelector::parse("a=x\\,y")->terms()[0].value == "x,y");
  const auto error = [](const char* in) { return FieldSelector::parse(in).error().message; };
  CHECK(error("a") == "invalid selector: 'a'; can't understand 'a'");
  CHECK(error("a=b\\c") == "invalid field selector: invalid escape sequence: \\c");
  CHECK(error("a=b\\") == "invalid field selector: invalid escape sequence: \\");
  CHECK(error("a=b=c") == "invalid field selector: unescaped character in value: 61");
}
