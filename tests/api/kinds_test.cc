// The descriptions of all kinds: that they fit the structs, and that what they name exists.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "model/api/eviction.h"
#include "model/api/kind.h"
#include "model/api/object.h"
#include "model/api/pod.h"
#include "model/api/scale.h"

namespace orrery::api {
namespace {

std::vector<const Kind*> all_kinds() {
  std::vector<const Kind*> out;
  for (int i = 1; i < static_cast<int>(KindId::kCount); ++i) out.push_back(&kind_of(static_cast<KindId>(i)));
  return out;
}

bool is_wrapper(const Type& t) { return t.element != nullptr; }

const Type& unwrapped(const Type& t) { return is_wrapper(t) ? unwrapped(t.element()) : t; }

void collect(const Type& t, std::vector<const Type*>& order, std::set<const Type*>& seen) {
  if (is_wrapper(t)) return collect(t.element(), order, seen);
  if (!seen.insert(&t).second) return;
  order.push_back(&t);
  for (const Field& f : t) collect(f.type(), order, seen);
}

std::vector<const Type*> all_types() {
  std::vector<const Type*> order;
  std::set<const Type*> seen;
  for (const Kind* k : all_kinds()) collect(k->type(), order, seen);
  return order;
}

void add_json_names(const Type& t, std::multiset<std::string>& names) {
  for (const Field& f : t)
    if (f.flags & kInline) add_json_names(unwrapped(f.type()), names);
    else names.insert(f.json);
}

bool has_json_name(const Type& t, std::string_view name) {
  std::multiset<std::string> names;
  add_json_names(t, names);
  return names.count(std::string(name)) == 1;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    out.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

TEST_CASE("every struct: numbers and names are unique, members lie side by side inside it") {
  const auto types = all_types();
  CHECK(types.size() > 250);
  for (const Type* t : types) {
    if (t->kind != TypeKind::kStruct) continue;
    CAPTURE(t->name);
    CHECK(t->field_count > 0);
    std::set<int> numbers;
    std::multiset<std::string> names;
    std::vector<std::pair<std::size_t, std::size_t>> spans;
    for (const Field& f : *t) {
      CAPTURE(f.json);
      if (f.flags & kNoProto) CHECK(f.number == 0);
      else CHECK(numbers.insert(f.number).second);
      CHECK((f.number > 0) == !(f.flags & kNoProto));
      CHECK((*f.json != '\0') == !(f.flags & kInline));
      CHECK(f.offset + f.type().size <= t->size);
      for (const auto& [at, size] : spans) CHECK((f.offset >= at + size || f.offset + f.type().size <= at));
      spans.emplace_back(f.offset, f.type().size);
    }
    add_json_names(*t, names);
    CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
  }
}

TEST_CASE("every field: keys, merge keys, values, ranges and defaults fit its type") {
  for (const Type* t : all_types()) {
    for (const Field& f : *t) {
      CAPTURE(t->name);
      CAPTURE(f.json);
      const Type& value = unwrapped(f.type());
      const bool list = f.type().kind == TypeKind::kList;
      if (f.list_type != ListType::kAtomic) CHECK(list);
      if (f.list_type == ListType::kMap) {
        CHECK(*f.list_keys != '\0');
        for (const std::string& key : split(f.list_keys)) CHECK(has_json_name(value, key));
      }
      if (*f.merge_key) CHECK(has_json_name(value, f.merge_key));
      if (f.one_of) CHECK(value.kind == TypeKind::kString);
      const bool integer = value.kind == TypeKind::kInt32 || value.kind == TypeKind::kInt64;
      if (f.min != INT64_MIN || f.max != INT64_MAX) CHECK(integer);
      if (!f.default_text) continue;
      CHECK(value.kind != TypeKind::kStruct);
      if (integer) CHECK(std::to_string(std::stoll(f.default_text)) == f.default_text);
      if (f.one_of) {
        const auto allowed = split(f.one_of);
        CHECK(std::find(allowed.begin(), allowed.end(), f.default_text) != allowed.end());
      }
    }
  }
}

TEST_CASE("by-value structs and times that Go always writes are not marked omitempty") {
  for (const Type* t : all_types())
    for (const Field& f : *t) {
      const Type& held = f.type().kind == TypeKind::kCow ? f.type().element() : f.type();
      if (held.kind != TypeKind::kStruct || std::string_view(t->name) == "Lease") continue;
      if (std::string_view(t->name).starts_with("PodGroup")) continue;  // a custom resource is kept as it was sent
      CAPTURE(t->name);
      CAPTURE(f.json);
      CHECK(!(f.flags & kOmitEmpty));
    }
}

TEST_CASE("every kind: metadata comes first, parts exist as promised, lookups find it") {
  for (const Kind* k : all_kinds()) {
    CAPTURE(k->kind);
    const Type& t = k->type();
    REQUIRE(t.field_count > 0);
    CHECK(std::string_view(t.fields[0].json) == "metadata");
    CHECK(t.fields[0].offset == 0);
    CHECK(&t.fields[0].type() == &describe<ObjectMeta>());
    if (k->has_status) CHECK(k->part("status") != nullptr);
    if (k->has_scale) CHECK(k->part("spec") != nullptr);
    CHECK(find_kind(k->api_version(), k->kind) == k);
    CHECK(find_kind("v9", k->kind) == nullptr);
    const bool stored = k->id <= kLastStored;
    CHECK(find_resource(k->group, k->version, k->plural) == (stored ? k : nullptr));
    const ObjectRef object(k->make());
    CHECK(&object->kind() == k);
    CHECK(object->revision() == 0);
    CHECK(object->content_hash() == clone(*object)->content_hash());
  }
  CHECK(find_kind("v1", "Deployment") == nullptr);
  CHECK(find_kind("apps/v1", "Deployment")->resource_name() == "deployments.apps");
  CHECK(kind_of(KindId::kPod).resource_name() == "pods");
  CHECK(find_resource("", "v1", "unknown") == nullptr);
}

TEST_CASE("edits of a copy do not reach the original and share what they do not touch") {
  Pod pod;
  pod.metadata.name = "a";
  pod.spec.edit().containers.push_back(Container{});
  const ObjectRef original = make_object(pod);
  const auto copy = clone(*original);
  auto& edited = *static_cast<Pod*>(edit_value(*copy));
  edited.status.edit().phase = "Running";
  CHECK(original->as<Pod>().status->phase.empty());
  CHECK(edited.spec.shares(original->as<Pod>().spec));
  edited.spec.edit().node_name = "n";
  CHECK(original->as<Pod>().spec->node_name.empty());
  CHECK(edited.spec->containers.shares(original->as<Pod>().spec->containers));
}

TEST_CASE("structs that exist once per pod stay small") {
  CHECK(sizeof(Volume) == 16);
  CHECK(sizeof(Container) <= 232);
  CHECK(sizeof(PodSpec) <= 336);
  CHECK(sizeof(PodStatus) <= 160);
  CHECK(sizeof(ContainerStatus) <= 168);
}

}  // namespace
}  // namespace orrery::api
