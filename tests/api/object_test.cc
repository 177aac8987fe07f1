#include "model/api/object.h"

#include <doctest/doctest.h>

#include "model/api/pod.h"
#include "model/codec/json_read.h"

namespace orrery::api {
namespace {

ObjectRef sample() {
  return *codec::read_object(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n"},
    "spec":{"nodeName":"a","containers":[{"name":"c","image":"i"}]},"status":{"phase":"Pending"}})");
}

/// The same value built anew, without anything kept from before.
ObjectRef rebuilt(const Object& object) {
  std::string bytes;
  object.encode(bytes);
  const auto again = Object::kType.decode(bytes);
  REQUIRE(again.ok());
  return ObjectRef(env::body_as<Object>(again->get()));
}

void check_facts(const Object& object) {
  const ObjectRef fresh = rebuilt(object);
  CHECK(object.encoded_size() == fresh->encoded_size());
  CHECK(object.content_hash() == sealed(fresh, object.revision())->content_hash());
}

}  // namespace

TEST_CASE("object: what is kept of a shared part follows its edits") {
  const ObjectRef first = sample();
  check_facts(*first);
  Pod pod = first->as<Pod>();
  pod.spec.edit().node_name = "longer-name";
  const ObjectRef second = make_object(pod);
  check_facts(*second);
  CHECK(second->content_hash() != first->content_hash());
  pod = second->as<Pod>();
  pod.status.edit().phase = "Running";
  pod.status.edit().message = "words";
  const ObjectRef third = make_object(pod);
  check_facts(*third);
  check_facts(*first);
  CHECK(third->content_hash() != second->content_hash());
}

TEST_CASE("object: what is known of the metadata goes over to a successor that shares it, and to no other") {
  const ObjectRef first = sealed(sample(), 3);
  check_facts(*first);
  Pod pod = first->as<Pod>();
  pod.metadata.resource_version.value = 12345;
  pod.spec.edit().node_name = "longer-name";
  const ObjectRef second = make_object(pod);
  second->share_meta_facts(*first);
  check_facts(*second);
  pod.metadata.labels.set("a", "b");
  const ObjectRef third = make_object(pod);
  third->share_meta_facts(*second);
  check_facts(*third);
  CHECK(third->content_hash() != second->content_hash());
  CHECK(third->encoded_size() > second->encoded_size());
  // Of one that was never asked nothing is known.
  const ObjectRef fourth = make_object(pod);
  fourth->share_meta_facts(*make_object(pod));
  check_facts(*fourth);
}

TEST_CASE("object: the store's seal changes the hash and not the size") {
  const ObjectRef object = sample();
  const std::uint64_t unsealed = object->content_hash();
  const std::size_t size = object->encoded_size();
  const ObjectRef stored = sealed(object, 7);
  CHECK(stored.get() == object.get());
  CHECK(stored->content_hash() != unsealed);
  CHECK(stored->encoded_size() == size);
  const ObjectRef later = sealed(stored, 8);
  CHECK(later.get() != stored.get());
  CHECK(later->content_hash() != stored->content_hash());
  CHECK(sealed(rebuilt(*stored), 7)->content_hash() == stored->content_hash());
}

}  // namespace orrery::api
