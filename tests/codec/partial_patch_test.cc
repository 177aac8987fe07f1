#include "model/codec/partial_patch.h"

#include <doctest/doctest.h>

#include "model/codec/json_read.h"
#include "model/codec/json_write.h"
#include "model/codec/patch.h"

namespace orrery::codec {
namespace {

constexpr const char* kNode = R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n","uid":"u","resourceVersion":"7",
  "labels":{"a":"1","b":"2"},"annotations":{"x":"y"},"finalizers":["f1","f2"]},
  "spec":{"podCIDR":"10.0.0.0/24","unschedulable":true,"taints":[{"key":"k","effect":"NoSchedule"}]},
  "status":{"capacity":{"cpu":"4","memory":"8Gi"},"conditions":[{"type":"Ready","status":"True","reason":"r"},
  {"type":"DiskPressure","status":"False"}],"nodeInfo":{"kubeletVersion":"v1"}}})";
constexpr const char* kPatchedPod = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"ns","labels":{"app":"web"},
  "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"r","uid":"1"}]},
  "spec":{"containers":[{"name":"main","image":"i:1","env":[{"name":"A","value":"1"}],"ports":[{"containerPort":80,"protocol":"TCP"}]},
  {"name":"side","image":"s:1"}],"tolerations":[{"key":"t","operator":"Exists"}],"securityContext":{"runAsUser":5}},
  "status":{"phase":"Pending","conditions":[{"type":"Ready","status":"False"}]}})";

struct Row {
  const char* object;
  const char* patch;
  bool in_place;  // for both kinds of patch
};

constexpr Row kRows[] = {
    {kNode, R"({"metadata":{"labels":{"a":null,"c":"3"}}})", true},
    {kNode, R"({"metadata":{"labels":null,"annotations":{}}})", true},
    {kNode, R"({"metadata":{"finalizers":["f3"]}})", true},
    {kNode, R"({"spec":{"unschedulable":null}})", true},
    {kNode, R"({"spec":{"taints":null,"podCIDR":"10.1.0.0/24"}})", true},
    {kNode, R"({"spec":{"taints":[{"key":"z","effect":"NoExecute"}]}})", true},
    {kNode, R"({"status":{"conditions":[{"type":"Ready","status":"Unknown"},{"type":"New","status":"True"}]}})", true},
    {kNode, R"({"status":{"capacity":{"cpu":"8","pods":"110"},"nodeInfo":{"kubeletVersion":"v2","osImage":"o"}}})", true},
    {kNode, R"({"status":null})", true},
    {kNode, R"({"spec":{},"metadata":{}})", true},
    {kPatchedPod, R"({"metadata":{"uid":"q","ownerReferences":[{"uid":"2","kind":"K","name":"o","apiVersion":"v1"}]}})", true},
    {kPatchedPod, R"({"spec":{"containers":[{"name":"main","image":"i:2","env":[{"name":"B","value":"2"}]}]}})", true},
    {kPatchedPod, R"({"spec":{"securityContext":{"runAsGroup":6,"runAsUser":null},"nodeName":"n"}})", true},
    {kPatchedPod, R"({"spec":{"affinity":{"nodeAffinity":null},"activeDeadlineSeconds":5}})", true},
    {kPatchedPod, R"({"status":{"phase":"Running","podIPs":[{"ip":"10.0.0.1"}]}})", true},
    {kPatchedPod, R"({"spec":{"nonsense":1}})", false},
    {kPatchedPod, R"({"spec":{"affinity":{"nonsense":{}}}})", false},
    {kPatchedPod, R"({"spec":{"containers":7}})", false},
    {kPatchedPod, R"({"kind":"Pod","spec":{"nodeName":"n"}})", false},
    {kPatchedPod, R"(["no object"])", false},
};

/// What the whole document becomes.
std::string patched_whole(const api::Object& object, const JsonValue& patch, PartialPatch how) {
  JsonValue document = *parse_json(to_json(object));
  if (how == PartialPatch::kMerge) {
    document = apply_merge_patch(std::move(document), patch);
  } else {
    auto out = apply_strategic_patch(object.kind().type(), std::move(document), patch);
    REQUIRE(out.ok());
    document = std::move(*out);
  }
  return to_json(**read_object_as(object.kind(), document.dump()));
}

}  // namespace

TEST_CASE("a patch in place gives what the whole document gives") {
  for (const Row& row : kRows) {
    for (const PartialPatch how : {PartialPatch::kMerge, PartialPatch::kStrategic}) {
      CAPTURE(row.patch);
      CAPTURE(how == PartialPatch::kMerge);
      const auto object = *read_object(row.object);
      const JsonValue patch = *parse_json(row.patch);
      base::Ref<api::Object> copy = api::clone(*object);
      REQUIRE(patch_fields(object->kind().type(), api::edit_value(*copy), patch, how) == row.in_place);
      if (row.in_place) CHECK(to_json(*copy) == patched_whole(*object, patch, how));
      CHECK(to_json(*object) == to_json(**read_object(row.object)));
    }
  }
}

TEST_CASE("directives need the whole document") {
  const auto object = *read_object(kPatchedPod);
  for (const char* text : {R"({"spec":{"containers":[{"name":"main","$patch":"delete"}],"$setElementOrder/containers":[{"name":"side"}]}})",
                           R"({"metadata":{"$patch":"replace","name":"p"}})", R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["f"]}})"}) {
    base::Ref<api::Object> copy = api::clone(*object);
    CHECK_FALSE(patch_fields(object->kind().type(), api::edit_value(*copy), *parse_json(text), PartialPatch::kStrategic));
  }
}

TEST_CASE("a directive inside a list merges in place") {
  const auto object = *read_object(kPatchedPod);
  const JsonValue patch = *parse_json(R"({"metadata":{"ownerReferences":[{"$patch":"delete","uid":"1"}]}})");
  base::Ref<api::Object> copy = api::clone(*object);
  REQUIRE(patch_fields(object->kind().type(), api::edit_value(*copy), patch, PartialPatch::kStrategic));
  CHECK(to_json(*copy) == patched_whole(*object, patch, PartialPatch::kStrategic));
  CHECK(copy->meta().owner_references.empty());
}

}  // namespace orrery::codec
