#include <doctest/doctest.h>

#include "model/codec/json_value.h"
#include "model/codec/yaml_read.h"
#include "model/codec/yaml_write.h"

namespace orrery::codec {
namespace {

std::string one(std::string_view text) {
  const auto docs = read_yaml(text);
  if (!docs) return docs.error().message;
  REQUIRE(docs->size() == 1);
  return (*docs)[0].json;
}

TEST_CASE("plain scalars follow YAML 1.1") {
  const std::pair<const char*, const char*> table[] = {{"yes", "true"},
                                                       {"Off", "false"},
                                                       {"y", "true"},
                                                       {"~", "null"},
                                                       {"null", "null"},
                                                       {"12", "12"},
                                                       {"-3", "-3"},
                                                       {"+3", "3"},
                                                       {"0755", "493"},
                                                       {"0o14", "12"},
                                                       {"0x1F", "31"},
                                                       {"0b101", "5"},
                                                       {"1_000", "1000"},
                                                       {"08", "8"},
                                                       {"1.50", "1.5"},
                                                       {"1e3", "1000"},
                                                       {".5", "0.5"},
                                                       {"1.", "1"},
                                                       {"9223372036854775807", "9223372036854775807"},
                                                       {"'12'", "\"12\""},
                                                       {"\"yes\"", "\"yes\""},
                                                       {"2025-01-01", "\"2025-01-01\""},
                                                       {"2025-01-01T00:00:00Z", "\"2025-01-01T00:00:00Z\""},
                                                       {"1:30", "\"1:30\""},
                                                       {"a b", "\"a b\""},
                                                       {"100m", "\"100m\""},
                                                       {"!!str 5", "\"5\""},
                                                       {"!!int '5'", "5"},
                                                       {"!!binary aGk=", "\"hi\""},
                                                       {"1.2.3", "\"1.2.3\""},
                                                       {"-", "[null]"}};
  for (const auto& [text, json] : table) {
    const std::string shown(text);
    CAPTURE(shown);
    CHECK(one(base::cat("v: ", text[0] == '-' && !text[1] ? "\n  -" : text)) ==
          base::cat("{\"v\":", json, "}"));
  }
}

TEST_CASE("documents, anchors, merges and keys") {
  const auto docs = read_yaml("a: 1\n---\n---\n# only a comment\n---\n- x\n- {z: [1, 2]}\n...\n");
  REQUIRE(docs.ok());
  REQUIRE(docs->size() == 2);
  CHECK((*docs)[0].json == "{\"a\":1}");
  CHECK((*docs)[1].json == "[\"x\",{\"z\":[1,2]}]");
  CHECK((*docs)[1].line == 6);
  CHECK(one("base: &b {x: 1, z: 2}\nv:\n  <<: *b\n  z: 3\nw: *b") ==
        R"({"base":{"x":1,"z":2},"v":{"z":3,"x":1},"w":{"x":1,"z":2}})");
  CHECK(one("1: a\ntrue: b\n1.5: c") == R"({"1":"a","true":"b","1.5":"c"})");
  CHECK(one("t: |\n  a\n  b\nf: >-\n  a\n  b\n") == R"({"t":"a\nb\n","f":"a b"})");
  CHECK(one("{\"a\": \"\\ud83d\\ude00\"}") == "{\"a\": \"\\ud83d\\ude00\"}");
  CHECK(read_yaml("")->empty());
}

TEST_CASE("refusals name the line") {
  CHECK(one("a: 1\nb: 2\na: 3") == "yaml: line 3: key \"a\" already set in map");
  CHECK(one("a: .inf") == "yaml: line 1: json: unsupported value: .inf");
  CHECK(one("a: 1\n? [x]\n: 2") == "yaml: line 2: invalid map key");
  CHECK(one("a:\n  b: *c").starts_with("yaml: line 2: "));
  CHECK(one("a: [1, 2\nb: 3").starts_with("yaml: line "));
  CHECK(one("a: &x [*x]") == "yaml: line 1: anchor value contains itself");
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string previous = base::cat("*a", std::to_string(i - 1));
    bomb += base::cat("a", std::to_string(i), ": &a", std::to_string(i), " [");
    for (int k = 0; k < 10; ++k) bomb += base::cat(k ? ", " : "", previous);
    bomb += "]\n";
  }
  CHECK(one(bomb).ends_with("document contains excessive aliasing"));
  CHECK(!read_yaml("a: " + std::string(5000, '[') + std::string(5000, ']')));
}

TEST_CASE("fields and offsets lead back to lines") {
  const auto docs = read_yaml(
      "kind: Pod\nmetadata:\n  name: x\n  labels:\n    a.b/c: d\nspec:\n  containers:\n  - name: c\n    "
      "image: i\n"
      "  - name: d\n---\nkind: Other\n");
  REQUIRE(docs.ok());
  const YamlDocument& doc = (*docs)[0];
  const std::pair<const char*, int> table[] = {{"", 1},
                                               {"kind", 1},
                                               {"metadata", 2},
                                               {"metadata.name", 3},
                                               {"metadata.labels['a.b/c']", 5},
                                               {"metadata.labels[a.b/c]", 5},
                                               {"spec.containers[0].image", 9},
                                               {"spec.containers[1]", 10},
                                               {"spec.containers[1].nope.deeper", 10},
                                               {"spec.nope", 6}};
  for (const auto& [path, line] : table) {
    const std::string shown(path);
    CAPTURE(shown);
    CHECK(doc.line_of(path) == line);
  }
  CHECK(doc.line_at(doc.json.find("\"image\"")) == 9);
  CHECK((*docs)[1].line_of("kind") == 12);
  CHECK((*read_yaml("{\n \"a\":\n  1}"))[0].line_of("a") == 3);
}

TEST_CASE("YAML is written as kubectl prints it") {
  const auto value = parse_json(
      R"({"kind":"Pod","apiVersion":"v1","metadata":{"creationTimestamp":null,"annotations":{},"labels":{"a10":"x","a9":"true","b":"12","c":""}},)"
      R"("spec":{"containers":[{"name":"c","args":["-v","a: b","#x","line1\nline2\n","tail\n\n","no end\nx"],"resources":{}}],"list":[],"nested":[[1,2],[]],)"
      R"("time":"2025-01-01T00:00:00Z","ratio":0.5,"big":1500000.5,"quote":"it's: 'fine'","tab":"a\tb","colon":"12:30","bool":true,"dash":"- a","face":"😀"},"status":null})");
  REQUIRE(value.ok());
  CHECK(to_yaml(*value) ==
        "apiVersion: v1\n"
        "kind: Pod\n"
        "metadata:\n"
        "  annotations: {}\n"
        "  creationTimestamp: null\n"
        "  labels:\n"
        "    a9: \"true\"\n"
        "    a10: x\n"
        "    b: \"12\"\n"
        "    c: \"\"\n"
        "spec:\n"
        "  big: 1.5000005e+06\n"
        "  bool: true\n"
        "  colon: \"12:30\"\n"
        "  containers:\n"
        "  - args:\n"
        "    - -v\n"
        "    - 'a: b'\n"
        "    - '#x'\n"
        "    - |\n"
        "      line1\n"
        "      line2\n"
        "    - |+\n"
        "      tail\n"
        "\n"
        "    - |-\n"
        "      no end\n"
        "      x\n"
        "    name: c\n"
        "    resources: {}\n"
        "  dash: '- a'\n"
        "  face: \"\\U0001F600\"\n"
        "  list: []\n"
        "  nested:\n"
        "  - - 1\n"
        "    - 2\n"
        "  - []\n"
        "  quote: 'it''s: ''fine'''\n"
        "  ratio: 0.5\n"
        "  tab: \"a\\tb\"\n"
        "  time: \"2025-01-01T00:00:00Z\"\n"
        "status: null\n");
  CHECK(*parse_json(one(to_yaml(*value))) == *value);
}

TEST_CASE("long texts fold at column 80") {
  const auto value = parse_json(
      R"({"m":{"message":"0/4 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, 3 Insufficient cpu."}})");
  CHECK(
      to_yaml(*value) ==
      "m:\n"
      "  message: '0/4 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready:\n"
      "    }, 3 Insufficient cpu.'\n");
  CHECK(*parse_json(one(to_yaml(*value))) == *value);
}

}  // namespace
}  // namespace orrery::codec
