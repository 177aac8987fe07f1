#include "model/codec/field_access.h"

#include <doctest/doctest.h>

#include "model/api/pod.h"
#include "model/codec/json_read.h"

namespace orrery::codec {
namespace {

api::ObjectRef pod(const char* text) {
  const auto object = read_object(text);
  REQUIRE(object.ok());
  return *object;
}

constexpr const char* kPod =
    R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","labels":{"a.b/c":"1","app":"x"},"resourceVersion":"7",)"
    R"("creationTimestamp":"2025-01-01T00:00:00Z"},"spec":{"nodeName":"n1","terminationGracePeriodSeconds":30,"containers":)"
    R"([{"name":"c","image":"i","resources":{"requests":{"cpu":"500m"}},"ports":[{"containerPort":80}]}],)"
    R"("volumes":[{"name":"v","emptyDir":{"medium":"Memory"}}]},"status":{"phase":"Running"}})";

TEST_CASE("fields by path") {
  const api::ObjectRef object = pod(kPod);
  const std::pair<const char*, const char*> table[] = {{"kind", "Pod"},
                                                       {"apiVersion", "v1"},
                                                       {"metadata.name", "p"},
                                                       {".metadata.resourceVersion", "7"},
                                                       {"metadata.labels.app", "x"},
                                                       {"metadata.labels['a.b/c']", "1"},
                                                       {"metadata.labels[\"a.b/c\"]", "1"},
                                                       {"metadata.labels.none", ""},
                                                       {"metadata.creationTimestamp", "2025-01-01T00:00:00Z"},
                                                       {"metadata.deletionTimestamp", ""},
                                                       {"spec.nodeName", "n1"},
                                                       {"spec.terminationGracePeriodSeconds", "30"},
                                                       {"spec.containers[0].resources.requests.cpu", "500m"},
                                                       {"spec.containers[0].ports[0].containerPort", "80"},
                                                       {"spec.containers[1].name", ""},
                                                       {"spec.volumes[0].emptyDir.medium", "Memory"},
                                                       {"spec.securityContext.runAsUser", ""},
                                                       {"status.phase", "Running"}};
  for (const auto& [path, text] : table) {
    const std::string shown(path);
    CAPTURE(shown);
    const auto found = field_text(*object, path);
    REQUIRE(found.ok());
    CHECK(*found == text);
  }
  for (const char* path : {"spec.nope", "spec..nodeName", "spec.containers.name", "spec.containers[0",
                           "metadata.name.x", "spec.securityContext.nope", "a."})
    CHECK(!field_text(*object, path));
  CHECK(!*find_field(object->kind().type(), object->value(), "spec.securityContext"));
}

TEST_CASE("differences as lines") {
  const api::ObjectRef a = pod(kPod);
  base::Ref<api::Object> b = api::clone(*a);
  CHECK(diff_objects(*a, *b).empty());
  auto& value = *static_cast<api::Pod*>(api::edit_value(*b));
  value.metadata.labels.set("app", "y");
  value.metadata.labels.set("new", "1");
  value.metadata.labels.erase("a.b/c");
  auto* type = &b->kind().type();
  REQUIRE(read_json(*type, &value,
                    R"({"status":{"phase":"Failed","conditions":[{"type":"Ready","status":"True"}]}})"));
  const std::vector<std::string> lines = diff_objects(*a, *b);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "metadata.labels['a.b/c']: 1 -> -");
  CHECK(lines[1] == "metadata.labels['app']: x -> y");
  CHECK(lines[2] == "metadata.labels['new']: - -> 1");
  CHECK(lines[3].starts_with("status."));
  CHECK(diff_objects(*a, *b, 2) == std::vector<std::string>{lines[0], lines[1], "... and 3 more"});
}

}  // namespace
}  // namespace orrery::codec
