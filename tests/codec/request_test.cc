#include "model/api/request.h"

#include <doctest/doctest.h>

#include "model/api/lease.h"
#include "tests/codec/random_value.h"

namespace orrery::codec {
namespace {

api::ObjectRef lease(const char* name, std::int64_t revision) {
  api::Lease l;
  l.metadata.name = name;
  l.metadata.resource_version.value = revision;
  return api::make_object(std::move(l));
}

api::Box<api::ApiStatus> status(const char* message) {
  api::ApiStatus s;
  s.message = message;
  s.code = 404;
  return s;
}

template <class T>
const T& round_trip(const T& body, env::BodyRef& keep) {
  std::string bytes;
  body.encode(bytes);
  CHECK(bytes.size() == body.encoded_size());
  auto decoded = T::kType.decode(bytes);
  REQUIRE(decoded.ok());
  keep = *decoded;
  std::string again;
  keep->encode(again);
  CHECK(again == bytes);
  CHECK(keep->content_hash() == body.content_hash());
  // Every shorter text and every single changed byte is refused or stands for itself.
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto part = T::kType.decode(std::string_view(bytes).substr(0, n));
    if (part) CHECK((*part)->encoded_size() == n);
    for (const char c : {'\0', '\x01', '\x7f', '\xff'}) {
      std::string bad = bytes;
      bad[n] = c;
      const auto other = T::kType.decode(bad);
      if (other) CHECK((*other)->encoded_size() == bad.size());
      else CHECK(other.error().code == base::ErrorCode::kCorrupt);
    }
  }
  return *env::body_as<T>(keep.get());
}

TEST_CASE("requests") {
  auto empty = base::make_ref<api::ApiRequest>();
  env::BodyRef keep;
  CHECK(empty->encoded_size() == 0);
  CHECK(round_trip(*empty, keep).field_validation == api::FieldValidation::kWarn);

  auto r = base::make_ref<api::ApiRequest>();
  r->verb = api::Verb::kPatch;
  r->kind = api::KindId::kLease;
  r->subresource = "status";
  r->namespace_ = "ns";
  r->name = "n";
  r->user = "system:node:a";
  r->user_agent = "kubelet";
  r->format = api::BodyFormat::kHandle;
  r->object = lease("x", 77);
  r->bytes = std::string_view("\0{}", 3);
  r->patch = api::PatchType::kStrategicMerge;
  r->dry_run = r->force = r->allow_bookmarks = r->send_initial_events = true;
  r->field_manager = "m";
  r->field_validation = api::FieldValidation::kStrict;
  r->resource_version = "12";
  r->resource_version_match = "Exact";
  r->label_selector = "a=b";
  r->field_selector = "spec.nodeName=n";
  r->limit = 500;
  r->continue_token = "t";
  r->timeout_seconds = -1;
  r->grace_period_seconds = 0;
  r->propagation = api::Propagation::kOrphan;
  r->precondition_uid = "u";
  r->precondition_resource_version = "9";
  const api::ApiRequest& back = round_trip(*r, keep);
  CHECK(back.object->revision() == 77);
  CHECK(back.object->as<api::Lease>().metadata.name == "x");
  CHECK(back.grace_period_seconds == 0);
  CHECK(back.timeout_seconds == -1);
  CHECK(back.patch == api::PatchType::kStrategicMerge);
  CHECK(back.field_validation == api::FieldValidation::kStrict);
  CHECK(back.content_hash() != empty->content_hash());
  r->name = "other";
  CHECK(r->content_hash() != back.content_hash());
}

TEST_CASE("responses") {
  env::BodyRef keep;
  auto r = base::make_ref<api::ApiResponse>();
  CHECK(r->encoded_size() == 0);
  r->code = 404;
  r->object = lease("o", 0);
  r->status = status("gone");
  r->items = {lease("a", 1), lease("b", 1'000'000)};
  r->list_revision = 99;
  r->continue_token = "c";
  r->remaining = 3;
  r->warnings = {"w1", "", "w2"};
  r->retry_after_seconds = 1;
  const api::ApiResponse& back = round_trip(*r, keep);
  CHECK(back.code == 404);
  CHECK(back.items[1]->revision() == 1'000'000);
  CHECK(back.warnings.size() == 3);
  CHECK(back.warnings[2] == "w2");
  CHECK(back.status->message == "gone");
}

TEST_CASE("watch batches") {
  env::BodyRef keep;
  auto b = base::make_ref<api::WatchBatch>();
  b->events = {{api::WatchType::kAdded, lease("a", 5), 5, false},
               {api::WatchType::kDeleted, lease("a", 6), 6, false},
               {api::WatchType::kBookmark, {}, 7, true},
               {}};
  b->error = status("expired");
  const api::WatchBatch& back = round_trip(*b, keep);
  REQUIRE(back.events.size() == 4);
  CHECK(back.events[1].type == api::WatchType::kDeleted);
  CHECK(back.events[1].object->revision() == 6);
  CHECK(back.events[2].initial_events_end);
  CHECK(!back.events[3].object);
}

TEST_CASE("verbs have the names of RBAC") {
  CHECK(std::string(api::to_string(api::Verb::kDeleteCollection)) == "deletecollection");
  CHECK(std::string(api::to_string(api::Verb::kGet)) == "get");
}

}  // namespace
}  // namespace orrery::codec
