// What the API refuses, and in which words: creates of all kinds but pods.
#include "model/api/validation/validation.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/api/sample_objects.h"

namespace orrery::api {
namespace {

using test::sample;

struct CreateRow {
  KindId kind;
  const char* patch;
  const char* error;
};

const CreateRow kMetaRows[] = {
    {KindId::kConfigMap, R"({"metadata":{"name":null}})",
     "metadata.name: Required value: name or generateName is required"},
    {KindId::kConfigMap, R"({"metadata":{"namespace":null}})", "metadata.namespace: Required value"},
    {KindId::kNode, R"({"metadata":{"namespace":"x"}})",
     "metadata.namespace: Forbidden: not allowed on this type"},
    {KindId::kPodDisruptionBudget, R"({"metadata":{"name":"a/b"}})",
     "metadata.name: Invalid value: \"a/b\": may not contain '/'"},
    {KindId::kConfigMap, R"({"metadata":{"annotations":{"a b":""}}})",
     "metadata.annotations: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', "
     "'_' or '.', and "
     "must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex "
     "used for "
     "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
    {KindId::kConfigMap, R"({"metadata":{"annotations":{"Example.COM/x":"y"}}})", ""},
    {KindId::kConfigMap, R"({"metadata":{"generation":-1}})",
     "metadata.generation: Invalid value: -1: must be greater than or equal to 0"},
    {KindId::kConfigMap,
     R"({"metadata":{"ownerReferences":[{"apiVersion":"","kind":"","name":"","uid":"u"}]}})",
     "[metadata.ownerReferences.apiVersion: Invalid value: \"\": version must not be empty, "
     "metadata.ownerReferences.kind: Invalid value: \"\": must not be empty, "
     "metadata.ownerReferences.name: Invalid value: \"\": must not be empty]"},
    {KindId::kConfigMap,
     R"({"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"A","name":"x","uid":"1",)"
     R"("controller":true},)"
     R"({"apiVersion":"apps/v1","kind":"B","name":"y","uid":"2","controller":true}]}})",
     "metadata.ownerReferences: Invalid value: []v1.OwnerReference{...}: Only one reference can have "
     "Controller set to true. "
     "Found \"true\" in references for A/x and B/y"},
    {KindId::kConfigMap, R"({"metadata":{"finalizers":["odd"]}})",
     "metadata.finalizers[0]: Invalid value: \"odd\": name is neither a standard finalizer name nor is it "
     "fully qualified"},
    {KindId::kConfigMap, R"({"metadata":{"finalizers":["orphan","foregroundDeletion"]}})",
     "metadata.finalizers: Invalid value: []string{\"orphan\", \"foregroundDeletion\"}: finalizer orphan and "
     "foregroundDeletion cannot be both set"},
    {KindId::kConfigMap, R"({"metadata":{"managedFields":[{"operation":"X","fieldsType":"Y"}]}})",
     "[metadata.managedFields[0].operation: Invalid value: \"X\": must be `Apply` or `Update`, "
     "metadata.managedFields[0].fieldsType: Invalid value: \"Y\": must be `FieldsV1`]"},
    {KindId::kPod, R"({"metadata":{"name":null,"generateName":"web-"}})",
     "metadata.name: Required value: name or generateName is required"},
};

const CreateRow kWorkloadRows[] = {
    {KindId::kDeployment, R"({"spec":{"selector":{"matchLabels":{"app":"b"}}}})",
     "spec.template.metadata.labels: Invalid value: map[string]string{\"app\":\"a\"}: `selector` does not "
     "match template "
     "`labels`"},
    {KindId::kDeployment, R"({"spec":{"selector":null}})", "spec.selector: Required value"},
    {KindId::kDeployment, R"({"spec":{"selector":{"matchLabels":null}}})",
     "spec.selector: Invalid value: v1.LabelSelector{...}: empty selector is invalid for deployment"},
    {KindId::kDeployment, R"({"spec":{"replicas":-1,"minReadySeconds":600}})",
     "[spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.progressDeadlineSeconds: "
     "Invalid value: 600: "
     "must be greater than minReadySeconds]"},
    {KindId::kDeployment, R"({"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":"0%"}}}})",
     "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0%: may not be 0 when `maxSurge` is 0"},
    {KindId::kDeployment,
     R"({"spec":{"strategy":{"rollingUpdate":{"maxSurge":"x","maxUnavailable":"101%"}}}})",
     "[spec.strategy.rollingUpdate.maxSurge: Invalid value: x: a valid percent string must be a numeric "
     "string followed by an "
     "ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%'), "
     "spec.strategy.rollingUpdate.maxUnavailable: "
     "Invalid value: 101%: must not be greater than 100%]"},
    {KindId::kDeployment, R"({"spec":{"strategy":{"type":"Recreate","rollingUpdate":{"maxSurge":1}}}})",
     "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"},
    {KindId::kDeployment, R"({"spec":{"strategy":{"type":"X"}}})",
     "spec.strategy.type: Unsupported value: \"X\": supported values: \"Recreate\", \"RollingUpdate\""},
    {KindId::kDeployment,
     R"({"spec":{"template":{"spec":{"restartPolicy":"Never","activeDeadlineSeconds":5}}}})",
     "[spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\", "
     "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not "
     "Supported]"},
    {KindId::kReplicaSet, R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":null}]}}}})",
     "spec.template.spec.containers[0].image: Required value"},
    {KindId::kReplicationController, R"({"spec":{"minReadySeconds":-1,"replicas":-2}})",
     "[spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0, spec.replicas: Invalid value: -2: must be "
     "greater than or equal to 0]"},
    {KindId::kReplicationController, R"({"spec":{"selector":null,"template":null}})",
     "[spec.selector: Required value, spec.template: Required value]"},
    {KindId::kReplicationController, R"({"spec":{"selector":{"x":"y"}}})",
     R"(spec.template.metadata.labels: Invalid value: map[string]string{"app":"a"}: `selector` does not match template `labels`)"},
    {KindId::kReplicationController,
     R"({"spec":{"template":{"spec":{"restartPolicy":"OnFailure","activeDeadlineSeconds":5}}}})",
     "[spec.template.spec.restartPolicy: Unsupported value: \"OnFailure\": supported values: \"Always\", "
     "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported]"},
    {KindId::kDaemonSet, R"({"spec":{"updateStrategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":1}}}})",
     "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is "
     "non-zero"},
    {KindId::kDaemonSet, R"({"spec":{"updateStrategy":{"rollingUpdate":{"maxUnavailable":0}}}})",
     "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"},
    {KindId::kStatefulSet,
     R"({"spec":{"podManagementPolicy":"X","updateStrategy":{"type":"OnDelete","rollingUpdate":{}}}})",
     "[spec.podManagementPolicy: Invalid value: \"X\": must be 'OrderedReady' or 'Parallel', "
     "spec.updateStrategy.rollingUpdate: Invalid value: apps.RollingUpdateStatefulSetStrategy{...}: only "
     "allowed for "
     "updateStrategy 'RollingUpdate']"},
    {KindId::kControllerRevision, R"({"data":null,"revision":-1})",
     "[data: Required value: data is mandatory, revision: Invalid value: -1: must be greater than or equal "
     "to 0]"},
    {KindId::kJob, R"({"spec":{"template":{"spec":{"restartPolicy":"Always"}}}})",
     "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""},
    {KindId::kJob,
     R"({"spec":{"completionMode":"Indexed","completions":null,"parallelism":2,"maxFailedIndexes":1}})",
     "[spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified, spec.completions: "
     "Required value: when "
     "completion mode is Indexed]"},
    {KindId::kJob, R"({"spec":{"backoffLimitPerIndex":1}})",
     "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"},
    {KindId::kJob,
     R"({"spec":{"podFailurePolicy":{"rules":[{"action":"Ignore"},{"action":"FailJob","onExitCodes":{)"
     R"("operator":"In","values":[2,0,1,1],"containerName":"z"}}]},)"
     R"("podReplacementPolicy":"TerminatingOrFailed"}})",
     "[spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is "
     "required, "
     "spec.podFailurePolicy.rules[1].onExitCodes.containerName: Invalid value: \"z\": must be one of the "
     "container or "
     "initContainer names in the pod template, spec.podFailurePolicy.rules[1].onExitCodes.values[1]: Invalid "
     "value: 0: must "
     "not be 0 for the In operator, spec.podFailurePolicy.rules[1].onExitCodes.values[3]: Duplicate value: "
     "1, "
     "spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: []int32{...}: must be ordered, "
     "spec.podReplacementPolicy: Unsupported value: \"TerminatingOrFailed\": supported values: \"Failed\"]"},
    {KindId::kJob,
     R"({"spec":{"completionMode":"Indexed","completions":3,"successPolicy":{"rules":[{)"
     R"("succeededIndexes":"0-2,5"},)"
     R"({"succeededIndexes":"0-1","succeededCount":3}]}}})",
     "[spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"0-2,5\": error parsing "
     "succeededIndexes: too large "
     "index: \"5\", spec.successPolicy.rules[1].succeededCount: Invalid value: 3: must be less than or equal "
     "to 2 (the number "
     "of indexes in the specified succeededIndexes field)]"},
    {KindId::kJob, R"({"metadata":{"uid":"u"},"spec":{"manualSelector":false}})",
     "[spec.template.metadata.labels[controller-uid]: Required value: must be 'u', "
     "spec.template.metadata.labels[batch.kubernetes.io/controller-uid]: Required value: must be 'u', "
     "spec.template.metadata.labels[job-name]: Required value: must be 'a', "
     "spec.template.metadata.labels[batch.kubernetes.io/job-name]: Required value: must be 'a', "
     "spec.selector: Invalid value: v1.LabelSelector{...}: `selector` not auto-generated]"},
    {KindId::kCronJob, R"({})", ""},
    {KindId::kCronJob, R"({"spec":{"schedule":""}})", "spec.schedule: Required value"},
    {KindId::kCronJob, R"({"spec":{"schedule":"error"}})",
     "spec.schedule: Invalid value: \"error\": expected exactly 5 fields, found 1: [error]"},
    {KindId::kCronJob, R"({"spec":{"schedule":"TZ=UTC 0 * * * *"}})",
     "spec.schedule: Invalid value: \"TZ=UTC 0 * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead"},
    {KindId::kCronJob, R"({"spec":{"timeZone":"Etc/UTC"}})", ""},
    {KindId::kCronJob, R"({"spec":{"timeZone":"America/New_York"}})", ""},
    {KindId::kCronJob, R"({"spec":{"timeZone":""}})",
     "spec.timeZone: Invalid value: \"\": timeZone must be nil or non-empty string"},
    {KindId::kCronJob, R"({"spec":{"timeZone":"Local"}})",
     "spec.timeZone: Invalid value: \"Local\": timeZone must be an explicit time zone as defined in "
     "https://www.iana.org/time-zones"},
    {KindId::kCronJob, R"({"spec":{"timeZone":"Mars/Base"}})",
     "spec.timeZone: Invalid value: \"Mars/Base\": unknown time zone Mars/Base"},
    {KindId::kCronJob, R"({"spec":{"startingDeadlineSeconds":-1}})",
     "spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0"},
    {KindId::kCronJob, R"({"spec":{"concurrencyPolicy":"Never"}})",
     "spec.concurrencyPolicy: Unsupported value: \"Never\": supported values: \"Allow\", \"Forbid\", \"Replace\""},
    {KindId::kCronJob, R"({"spec":{"successfulJobsHistoryLimit":-1,"failedJobsHistoryLimit":-1}})",
     "[spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0, "
     "spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0]"},
    {KindId::kCronJob, R"({"spec":{"jobTemplate":{"spec":{"manualSelector":true}}}})",
     "spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: \"nil\", \"false\""},
    {KindId::kCronJob, R"({"spec":{"jobTemplate":{"spec":{"backoffLimit":-1}}}})",
     "spec.jobTemplate.spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0"},
    {KindId::kCronJob, R"({"metadata":{"name":"10000000002000000000300000000040000000005000000000123"}})",
     "metadata.name: Invalid value: \"10000000002000000000300000000040000000005000000000123\": must be no more than 52 "
     "characters"},
    {KindId::kJob, R"({"spec":{"managedBy":"me"}})",
     "spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path (such as \"acme.io/foo\")"},
};

const CreateRow kOtherRows[] = {
    {KindId::kNamespace, R"({"metadata":{"name":"a.b"}})",
     "metadata.name: Invalid value: \"a.b\": must not contain dots"},
    {KindId::kNamespace, R"({"metadata":{"name":"a_b"}})",
     "metadata.name: Invalid value: \"a_b\": a lowercase RFC 1123 label must consist of lower case "
     "alphanumeric characters or "
     "'-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
     "for validation is "
     "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"},
    {KindId::kNode,
     R"({"spec":{"taints":[{"key":"k","effect":"NoSchedule"},{"key":"k","effect":"NoSchedule"},{)"
     R"("key":"k"}]}})",
     "[metadata.taints[1]: Duplicate value: core.Taint{...}: taints must be unique by key and effect pair, "
     "metadata.taints[2].effect: Required value]"},
    {KindId::kNode,
     R"({"spec":{"podCIDRs":["10.0.0.0/8","10.1.0.0/x"]},"status":{"capacity":{"cpu":"-1","pods":"1.5"}}})",
     "[status.capacity.cpu: Invalid value: \"-1\": must be greater than or equal to 0, status.capacity.pods: "
     "Invalid value: "
     "1500m: must be an integer, status.allocatable.cpu: Invalid value: \"-1\": must be greater than or "
     "equal to 0, "
     "status.allocatable.pods: Invalid value: 1500m: must be an integer, spec.podCIDRs[1]: Invalid value: "
     "\"10.1.0.0/x\": "
     "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)]"},
    {KindId::kService, R"({"spec":{"ports":null}})", "spec.ports: Required value"},
    {KindId::kService, R"({"metadata":{"name":"1a"}})",
     "metadata.name: Invalid value: \"1a\": a DNS-1035 label must consist of lower case alphanumeric "
     "characters or '-', start "
     "with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
     "regex used for "
     "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"},
    {KindId::kService, R"({"spec":{"ports":[{"port":81,"nodePort":3}]}})",
     "[spec.ports[0].name: Required value, spec.ports[1].name: Required value, spec.ports[0].nodePort: "
     "Forbidden: may not be "
     "used when `type` is 'ClusterIP']"},
    {KindId::kService, R"({"spec":{"type":"ExternalName"}})",
     "[spec.clusterIPs: Forbidden: may not be set for ExternalName services, spec.externalName: Required "
     "value]"},
    {KindId::kService, R"({"spec":{"clusterIP":"None","clusterIPs":["None"],"type":"NodePort"}})",
     "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"},
    {KindId::kService, R"({"spec":{"sessionAffinity":"X","type":"Y"}})",
     "[spec.sessionAffinity: Unsupported value: \"X\": supported values: \"ClientIP\", \"None\", spec.type: "
     "Unsupported value: "
     "\"Y\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"]"},
    {KindId::kService,
     R"({"spec":{"externalTrafficPolicy":"Local","loadBalancerClass":"a/b","healthCheckNodePort":1}})",
     "[spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer', "
     "spec.externalTrafficPolicy: Invalid "
     "value: \"Local\": may only be set for externally-accessible services, spec.healthCheckNodePort: "
     "Invalid value: 1: may "
     "only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local']"},
    {KindId::kService,
     R"({"spec":{"clusterIPs":["10.0.0.2"],"ipFamilies":["IPv6"],"externalIPs":["127.0.0.1"]}})",
     "[spec.clusterIPs: Invalid value: []string{\"10.0.0.2\"}: first value must match `clusterIP`, "
     "spec.clusterIPs[0]: Invalid "
     "value: \"10.0.0.2\": expected an IPv6 value as indicated by `ipFamilies[0]`, spec.externalIPs[0]: "
     "Invalid value: "
     "\"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)]"},
    {KindId::kEndpoints, R"({"subsets":[{"addresses":[{"ip":"169.254.1.1"}],"ports":[{"port":0}]},{}]})",
     "[subsets[0].addresses[0].ip: Invalid value: \"169.254.1.1\": may not be in the link-local range "
     "(169.254.0.0/16, "
     "fe80::/10), subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, "
     "subsets[1]: Required "
     "value: must specify `addresses` or `notReadyAddresses`]"},
    {KindId::kEndpointSlice, R"({"addressType":"IPv6","ports":[{"port":1},{"port":2}]})",
     "[endpoints[0].addresses[0]: Invalid value: \"10.1.1.1\": must be a valid IPv6 address, ports[1].name: "
     "Duplicate value: "
     "\"\"]"},
    {KindId::kEndpointSlice, R"({"addressType":"FQDN","endpoints":[{"addresses":["a"]},{}]})",
     "[endpoints[0].addresses[0]: Invalid value: \"a\": should be a domain with at least two segments "
     "separated by dots, "
     "endpoints[1].addresses: Required value: must contain at least 1 address]"},
    {KindId::kConfigMap, R"({"data":{"a b":"x","k":"v"},"binaryData":{"k":"AA=="}})",
     "[data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', "
     "'_' or '.' (e.g. "
     "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+'), data[k]: "
     "Invalid value: "
     "\"k\": duplicate of key present in binaryData]"},
    {KindId::kSecret, R"({"type":"kubernetes.io/tls"})",
     "[data[tls.crt]: Required value, data[tls.key]: Required value]"},
    {KindId::kEvent, R"({"involvedObject":{"namespace":"other"}})",
     "involvedObject.namespace: Invalid value: \"other\": does not match event.namespace"},
    {KindId::kEvent,
     R"({"eventTime":"2025-01-01T00:00:00.000000Z","reportingComponent":"a","reportingInstance":"b"})",
     "[action: Required value, reason: Required value]"},
    {KindId::kLease, R"({"spec":{"leaseDurationSeconds":0,"leaseTransitions":-1}})",
     "[spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0, spec.leaseTransitions: Invalid "
     "value: -1: must be "
     "greater than or equal to 0]"},
    {KindId::kPodDisruptionBudget, R"({"spec":{"maxUnavailable":"x%","unhealthyPodEvictionPolicy":"Y"}})",
     "[spec: Invalid value: policy.PodDisruptionBudgetSpec{...}: minAvailable and maxUnavailable cannot be "
     "both set, "
     "spec.maxUnavailable: Invalid value: x%: a valid percent string must be a numeric string followed by an "
     "ending '%' (e.g. "
     "'1%',  or '93%', regex used for validation is '[0-9]+%'), spec.unhealthyPodEvictionPolicy: Unsupported "
     "value: \"Y\": "
     "supported values: \"AlwaysAllow\", \"IfHealthyBudget\"]"},
    {KindId::kPodGroup, R"({"spec":{"minMember":3}})", ""},
    {KindId::kPodGroup, R"({"spec":{"minMember":null}})", "spec.minMember: Invalid value: 0: spec.minMember in body should be greater than or equal to 1"},
    {KindId::kPriorityClass, R"({"value":1000000001})",
     "value: Forbidden: maximum allowed value of a user defined priority is 1000000000"},
    {KindId::kPriorityClass, R"({"metadata":{"name":"system-node-critical"},"value":2000001000})", ""},
    {KindId::kPriorityClass, R"({"metadata":{"name":"system-x"}})",
     "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. "
     "error: system-x is "
     "not a known system priority class"},
    {KindId::kResourceQuota,
     R"({"spec":{"hard":{"cpu":"-1","nope":"1"},"scopes":["BestEffort","NotBestEffort"]}})",
     "[spec.hard[cpu]: Invalid value: \"-1\": must be greater than or equal to 0, spec.hard[nope]: Invalid "
     "value: \"nope\": "
     "must be a standard resource type or fully qualified, spec.hard[nope]: Invalid value: \"nope\": must be "
     "a standard "
     "resource for quota, spec.scopes: Invalid value: []string{\"BestEffort\", \"NotBestEffort\"}: "
     "unsupported scope applied "
     "to resource, spec.scopes: Invalid value: []string{\"BestEffort\", \"NotBestEffort\"}: conflicting "
     "scopes]"},
    {KindId::kPersistentVolume,
     R"({"spec":{"accessModes":null,"capacity":{"storage":"0"},"persistentVolumeReclaimPolicy":"X"}})",
     "[spec.accessModes: Required value, spec.capacity[storage]: Invalid value: \"0\": must be greater than "
     "zero, "
     "spec.persistentVolumeReclaimPolicy: Unsupported value: \"X\": supported values: \"Delete\", "
     "\"Recycle\", \"Retain\"]"},
    {KindId::kPersistentVolume, R"({"spec":{"hostPath":null,"local":{"path":"/x"}}})",
     "spec.nodeAffinity: Required value: Local volume requires node affinity"},
    {KindId::kPersistentVolumeClaim,
     R"({"spec":{"accessModes":["Some","ReadWriteOncePod","ReadWriteOnce"],"resources":null}})",
     "[spec.accessModes: Unsupported value: \"Some\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", "
     "\"ReadWriteOnce\", \"ReadWriteOncePod\", spec.accessModes: Forbidden: may not use ReadWriteOncePod "
     "with other access "
     "modes, spec.resources[storage]: Required value]"},
    {KindId::kStorageClass, R"({"provisioner":"","volumeBindingMode":"X"})",
     "[provisioner: Required value, volumeBindingMode: Unsupported value: \"X\": supported values: "
     "\"Immediate\", "
     "\"WaitForFirstConsumer\"]"},
    {KindId::kCSINode, R"({"spec":{"drivers":[{"name":"d","nodeID":"","topologyKeys":["zone","zone"],"allocatable":{"count":-1}},)"
                       R"({"name":"-","nodeID":"b"}]}})",
     "[spec.drivers[0].nodeID: Required value, spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to "
     "0, spec.drivers[0]: Duplicate value: \"zone\", spec.drivers[1].name: Invalid value: \"-\": a lowercase RFC 1123 subdomain must "
     "consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. "
     "'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')]"},
    {KindId::kCSIDriver, R"({"spec":{"fsGroupPolicy":"X","volumeLifecycleModes":["Y"],"tokenRequests":[{"audience":"a","expirationSeconds":1},)"
                         R"({"audience":"a"}]}})",
     "[spec.fsGroupPolicy: Unsupported value: \"X\": supported values: \"File\", \"None\", \"ReadWriteOnceWithFSType\", "
     "spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes, "
     "spec.tokenRequests[1].audience: Duplicate value: \"a\", spec.volumeLifecycleModes: Unsupported value: \"Y\": supported values: "
     "\"Persistent\", \"Ephemeral\"]"},
    {KindId::kCSIStorageCapacity, R"({"capacity":"-1"})", "capacity: Invalid value: \"-1\": must be greater than or equal to 0"},
    {KindId::kVolumeAttachment, R"({"spec":{"source":{"persistentVolumeName":null}}})",
     "spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"},
    {KindId::kVolumeAttachment, R"({"spec":{"source":{"inlineVolumeSpec":{"hostPath":{"path":"/x"}}}}})",
     "spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName"},
    {KindId::kBinding, R"({"target":{"kind":"Pod","name":""}})",
     "[target.kind: Unsupported value: \"Pod\": supported values: \"Node\", \"<empty>\", target.name: "
     "Required value]"},
    {KindId::kScale, R"({"spec":{"replicas":-1}})",
     "spec.replicas: Invalid value: -1: must be greater than or equal to 0"},
};

template <std::size_t N>
void check_rows(const CreateRow (&rows)[N]) {
  for (const CreateRow& row : rows) {
    CAPTURE(kind_of(row.kind).kind);
    CAPTURE(std::string(row.patch));
    CHECK(validate_create(*sample(row.kind, row.patch)).str() == std::string(row.error));
  }
}

TEST_CASE("validation: the sample of every kind is valid") {
  for (int id = 1; id < static_cast<int>(KindId::kCount); ++id) {
    CAPTURE(kind_of(static_cast<KindId>(id)).kind);
    CHECK(validate_create(*sample(static_cast<KindId>(id))).str() == "");
  }
}

TEST_CASE("validation: metadata") { check_rows(kMetaRows); }
TEST_CASE("validation: workloads") { check_rows(kWorkloadRows); }
TEST_CASE("validation: other kinds") { check_rows(kOtherRows); }

}  // namespace
}  // namespace orrery::api
