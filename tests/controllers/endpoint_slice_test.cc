// EndpointSlice and Endpoints controllers: what their own copy does not show yet is waited for, not written over.
#include <doctest/doctest.h>

#include "control/controllers/endpoint_slice.h"
#include "model/api/endpoint_slice.h"
#include "model/api/endpoints.h"
#include "model/api/service.h"
#include "tests/controllers/cluster.h"

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

TEST_CASE("many pods that come at once: slices and Endpoints are told of without a conflict") {
  Cluster w;
  w.add<EndpointSliceController>();
  w.add<EndpointsController>();
  api::Node node;
  node.metadata.name = "node-0";
  w.api.put(std::move(node));
  api::Service service;
  service.metadata.namespace_ = "default";
  service.metadata.name = "web";
  service.spec.edit().selector.set("app", "web");
  service.spec.edit().ports.push_back({});
  service.spec.edit().ports.edit()[0].port = 80;
  w.api.put(std::move(service));
  w.start();
  constexpr int kPods = 40;
  for (int i = 0; i < kPods; ++i) {
    api::Pod pod;
    pod.metadata.namespace_ = "default";
    pod.metadata.name = base::cat("web-", std::to_string(i));
    pod.metadata.labels.set("app", "web");
    pod.spec = web_template().spec;
    pod.spec.edit().node_name = "node-0";
    pod.status.edit().phase = "Pending";
    pod.status.edit().pod_ip = base::cat("10.0.0.", std::to_string(i + 1));
    w.api.put(std::move(pod));
    w.run(base::kMillisecond / 2);
  }
  w.run(30 * kSecond);
  std::size_t endpoints = 0, slices = 0;
  for (const auto& s : w.api.all<api::EndpointSlice>("default")) {
    endpoints += s->endpoints.size();
    ++slices;
  }
  CHECK(slices == 1);
  CHECK(endpoints == kPods);
  CHECK(w.api.get<api::Endpoints>("default", "web")->subsets[0].addresses.size() == kPods);
  CHECK(w.events("FailedToUpdateEndpointSlices").empty());
  CHECK(w.events("FailedToUpdateEndpoint").empty());
}

}  // namespace
}  // namespace orrery::test
