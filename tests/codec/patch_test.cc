#include "model/codec/patch.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "model/api/deployment.h"
#include "model/api/pod.h"
#include "model/codec/field_access.h"
#include "model/codec/json_read.h"
#include "model/codec/json_write.h"

namespace orrery::codec {
namespace {

JsonValue parse(std::string_view text) {
  const auto v = parse_json(text);
  REQUIRE_MESSAGE(v.ok(), std::string(text));
  return *v;
}

JsonValue load(const char* name) {
  std::ifstream in(std::string(ORRERY_SOURCE_DIR "/tests/data/kubernetes/") + name);
  std::stringstream text;
  text << in.rdbuf();
  return parse(text.str());
}

TEST_CASE("the JSON patch conformance suites") {
  int ran = 0;
  for (const char* name : {"json_patch_tests.json", "json_patch_spec_tests.json"}) {
    const JsonValue suite = load(name);
    for (const JsonValue& test : suite.items()) {
      // What the suite disables concerns duplicate members, which do not survive parsing, and documents that
      // are scalars.
      const std::string text = test.dump();
      CAPTURE(text);
      if (test["disabled"].bool_or(false) && test.find("error")) continue;
      ++ran;
      const auto result = apply_json_patch(test["doc"], test["patch"]);
      CHECK(result.ok() == (test.find("error") == nullptr));
      if (result.ok() && test.find("expected")) CHECK(*result == test["expected"]);
    }
  }
  CHECK(ran == 110);
}

TEST_CASE("errors of JSON patches have upstream's words") {
  const std::pair<const char*, const char*> table[] = {
      {R"([{"op":"test","path":"/a","value":2}])", "testing value /a failed: test failed"},
      {R"([{"op":"remove","path":"/x"}])",
       "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value"},
      {R"([{"op":"remove","path":"/x/y"}])",
       "remove operation does not apply: doc is missing path: \"/x/y\": missing value"},
      {R"([{"op":"add","path":"/x/y","value":1}])",
       "add operation does not apply: doc is missing path: \"/x/y\": missing value"},
      {R"([{"op":"replace","path":"/x","value":1}])",
       "replace operation does not apply: doc is missing key: /x: missing value"},
      {R"([{"op":"replace","path":"/x/y","value":1}])",
       "replace operation does not apply: doc is missing path: /x/y: missing value"},
      {R"([{"op":"add","path":"/l/9","value":1}])",
       "error in add for path: '/l/9': Unable to access invalid index: 9: invalid index referenced"},
      {R"([{"op":"add","path":"/l/z","value":1}])",
       "error in add for path: '/l/z': value was not a proper array index: 'z': strconv.Atoi: parsing \"z\": "
       "invalid syntax"},
      {R"([{"op":"copy","from":"/x/y","path":"/b"}])",
       "copy operation does not apply: doc is missing from path: /x/y: missing value"},
      {R"([{"op":"nop","path":"/b"}])", "Unexpected kind: nop"},
      {R"({})", "json: cannot unmarshal object into Go value of type jsonpatch.Patch"},
  };
  for (const auto& [patch, message] : table) {
    const std::string shown(patch);
    CAPTURE(shown);
    const auto result = apply_json_patch(parse(R"({"a":1,"l":[1]})"), parse(patch));
    REQUIRE(!result.ok());
    CHECK(result.error().message == message);
  }
}

TEST_CASE("JSON patches are bounded in operations, copied bytes and depth") {
  JsonValue many = JsonValue::array();
  for (int i = 0; i < 10'001; ++i)
    many.edit_items().push_back(parse(R"({"op":"test","path":"/a","value":1})"));
  auto result = apply_json_patch(parse(R"({"a":1})"), many);
  REQUIRE(!result.ok());
  CHECK(result.error().code == base::ErrorCode::kLimit);
  CHECK(result.error().message == "The allowed maximum operations in a JSON patch is 10000, got 10001");
  many.edit_items().pop_back();
  CHECK(apply_json_patch(parse(R"({"a":1})"), many).ok());

  JsonValue doubling = JsonValue::array();
  for (int i = 0; i < 40; ++i)
    doubling.edit_items().push_back(parse(R"({"op":"copy","from":"/a","path":"/a/-"})"));
  result = apply_json_patch(parse(R"({"a":["0123456789"]})"), doubling);
  REQUIRE(!result.ok());
  CHECK(result.error().code == base::ErrorCode::kLimit);
  CHECK(result.error().message.starts_with(
      "Unable to complete the copy, the accumulated size increase of copy is "));
  CHECK(result.error().message.ends_with(", exceeding the limit 3145728"));

  // Moving a document deeper and deeper under a fresh root.
  JsonValue burying = JsonValue::array();
  for (int i = 0; i < 2000; ++i) {
    burying.edit_items().push_back(parse(R"({"op":"add","path":"/b","value":{}})"));
    burying.edit_items().push_back(parse(R"({"op":"move","from":"/a","path":"/b/x"})"));
    burying.edit_items().push_back(parse(R"({"op":"move","from":"/b","path":"/a"})"));
  }
  result = apply_json_patch(parse(R"({"a":{}})"), burying);
  REQUIRE(!result.ok());
  CHECK(result.error().message == "exceeded max depth");
  // The same number of moves without depth is fine.
  JsonValue swapping = JsonValue::array();
  for (int i = 0; i < 2000; ++i) {
    swapping.edit_items().push_back(parse(R"({"op":"move","from":"/a","path":"/b/x"})"));
    swapping.edit_items().push_back(parse(R"({"op":"move","from":"/b/x","path":"/a"})"));
  }
  CHECK(apply_json_patch(parse(R"({"a":{},"b":{}})"), swapping).ok());
}

TEST_CASE("merge patches of RFC 7386, appendix A") {
  const char* table[][3] = {{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                            {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
                            {R"({"a":"b"})", R"({"a":null})", "{}"},
                            {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
                            {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                            {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
                            {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                            {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
                            {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
                            {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
                            {R"({"a":"foo"})", "null", "null"},
                            {R"({"a":"foo"})", R"("bar")", R"("bar")"},
                            {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
                            {"[1,2]", R"({"a":"b","c":null})", R"({"a":"b"})"},
                            {"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}};
  for (const auto& [document, patch, expected] : table) {
    const std::string shown(patch);
    CAPTURE(shown);
    CHECK(apply_merge_patch(parse(document), parse(patch)) == parse(expected));
  }
  const char* pairs[][2] = {{R"({"a":1,"b":{"c":2,"d":3}})", R"({"a":1,"b":{"c":4},"e":[1]})"},
                            {"{}", R"({"a":{"b":1}})"},
                            {R"({"a":[1,2]})", R"({"a":[2]})"},
                            {R"({"a":{}})", R"({"a":1})"}};
  for (const auto& [from, to] : pairs) {
    const JsonValue patch = create_merge_patch(parse(from), parse(to));
    CHECK(apply_merge_patch(parse(from), patch) == parse(to));
  }
  CHECK(create_merge_patch(parse(R"({"a":1,"b":2})"), parse(R"({"a":1,"b":2})")).dump() == "{}");
}

struct Case {
  const char* what;
  const char* document;
  const char* patch;
  const char* expected;  // a document, or the text of the error
};

TEST_CASE("strategic merge patches of pods") {
  const Case table[] = {
      {"maps merge and null deletes", R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
       R"({"metadata":{"labels":{"a":null,"c":"3","d":null}}})",
       R"({"metadata":{"labels":{"b":"2","c":"3"}}})"},
      {"lists merge by key, new elements in front of untouched ones",
       R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}})",
       R"({"spec":{"containers":[{"name":"b","image":"3"},{"name":"c","image":"4"}]}})",
       R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"3"},{"name":"c","image":"4"}]}})"},
      {"deletion of an element", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"name":"a","$patch":"delete"}]}})",
       R"({"spec":{"containers":[{"name":"b"}]}})"},
      {"replacement of a list", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
       R"({"spec":{"containers":[{"$patch":"replace"},{"name":"z"}]}})",
       R"({"spec":{"containers":[{"name":"z"}]}})"},
      {"replacement of a map", R"({"metadata":{"labels":{"a":"1"}}})",
       R"({"metadata":{"labels":{"$patch":"replace","b":"2"}}})", R"({"metadata":{"labels":{"b":"2"}}})"},
      {"deletion of a map", R"({"metadata":{"labels":{"a":"1"}}})",
       R"({"metadata":{"labels":{"$patch":"delete"}}})", R"({"metadata":{"labels":{}}})"},
      {"primitives merge as a set", R"({"metadata":{"finalizers":["a","b"]}})",
       R"({"metadata":{"finalizers":["c","a"]}})", R"({"metadata":{"finalizers":["c","a","b"]}})"},
      {"deletion of primitives", R"({"metadata":{"finalizers":["a","b","c"]}})",
       R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a","c"]}})",
       R"({"metadata":{"finalizers":["b"]}})"},
      {"an atomic list is replaced", R"({"spec":{"tolerations":[{"key":"a"}]}})",
       R"({"spec":{"tolerations":[{"key":"b"}]}})", R"({"spec":{"tolerations":[{"key":"b"}]}})"},
      {"the order of elements", R"({"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}],"containers":[{"name":"a","image":"x"}]}})",
       R"({"spec":{"containers":[{"name":"b"},{"name":"c"},{"name":"a","image":"x"}]}})"},
      {"retained keys", R"({"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}})",
       R"({"spec":{"volumes":[{"name":"v","$retainKeys":["name","emptyDir"],"emptyDir":{}}]}})",
       R"({"spec":{"volumes":[{"name":"v","emptyDir":{}}]}})"},
      {"directives in new parts vanish", R"({})",
       R"({"spec":{"containers":[{"name":"a","$patch":"delete"},{"name":"b","image":null}]}})",
       R"({"spec":{"containers":[{"name":"b"}]}})"},
      {"elements without the key", R"({"spec":{"containers":[{"name":"a"}]}})",
       R"({"spec":{"containers":[{"image":"x"}]}})",
       "map: map[image:x] does not contain declared merge key: name"},
      {"an unknown field", R"({"spec":{}})", R"({"spec":{"nope":{"a":1}}})", R"({"spec":{"nope":{"a":1}}})"},
      {"an unknown directive", R"({"metadata":{"labels":{}}})", R"({"metadata":{"labels":{"$patch":"x"}}})",
       "unknown patch type: x in map: map[$patch:x]"},
      {"keys that are not retained", R"({"spec":{"volumes":[{"name":"v"}]}})",
       R"({"spec":{"volumes":[{"name":"v","$retainKeys":["name"],"emptyDir":{}}]}})",
       "invalid patch format of retainKeys"},
      {"elements that are not ordered", R"({"spec":{"containers":[{"name":"a"}]}})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a"},{"name":"b"}]}})",
       "The order in patch list:\n[map[name:a] map[name:b]]\n doesn't match $setElementOrder "
       "list:\n[map[name:b] map[name:a]]\n"},
      {"a list of another kind", R"({"metadata":{"finalizers":["a"]}})",
       R"({"metadata":{"finalizers":[{"a":1}]}})", "list element types are not identical: [[a] [map[a:1]]]"},
  };
  for (const Case& c : table) {
    CAPTURE(std::string(c.what));
    const auto result = apply_strategic_patch(api::describe<api::Pod>(), parse(c.document), parse(c.patch));
    if (result.ok()) CHECK(result->dump() == parse(c.expected).dump());
    else CHECK(result.error().message == c.expected);
  }
}

TEST_CASE("a field that the struct lacks is an error once both sides have it") {
  const auto result = apply_strategic_patch(api::describe<api::Pod>(), parse(R"({"spec":{"nope":{}}})"),
                                            parse(R"({"spec":{"nope":{"a":1}}})"));
  REQUIRE(!result.ok());
  CHECK(result.error().message == "unable to find api field in struct PodSpec for the json field \"nope\"");
}

TEST_CASE("strategic differences are small and lead from one document to the other") {
  const Case table[] = {
      {"labels", R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
       R"({"metadata":{"labels":{"a":"1","c":"3"}}})", R"({"metadata":{"labels":{"b":null,"c":"3"}}})"},
      {"a container", R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}})",
       R"({"spec":{"containers":[{"name":"b","image":"3"}]}})",
       R"({"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"image":"3","name":"b"},{"$patch":"delete","name":"a"}]}})"},
      {"finalizers", R"({"metadata":{"finalizers":["a","b"]}})", R"({"metadata":{"finalizers":["b","c"]}})",
       R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"$setElementOrder/finalizers":["b","c"],"finalizers":["c"]}})"},
      {"a volume of another sort", R"({"spec":{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}})",
       R"({"spec":{"volumes":[{"name":"v","emptyDir":{}}]}})",
       R"({"spec":{"$setElementOrder/volumes":[{"name":"v"}],"volumes":[{"$retainKeys":["emptyDir","name"],"emptyDir":{},"hostPath":null,"name":"v"}]}})"},
      {"nothing", R"({"spec":{"nodeName":"x"}})", R"({"spec":{"nodeName":"x"}})", "{}"},
  };
  for (const Case& c : table) {
    CAPTURE(std::string(c.what));
    const auto patch = create_strategic_patch(api::describe<api::Pod>(), parse(c.document), parse(c.patch));
    REQUIRE(patch.ok());
    CHECK(patch->dump(true) == c.expected);
    const auto result = apply_strategic_patch(api::describe<api::Pod>(), parse(c.document), *patch);
    REQUIRE(result.ok());
    CHECK(*result == parse(c.patch));
  }
}

TEST_CASE("three-way differences delete only what was applied before") {
  const JsonValue original = parse(
      R"({"metadata":{"labels":{"mine":"1","old":"1"}},"spec":{"containers":[{"name":"a","image":"1"},{"name":"gone"}]}})");
  const JsonValue modified =
      parse(R"({"metadata":{"labels":{"mine":"2"}},"spec":{"containers":[{"name":"a","image":"2"}]}})");
  const JsonValue current = parse(
      R"({"metadata":{"labels":{"mine":"1","old":"1","theirs":"1"}},)"
      R"("spec":{"nodeName":"n","containers":[{"name":"a","image":"1"},{"name":"gone"},{"name":"sidecar"}]}})");
  const auto patch = create_three_way_patch(api::describe<api::Pod>(), original, modified, current);
  REQUIRE(patch.ok());
  const auto result = apply_strategic_patch(api::describe<api::Pod>(), current, *patch);
  REQUIRE(result.ok());
  CHECK(
      result->dump(true) ==
      R"({"metadata":{"labels":{"mine":"2","theirs":"1"}},"spec":{"containers":[{"image":"2","name":"a"},{"name":"sidecar"}],"nodeName":"n"}})");
  JsonValue other = current;
  other.edit_members().edit("metadata").edit_members().edit("labels").set("mine", "9");
  CHECK(create_three_way_patch(api::describe<api::Pod>(), original, modified, other).ok());
  const auto refused = create_three_way_patch(api::describe<api::Pod>(), original, modified, other, false);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == base::ErrorCode::kConflict);
  CHECK(create_three_way_patch(api::describe<api::Pod>(), original, modified, current, false).ok());
}

TEST_CASE("recorded objects can be patched into being and out of it") {
  std::ifstream in(ORRERY_SOURCE_DIR "/tests/data/kubernetes/recorded_objects.jsonl");
  std::string line;
  while (std::getline(in, line)) {
    const auto object = read_object(line);
    REQUIRE(object.ok());
    // Its data holds directives of its own, which a patch cannot carry.
    if ((*object)->kind_id() == api::KindId::kControllerRevision) continue;
    JsonValue empty = JsonValue::object();
    const JsonValue full = parse(to_json(**object));
    for (const auto& [from, to] : {std::pair(empty, full), std::pair(full, empty)}) {
      const auto patch = create_strategic_patch((*object)->kind().type(), from, to);
      REQUIRE(patch.ok());
      const auto result = apply_strategic_patch((*object)->kind().type(), from, *patch);
      REQUIRE(result.ok());
      // Nulls cannot be said in a patch; they mean the same as absence.
      const auto a = read_object_as((*object)->kind(), result->dump()),
                 b = read_object_as((*object)->kind(), to.dump());
      REQUIRE(a.ok());
      std::string lines;
      for (const std::string& line : diff_objects(**a, **b)) lines += line + "\n";
      CHECK(lines == "");
    }
  }
}

}  // namespace
}  // namespace orrery::codec
