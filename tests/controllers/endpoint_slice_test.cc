// EndpointSliceTracker: what a controller's copy does not show yet is waited for, not written over.
#include <doctest/doctest.h>

#include "control/controllers/endpoint_slice_tracker.h"
#include "model/api/endpoint_slice.h"

namespace orrery::test {
namespace {

using namespace controllers;

client::ObjectRef slice_of(const char* uid, std::int64_t generation) {
  api::EndpointSlice s;
  s.metadata.uid = uid;
  s.metadata.generation = generation;
  return api::make_object(std::move(s));
}

// k8s.io/endpointslice/util: StaleSlices, ShouldSync, HandleDeletion.
TEST_CASE("the tracker of slices knows what a copy must show") {
  EndpointSliceTracker t;
  CHECK_FALSE(t.stale("shop/web", {slice_of("a", 1)}));
  CHECK(t.is_news("shop/web", slice_of("a", 1)->meta()));
  t.written("shop/web", slice_of("a", 2)->meta());
  CHECK(t.stale("shop/web", {slice_of("a", 1)}));
  CHECK(t.stale("shop/web", {}));
  CHECK_FALSE(t.stale("shop/web", {slice_of("a", 2), slice_of("b", 1)}));
  CHECK_FALSE(t.stale("shop/other", {}));
  CHECK_FALSE(t.is_news("shop/web", slice_of("a", 2)->meta()));
  CHECK(t.is_news("shop/web", slice_of("a", 3)->meta()));
  t.deleting("shop/web", slice_of("a", 2)->meta());
  CHECK(t.stale("shop/web", {slice_of("a", 2)}));
  CHECK_FALSE(t.stale("shop/web", {}));
  CHECK(t.gone("shop/web", slice_of("a", 2)->meta()));
  t.written("shop/web", slice_of("b", 1)->meta());
  CHECK_FALSE(t.gone("shop/web", slice_of("b", 1)->meta()));
  CHECK(t.gone("shop/web", slice_of("b", 1)->meta()));
}

}  // namespace
}  // namespace orrery::test
