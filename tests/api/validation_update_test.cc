// What the API refuses, and in which words: updates, status writes and the sub-resources of pods.
#include <doctest/doctest.h>

#include <string>

#include "model/api/deployment.h"
#include "model/api/job.h"
#include "model/api/pod.h"
#include "model/api/validation/index_ranges.h"
#include "model/api/validation/ip_rules.h"
#include "model/api/validation/validation.h"
#include "tests/api/sample_objects.h"

namespace orrery::api {
namespace {

using test::sample;

struct UpdateRow {
  KindId kind;
  const char* old;  ///< patches of the sample
  const char* next;
  const char* error;
};

#define UPDATABLE                                                                                      \
  "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"          \
  "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to " \
  "existing "                                                                                          \
  "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously "   \
  "negative)\n"

const UpdateRow kUpdateRows[] = {
    {KindId::kConfigMap, R"({"metadata":{"uid":"u","generation":2}})",
     R"({"metadata":{"uid":"v","generation":1,"name":"b"}})",
     "[metadata.generation: Invalid value: 1: must not be decremented, metadata.name: Invalid value: \"b\": "
     "field is immutable, "
     "metadata.uid: Invalid value: \"v\": field is immutable]"},
    {KindId::kConfigMap,
     R"({"metadata":{"deletionTimestamp":"2025-01-01T00:00:00Z","deletionGracePeriodSeconds":0}})",
     R"({"metadata":{"finalizers":["x/b","x/a"]}})",
     "[metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found "
     "new finalizers "
     "[]string{\"x/a\", \"x/b\"}, metadata.deletionTimestamp: Invalid value: null: field is immutable, "
     "metadata.deletionGracePeriodSeconds: Invalid value: null: field is immutable]"},
    {KindId::kConfigMap, R"({"immutable":true,"data":{"a":"b"}})", R"({"data":{"a":"c"}})",
     "[immutable: Forbidden: field is immutable when `immutable` is set, data: Forbidden: field is immutable "
     "when `immutable` "
     "is set]"},
    {KindId::kSecret, R"({"type":"x"})", "", "type: Invalid value: \"Opaque\": field is immutable"},
    {KindId::kPod, "", R"({"spec":{"containers":[{"name":"c","image":"i:2"}]}})", ""},
    {KindId::kPod, "", R"({"spec":{"nodeName":"n"}})", UPDATABLE "`nodeName`"},
    {KindId::kPod, "", R"({"spec":{"containers":[{"name":"d","image":"i"}]}})",
     "spec.containers: Forbidden: pod updates may not add or remove containers"},
    {KindId::kPod, R"({"spec":{"terminationGracePeriodSeconds":-1}})",
     R"({"spec":{"terminationGracePeriodSeconds":1}})", ""},
    {KindId::kPod, R"({"spec":{"activeDeadlineSeconds":5}})", R"({"spec":{"activeDeadlineSeconds":4}})", ""},
    {KindId::kPod, R"({"spec":{"activeDeadlineSeconds":5}})", R"({"spec":{"activeDeadlineSeconds":6}})",
     "spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value"},
    {KindId::kPod, R"({"spec":{"activeDeadlineSeconds":5}})", "",
     "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"},
    {KindId::kPod, R"({"spec":{"tolerations":[{"key":"a","operator":"Exists"}]}})",
     R"({"spec":{"tolerations":[{"key":"b","operator":"Exists"}]}})",
     "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"},
    {KindId::kPod, R"({"spec":{"tolerations":[{"key":"a","operator":"Exists","effect":"NoExecute"}]}})",
     R"({"spec":{"tolerations":[{"key":"a","operator":"Exists","effect":"NoExecute",)"
     R"("tolerationSeconds":3},{"key":"b"}]}})",
     ""},
    {KindId::kPod, R"({"spec":{"schedulingGates":[{"name":"a"}]}})",
     R"({"spec":{"schedulingGates":[{"name":"b"}]}})",
     "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'"},
    {KindId::kPod, R"({"spec":{"schedulingGates":[{"name":"a"}]}})", R"({"spec":{"nodeSelector":{"x":"y"}}})",
     ""},
    {KindId::kPod, R"({"spec":{"schedulingGates":[{"name":"a"}],"nodeSelector":{"x":"y"}}})",
     R"({"spec":{"nodeSelector":{"x":"z"}}})",
     "spec.nodeSelector: Invalid value: map[string]string{\"x\":\"z\"}: only additions to spec.nodeSelector "
     "are allowed (no "
     "mutations or deletions)"},
    {KindId::kPod, R"({"spec":{"schedulingGates":[{"name":"a"}]}})",
     R"({"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{)"
     R"("nodeSelectorTerms":[)"
     R"({"matchExpressions":[{"key":"a","operator":"Exists"}]}]}}}}})",
     ""},
    {KindId::kPod, "", R"({"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}}})",
     "[metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation, "
     "metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"x\": must set spec.nodeName if "
     "mirror pod annotation "
     "is set]"},
    {KindId::kDeployment, "", R"({"spec":{"replicas":5,"template":{"metadata":{"labels":{"v":"2"}}}}})", ""},
    {KindId::kDeployment, "",
     R"({"spec":{"selector":{"matchLabels":{"app":"a","b":"c"}},"template":{"metadata":{"labels":{)"
     R"("b":"c"}}}}})",
     "spec.selector: Invalid value: v1.LabelSelector{...}: field is immutable"},
    {KindId::kStatefulSet, "", R"({"spec":{"replicas":5,"minReadySeconds":3,"revisionHistoryLimit":2}})", ""},
    {KindId::kStatefulSet, "", R"({"spec":{"serviceName":"t"}})",
     "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
     "'updateStrategy', "
     "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"},
    {KindId::kControllerRevision, "", R"({"data":{"a":2}})",
     "data: Invalid value: runtime.RawExtension{...}: field is immutable"},
    {KindId::kJob, "", R"({"spec":{"parallelism":4,"completions":1,"suspend":true,"backoffLimit":1}})", ""},
    {KindId::kJob, "", R"({"spec":{"completions":4}})",
     "spec.completions: Invalid value: 4: field is immutable"},
    {KindId::kJob, R"({"spec":{"completionMode":"Indexed","completions":2,"parallelism":2}})",
     R"({"spec":{"completionMode":"Indexed","completions":3,"parallelism":3}})", ""},
    {KindId::kJob, R"({"spec":{"completionMode":"Indexed","completions":2,"parallelism":2}})",
     R"({"spec":{"completionMode":"Indexed","completions":3,"parallelism":2}})",
     "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism"},
    {KindId::kJob, "", R"({"spec":{"template":{"spec":{"nodeSelector":{"a":"b"}}}}})",
     "spec.template: Invalid value: core.PodTemplateSpec{...}: field is immutable"},
    {KindId::kJob, R"({"spec":{"suspend":true}})",
     R"({"spec":{"suspend":true,"template":{"spec":{"nodeSelector":{"a":"b"}}}}})", ""},
    {KindId::kService, "", R"({"spec":{"clusterIP":"10.0.0.9","clusterIPs":["10.0.0.9"]}})",
     "spec.clusterIPs[0]: Invalid value: []string{\"10.0.0.9\"}: may not change once set"},
    {KindId::kService, "", R"({"spec":{"clusterIP":null,"clusterIPs":null}})",
     "spec.clusterIPs[0]: Invalid value: []string{}: primary clusterIP can not be unset"},
    {KindId::kEndpointSlice, "", R"({"addressType":"FQDN","endpoints":[{"addresses":["a.b"]}]})",
     "addressType: Invalid value: \"FQDN\": field is immutable"},
    {KindId::kNode, R"({"spec":{"podCIDRs":["10.0.0.0/24"],"providerID":"p"}})",
     R"({"spec":{"podCIDRs":["10.0.1.0/24"]}})",
     "[spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid, "
     "spec.providerID: Forbidden: "
     "node updates may not change providerID except from \"\" to valid]"},
    {KindId::kPriorityClass, "", R"({"value":2,"preemptionPolicy":"Never"})",
     "[value: Forbidden: may not be changed in an update., preemptionPolicy: Invalid value: \"Never\": field "
     "is immutable]"},
    {KindId::kResourceQuota, R"({"spec":{"scopes":["BestEffort"]}})", "",
     "spec.scopes: Invalid value: []string{}: field is immutable"},
    {KindId::kPersistentVolumeClaim, "", R"({"spec":{"volumeName":"pv"}})", ""},
    {KindId::kPersistentVolumeClaim, R"({"spec":{"storageClassName":"x"}})",
     R"({"spec":{"storageClassName":"y"}})",
     "spec: Forbidden: spec is immutable after creation except resources.requests and "
     "volumeAttributesClassName for bound "
     "claims\n`storageClassName`"},
    {KindId::kPersistentVolumeClaim, "",
     R"({"spec":{"resources":{"requests":{"storage":"2Gi"}}},"status":{"phase":"Bound"}})", ""},
    {KindId::kPersistentVolumeClaim, R"({"status":{"phase":"Bound","capacity":{"storage":"1Gi"}}})",
     R"({"spec":{"resources":{"requests":{"storage":"1Mi"}}},"status":{"phase":"Bound"}})",
     "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"},
    {KindId::kPersistentVolume, "", R"({"spec":{"hostPath":{"path":"/y"}}})",
     "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after "
     "creation\n`hostPath`"},
    {KindId::kStorageClass, "", R"({"provisioner":"q","reclaimPolicy":"Retain"})",
     "[provisioner: Forbidden: updates to provisioner are forbidden., reclaimPolicy: Forbidden: updates to "
     "reclaimPolicy are "
     "forbidden.]"},
};

#define DONE R"("startTime":"2025-01-01T00:00:00Z","completionTime":"2025-01-01T00:00:01Z",)"
#define CONDITIONS(a, b) \
  R"("conditions":[{"type":")" a R"(","status":"True"},{"type":")" b R"(","status":"True"}])"

const UpdateRow kStatusRows[] = {
    {KindId::kPod, R"({"status":{"qosClass":"BestEffort"}})", R"({"status":{"qosClass":"Burstable"}})",
     "status.qosClass: Invalid value: \"Burstable\": field is immutable"},
    {KindId::kPod,
     R"({"spec":{"restartPolicy":"Never"},"status":{"containerStatuses":[{"name":"c","state":{"terminated":{)"
     R"("exitCode":1}}}]}})",
     R"({"spec":{"restartPolicy":"Never"},"status":{"containerStatuses":[{"name":"c","state":{"running":{)"
     R"(}}}]}})",
     "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"},
    {KindId::kPod,
     R"({"spec":{"restartPolicy":"OnFailure"},"status":{"containerStatuses":[{"name":"c","state":{)"
     R"("terminated":{)"
     R"("exitCode":1}}}]}})",
     R"({"spec":{"restartPolicy":"OnFailure"},"status":{"containerStatuses":[{"name":"c","state":{)"
     R"("running":{}}}]}})",
     ""},
    {KindId::kPod, "",
     R"({"status":{"podIPs":[{"ip":"10.0.0.1"},{"ip":"10.0.0.1"}],"hostIP":"1.1.1.1","hostIPs":[{)"
     R"("ip":"1.1.1.2"}]}})",
     "[status.podIPs: Invalid value: []core.PodIP{...}: may specify no more than one IP for each IP family, "
     "status.podIPs[1]: "
     "Duplicate value: core.PodIP{IP:\"10.0.0.1\"}, status.hostIPs[0].ip: Invalid value: \"1.1.1.2\": must "
     "be equal to `hostIP`]"},
    {KindId::kPod, "", R"({"status":{"conditions":[{"type":"a b","status":"True"}]}})",
     "metadata.conditions[0].Type: Invalid value: \"a b\": name part must consist of alphanumeric "
     "characters, '-', '_' or '.', "
     "and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', "
     "regex used for "
     "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
    {KindId::kNamespace, "", R"({"status":{"phase":"Terminating"}})",
     "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"},
    {KindId::kNode, "",
     R"({"status":{"addresses":[{"type":"Hostname","address":"a"}],"capacity":{"cpu":"-1"},"allocatable":{)"
     R"(}}})",
     "status.capacity.cpu: Invalid value: \"-1\": must be greater than or equal to 0"},
    {KindId::kDeployment, R"({"status":{"collisionCount":2}})",
     R"({"status":{"replicas":1,"readyReplicas":2,"collisionCount":1}})",
     "[status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas, "
     "status.collisionCount: Invalid value: "
     "1: cannot be decremented]"},
    {KindId::kReplicaSet, "", R"({"status":{"replicas":-1}})",
     "[status.replicas: Invalid value: -1: must be greater than or equal to 0, status.fullyLabeledReplicas: "
     "Invalid value: 0: "
     "cannot be greater than status.replicas, status.readyReplicas: Invalid value: 0: cannot be greater than "
     "status.replicas, "
     "status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas]"},
    {KindId::kReplicationController, R"({"status":{}})", R"({"status":{"replicas":1,"readyReplicas":1,"availableReplicas":2}})",
     "[status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas, status.availableReplicas: Invalid "
     "value: 2: cannot be greater than readyReplicas]"},
    {KindId::kJob, R"({"status":{"startTime":"2025-01-01T00:00:00Z"}})",
     R"({"status":{)" DONE CONDITIONS("SuccessCriteriaMet", "Complete") "}}", ""},
    {KindId::kJob, R"({"status":{"startTime":"2025-01-01T00:00:00Z"}})",
     R"({"status":{)" DONE CONDITIONS("Failed", "Complete") "}}",
     "[status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions, "
     "status.conditions: Invalid "
     "value: cannot set Failed=True condition without the FailureTarget=true condition, status.conditions: "
     "Invalid value: "
     "cannot set Complete=True condition without the SuccessCriteriaMet=true condition]"},
    {KindId::kJob, R"({"status":{"startTime":"2025-01-01T00:00:00Z"}})",
     R"({"status":{"startTime":"2025-01-01T00:00:09Z"}})",
     "status.startTime: Required value: startTime cannot be removed for unsuspended job"},
    {KindId::kJob,
     R"({"status":{"startTime":"2025-01-01T00:00:00Z","conditions":[{"type":"Suspended","status":"True"}]}})",
     R"({"status":{"startTime":"2025-01-01T00:00:09Z","conditions":[{"type":"Suspended","status":"False"}]}})", ""},
    {KindId::kJob, R"({"status":{"failed":2,"succeeded":1}})",
     R"({"status":{"failed":1,"active":1,"ready":2}})",
     "[status.ready: Invalid value: 2: cannot set more ready pods than active, status.failed: Invalid value: "
     "1: cannot decrease "
     "the failed counter, status.succeeded: Invalid value: 0: cannot decrease the succeeded counter]"},
    {KindId::kJob, "", R"({"status":{"completedIndexes":"1"}})",
     "[status.completedIndexes: Invalid value: \"1\": error parsing completedIndexes: too large index: "
     "\"1\", "
     "status.completedIndexes: Invalid value: \"1\": cannot set non-empty completedIndexes when non-indexed "
     "completion mode]"},
    {KindId::kPodDisruptionBudget, "", R"({"status":{"disruptionsAllowed":-1}})",
     "status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0"},
    {KindId::kService, "", R"({"status":{"loadBalancer":{"ingress":[{"ip":"1.1.1.1"}]}}})",
     "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"},
};

const UpdateRow kStorageRows[] = {
    {KindId::kCSINode, "", R"({"spec":{"drivers":[{"name":"e","nodeID":"a"}]}})", ""},
    {KindId::kCSINode, "", R"({"spec":{"drivers":[{"name":"d","nodeID":"b"}]}})",
     "spec.drivers: Invalid value: storage.CSINodeDriver{...}: field is immutable"},
    {KindId::kCSIDriver, "", R"({"spec":{"storageCapacity":true,"requiresRepublish":true}})", ""},
    {KindId::kCSIDriver, "", R"({"spec":{"attachRequired":false}})", "spec.attachedRequired: Invalid value: false: field is immutable"},
    {KindId::kCSIStorageCapacity, "", R"({"capacity":"5Gi","maximumVolumeSize":"1Gi"})", ""},
    {KindId::kCSIStorageCapacity, "", R"({"storageClassName":"e"})", "storageClassName: Invalid value: \"e\": field is immutable"},
    {KindId::kCSIStorageCapacity, "", R"({"nodeTopology":{"matchLabels":{"zone":"b"}}})",
     "nodeTopology: Invalid value: v1.LabelSelector{...}: field is immutable"},
    {KindId::kVolumeAttachment, "", R"({"spec":{"nodeName":"m"}})",
     "spec: Invalid value: storage.VolumeAttachmentSpec{...}: field is immutable"},
};

template <std::size_t N, class F>
void check_rows(const UpdateRow (&rows)[N], F validate) {
  for (const UpdateRow& row : rows) {
    CAPTURE(kind_of(row.kind).kind);
    CAPTURE(std::string(row.old));
    CAPTURE(std::string(row.next));
    CHECK(validate(*sample(row.kind, row.old), *sample(row.kind, row.next)).str() == std::string(row.error));
  }
}

TEST_CASE("validation: an object may replace itself, in whole and in status") {
  for (int id = 1; id <= static_cast<int>(kLastStored); ++id) {
    const auto kind = static_cast<KindId>(id);
    CAPTURE(kind_of(kind).kind);
    CHECK(validate_update(*sample(kind), *sample(kind)).str() == "");
    CHECK(validate_status_update(*sample(kind), *sample(kind)).str() == "");
  }
}

TEST_CASE("validation: updates") { check_rows(kUpdateRows, validate_update); }
TEST_CASE("validation: updates of CSI's kinds") { check_rows(kStorageRows, validate_update); }
TEST_CASE("validation: status writes") { check_rows(kStatusRows, validate_status_update); }

TEST_CASE("validation: ephemeral containers are added and stay") {
  const auto update = [](const char* old, const char* next) {
    return validate_ephemeral_containers_update(*sample(KindId::kPod, old), *sample(KindId::kPod, next))
        .str();
  };
  const char* with =
      R"({"spec":{"ephemeralContainers":[{"name":"e","image":"i:1","targetContainerName":"c"}]}})";
  CHECK(update("", with) == "");
  CHECK(update(with, "") ==
        "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"e\" may not be removed\n");
  CHECK(
      update(
          "",
          R"({"spec":{"ephemeralContainers":[{"name":"c","image":"i:1","ports":[{"containerPort":1}]}]}})") ==
      "[spec.ephemeralContainers[0].name: Duplicate value: \"c\", spec.ephemeralContainers[0].ports: "
      "Forbidden: cannot be "
      "set for an Ephemeral Container]");
  CHECK(
      update("",
             R"({"spec":{"ephemeralContainers":[{"name":"e","image":"i:1","targetContainerName":"x"}]}})") ==
      "spec.ephemeralContainers[0].targetContainerName: Not found: \"x\"");
}

TEST_CASE("validation: resize changes cpu and memory only") {
  const auto resize = [](const char* old, const char* next) {
    return validate_resize(*sample(KindId::kPod, old), *sample(KindId::kPod, next)).str();
  };
  const char* one =
      R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1","memory":"1Gi"}}}]}})";
  const char* two =
      R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"2","memory":"1Gi"}}}]}})";
  CHECK(resize(one, two) == "");
  CHECK(resize(one, "") ==
        "[spec: Invalid value: \"\": Pod QOS Class may not change as a result of resizing, "
        "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed]");
  CHECK(
      resize(
          one,
          R"({"spec":{"nodeName":"n","containers":[{"name":"c","resources":{"requests":{"cpu":"1",)"
          R"("memory":"1Gi"}}}]}})") ==
      "spec: Forbidden: only cpu and memory resources are mutable");
}

TEST_CASE("validation: parts that the old version shares are not looked at again") {
  const auto old = sample(KindId::kDeployment, R"({"spec":{"replicas":-1}})");
  const auto next = clone(*old);
  static_cast<Deployment*>(edit_value(*next))->metadata.annotations.set("a", "b");
  CHECK(validate_update(*old, *next).str() == "");
  static_cast<Deployment*>(edit_value(*next))->spec.edit().paused = true;
  CHECK(validate_update(*old, *next).str() ==
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0");
}

TEST_CASE("index ranges") {
  const auto problem = [](const char* text) {
    const auto ranges = IndexRanges::parse(text, 10);
    return ranges ? std::to_string(ranges->count()) : ranges.error().message;
  };
  CHECK(problem("") == "0");
  CHECK(problem("1,3-5,7") == "5");
  CHECK(problem("3,1") == "non-increasing order, previous: 3, current: 1");
  CHECK(problem("3-3") == "non-increasing order, previous: 3, current: 3");
  CHECK(problem("10") == "too large index: \"10\"");
  CHECK(problem("x") == "cannot convert string to integer for index: \"x\"");
  CHECK(problem("1-2-3") ==
        "the fragment \"1-2-3\" violates the requirement that an index interval can have at most two parts "
        "separated by '-'");
  const auto a = IndexRanges::parse("0-2,5,8-9", 10);
  CHECK(a->first_common(*IndexRanges::parse("3-4,6-8", 10)) == 8);
  CHECK(a->first_common(*IndexRanges::parse("3-4,6-7", 10)) == -1);
}

TEST_CASE("addresses") {
  const struct {
    const char* text;
    bool valid, v4, loopback, link_local;
  } rows[] = {
      {"10.0.0.1", true, true, false, false},
      {"127.9.9.9", true, true, true, false},
      {"169.254.0.1", true, true, false, true},
      {"010.000.0.1", true, true, false, false},
      {"1.2.3", false, false, false, false},
      {"1.2.3.256", false, false, false, false},
      {"1.2.3.4.", false, false, false, false},
      {"::1", true, false, true, false},
      {"::", true, false, false, false},
      {"fe80::1", true, false, false, true},
      {"2001:db8::ffff", true, false, false, false},
      {"1:2:3:4:5:6:7:8", true, false, false, false},
      {"1:2:3:4:5:6:7", false, false, false, false},
      {"1::2::3", false, false, false, false},
      {"::ffff:1.2.3.4", true, true, false, false},
      {"g::", false, false, false, false},
      {"1:2:3:4:5:6:7::8", false, false, false, false},
      {"", false, false, false, false},
      {":1", false, false, false, false},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    const auto ip = parse_ip(row.text);
    REQUIRE(ip.has_value() == row.valid);
    if (!ip) continue;
    CHECK(ip->is_v4() == row.v4);
    CHECK(ip->is_loopback() == row.loopback);
    CHECK(ip->is_link_local_unicast() == row.link_local);
  }
  bool v4 = false;
  CHECK(parse_cidr("10.0.0.0/32", v4));
  CHECK(v4);
  CHECK(parse_cidr("2001:db8::/128", v4));
  CHECK(!v4);
  CHECK(!parse_cidr("10.0.0.0/33", v4));
  CHECK(!parse_cidr("10.0.0.0", v4));
}

}  // namespace
}  // namespace orrery::api
