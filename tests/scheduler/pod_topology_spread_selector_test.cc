// The selector of default spread constraints against upstream's own tables (plugins/helper/spread_test.go: TestGetPodServices,
// TestDefaultSelector).
#include <doctest/doctest.h>

#include "control/scheduler/plugins/spread_constraint.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/service.h"
#include "model/api/stateful_set.h"
#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct DefaultSelectorRow {
  const char* upstream;
  const char* labels;     // of the pod
  const char* owner;      // its kind; its name is "owner"; "" none
  const char* services;   // their selectors, "|" between
  const char* expected;   // the selector as text
};

constexpr const char* kAppServices = "{app: test-0} | {app: test-1} | {app: test-2}";
constexpr const char* kPodService = "{podLabelKey: podLabelVal}";
constexpr const char* kPodLabels = "{podLabelKey: podLabelVal}";

const DefaultSelectorRow kDefaultSelectors[] = {
    {"GetPodServices for pod-0", "{app: test-0, label: label-0}", "", kAppServices, "app=test-0"},
    {"GetPodServices for pod-1", "{app: test-1, label: label-1}", "", kAppServices, "app=test-1"},
    {"GetPodServices for pod-2", "{app: test-2, label: label-2}", "", kAppServices, "app=test-2"},
    {"GetPodServices for pod-3", "{app: test-3, label: label-3}", "", kAppServices, ""},
    {"GetPodServices for pod-4", "{app: test-4, label: label-4}", "", kAppServices, ""},
    {"DefaultSelector for default case", kPodLabels, "", "", ""},
    {"DefaultSelector for no OwnerReference pod case", kPodLabels, "", kPodService, "podLabelKey=podLabelVal"},
    {"DefaultSelector for ReplicationController OwnerReference pod case", kPodLabels, "ReplicationController", kPodService,
     "podLabelKey=podLabelVal,replicationControllerLabelKey=replicationControllerLabelVal"},
    {"DefaultSelector for ReplicaSet OwnerReference pod case", kPodLabels, "ReplicaSet", kPodService,
     "podLabelKey=podLabelVal,replicaSetLabelKey=replicaSetLabelVal"},
    {"DefaultSelector for StatefulSet OwnerReference pod case", kPodLabels, "StatefulSet", kPodService,
     "podLabelKey=podLabelVal,statefulSetLabelKey=statefulSetLabelVal"},
};

}  // namespace

TEST_CASE("PodTopologySpread: TestGetPodServices, TestDefaultSelector") {
  for (const DefaultSelectorRow& row : kDefaultSelectors) {
    CAPTURE(std::string(row.upstream));
    FixedLister lister;
    int n = 0;
    for (const std::string& selector : parts(row.services, '|')) {
      lister.set(api::make_object(from_yaml<api::Service>(
          base::cat("{metadata: {name: service-", std::to_string(n++), ", namespace: test}, spec: {selector: ", selector, "}}"))));
    }
    lister.set(api::make_object(from_yaml<api::ReplicationController>(
        "{metadata: {name: owner, namespace: test}, spec: {selector: {replicationControllerLabelKey: replicationControllerLabelVal}}}")));
    const char* owner = "{metadata: {name: owner, namespace: test}, spec: {selector: {matchLabels: ";
    lister.set(api::make_object(from_yaml<api::ReplicaSet>(base::cat(owner, "{replicaSetLabelKey: replicaSetLabelVal}}}}"))));
    lister.set(api::make_object(from_yaml<api::StatefulSet>(base::cat(owner, "{statefulSetLabelKey: statefulSetLabelVal}}}}"))));
    api::Pod pod = from_yaml<api::Pod>(base::cat("{metadata: {name: test-pod, namespace: test, labels: ", row.labels, "}}"));
    if (*row.owner) {
      const char* version = std::string_view(row.owner) == "ReplicationController" ? "v1" : "apps/v1";
      pod.metadata.owner_references.push_back(from_yaml<api::OwnerReference>(
          base::cat("{apiVersion: ", version, ", kind: ", row.owner, ", name: owner, controller: true}")));
    }
    CHECK(default_selector(lister, pod).str() == row.expected);
  }
}
