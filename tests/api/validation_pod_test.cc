// What the API refuses, and in which words: creates of pods.
#include "model/api/validation/validation.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/api/sample_objects.h"

namespace orrery::api {
namespace {

using test::sample;

struct PodRow {
  KindId kind;
  const char* patch;
  const char* error;
};

#define C(text) R"({"spec":{"containers":[{"name":"c",)" text "}]}}"

const PodRow kPodRows[] = {
    {KindId::kPod, R"({"spec":{"containers":null}})", "spec.containers: Required value"},
    {KindId::kPod, C(R"("image":"")"), "spec.containers[0].image: Required value"},
    {KindId::kPod, C(R"("image":" i ")"),
     "spec.containers[0].image: Invalid value: \" i \": must not have leading or trailing whitespace"},
    {KindId::kPod,
     R"({"spec":{"initContainers":[{"name":"c","image":"i","livenessProbe":{"exec":{"command":["x"]}}}]}})",
     "[spec.initContainers[0].name: Duplicate value: \"c\", spec.initContainers[0].livenessProbe: Forbidden: "
     "may not be set "
     "for init containers without restartPolicy=Always]"},
    {KindId::kPod,
     R"({"spec":{"initContainers":[{"name":"s","image":"i","restartPolicy":"Always",)"
     R"("livenessProbe":{"exec":{"command":["x"]}}}]}})",
     ""},
    {KindId::kPod, R"({"spec":{"initContainers":[{"name":"s","image":"i","restartPolicy":"Never"}]}})",
     "spec.initContainers[0].restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""},
    {KindId::kPod, C(R"("restartPolicy":"Always")"),
     "spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers"},
    {KindId::kPod, C(R"("imagePullPolicy":"Maybe")"),
     "spec.containers[0].imagePullPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", "
     "\"IfNotPresent\", "
     "\"Never\""},
    {KindId::kPod, C(R"("ports":[{"containerPort":0}])"),
     "spec.containers[0].ports[0].containerPort: Required value"},
    {KindId::kPod, C(R"("ports":[{"containerPort":70000,"protocol":"X"}])"),
     "[spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, "
     "inclusive, "
     "spec.containers[0].ports[0].protocol: Unsupported value: \"X\": supported values: \"SCTP\", \"TCP\", "
     "\"UDP\"]"},
    {KindId::kPod, C(R"("ports":[{"containerPort":80,"hostPort":81},{"containerPort":82,"hostPort":81}])"),
     "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//81\""},
    {KindId::kPod, C(R"("ports":[{"containerPort":80,"name":"p"},{"containerPort":82,"name":"p"}])"),
     "spec.containers[0].ports[1].name: Duplicate value: \"p\""},
    {KindId::kPod,
     R"({"spec":{"hostNetwork":true,"containers":[{"name":"c","ports":[{"containerPort":80,)"
     R"("hostPort":81}]}]}})",
     "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` "
     "is true"},
    {KindId::kPod, C(R"("env":[{"name":""}])"), "spec.containers[0].env[0].name: Required value"},
    {KindId::kPod, C(R"("env":[{"name":"a","valueFrom":{}}])"),
     "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, "
     "`resourceFieldRef`, "
     "`configMapKeyRef` or `secretKeyRef`"},
    {KindId::kPod,
     C(R"("env":[{"name":"a","value":"x","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}])"),
     "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not "
     "empty"},
    {KindId::kPod, C(R"("env":[{"name":"a","valueFrom":{"fieldRef":{"fieldPath":"status.phase"}}}])"),
     "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"status.phase\": supported "
     "values: "
     "\"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", "
     "\"spec.serviceAccountName\", "
     "\"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\""},
    {KindId::kPod, C(R"("env":[{"name":"a","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['a']"}}}])"),
     ""},
    {KindId::kPod, C(R"("env":[{"name":"a","valueFrom":{"fieldRef":{"fieldPath":"nope"}}}])"),
     "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"nope\": error converting "
     "fieldPath: field "
     "label not supported: nope"},
    {KindId::kPod,
     C(R"("env":[{"name":"a","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"2"}}}])"),
     "spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: \"limits.cpu\": only "
     "divisor's values 1m "
     "and 1 are supported with the cpu resource"},
    {KindId::kPod, C(R"("envFrom":[{}])"),
     "spec.containers[0].envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`"},
    {KindId::kPod, C(R"("livenessProbe":{})"),
     "spec.containers[0].livenessProbe: Required value: must specify a handler type"},
    {KindId::kPod, C(R"("livenessProbe":{"exec":{},"tcpSocket":{"port":1},"successThreshold":2})"),
     "[spec.containers[0].livenessProbe.exec.command: Required value, "
     "spec.containers[0].livenessProbe.tcpSocket: Forbidden: "
     "may not specify more than 1 handler type, spec.containers[0].livenessProbe.successThreshold: Invalid "
     "value: 2: must be 1]"},
    {KindId::kPod, C(R"("readinessProbe":{"httpGet":{"port":"no_name!","scheme":"FTP"},"periodSeconds":-1})"),
     "[spec.containers[0].readinessProbe.httpGet.port: Invalid value: \"no_name!\": must contain only "
     "alpha-numeric "
     "characters (a-z, 0-9), and hyphens (-), spec.containers[0].readinessProbe.httpGet.scheme: Unsupported "
     "value: \"FTP\": "
     "supported values: \"HTTP\", \"HTTPS\", spec.containers[0].readinessProbe.periodSeconds: Invalid value: "
     "-1: must be "
     "greater than or equal to 0]"},
    {KindId::kPod, C(R"("lifecycle":{"preStop":{"sleep":{"seconds":31}}})"),
     "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than "
     "terminationGracePeriodSeconds (30)"},
    {KindId::kPod, C(R"("resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2"}})"),
     "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit "
     "of 1"},
    {KindId::kPod, C(R"("resources":{"requests":{"example.com/gpu":"1"}})"),
     "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable "
     "resources"},
    {KindId::kPod, C(R"("resources":{"limits":{"example.com/gpu":"500m"}})"),
     "[spec.containers[0].resources.limits[example.com/gpu]: Invalid value: 500m: must be an integer, "
     "spec.containers[0].resources.requests[example.com/gpu]: Invalid value: 500m: must be an integer]"},
    {KindId::kPod, C(R"("resources":{"requests":{"memory":"-1"}})"),
     "spec.containers[0].resources.requests[memory]: Invalid value: \"-1\": must be greater than or equal to "
     "0"},
    {KindId::kPod, C(R"("resources":{"requests":{"pods":"1"}})"),
     "spec.containers[0].resources.requests[pods]: Invalid value: \"pods\": must be a standard resource for "
     "containers"},
    {KindId::kPod, C(R"("resources":{"limits":{"hugepages-2Mi":"3Mi"}})"),
     "[spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive "
     "integer multiple of "
     "hugepages-2Mi, spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is "
     "not positive "
     "integer multiple of hugepages-2Mi, spec.containers[0].resources: Forbidden: HugePages require cpu or "
     "memory]"},
    {KindId::kPod, C(R"("resources":{"claims":[{"name":"x"}]})"),
     "spec.containers[0].resources.claims[0]: Not found: \"x\": must be one of the names in "
     "pod.spec.resourceClaims which is "
     "empty"},
    {KindId::kPod, C(R"("resizePolicy":[{"resourceName":"disk","restartPolicy":"NotRequired"}])"),
     "spec.containers[0].resizePolicy: Unsupported value: \"disk\": supported values: \"cpu\", \"memory\""},
    {KindId::kPod, C(R"("volumeMounts":[{"name":"v","mountPath":"/x"}])"),
     "spec.containers[0].volumeMounts[0].name: Not found: \"v\""},
    {KindId::kPod,
     R"({"spec":{"volumes":[{"name":"v"}],"containers":[{"name":"c","volumeMounts":[{"name":"v",)"
     R"("mountPath":"/x",)"
     R"("subPath":"../y"}],"volumeDevices":[{"name":"v","devicePath":"/x"}]}]}})",
     "[spec.containers[0].volumeMounts[0].name: Invalid value: \"v\": must not already exist in "
     "volumeDevices, "
     "spec.containers[0].volumeMounts[0].mountPath: Invalid value: \"/x\": must not already exist as a path "
     "in volumeDevices, "
     "spec.containers[0].volumeMounts.subPath: Invalid value: \"../y\": must not contain '..', "
     "spec.containers[0].volumeDevices[0].name: Invalid value: \"v\": can only use volume source type of "
     "PersistentVolumeClaim or Ephemeral for block mode, "
     "spec.containers[0].volumeDevices[0].name: Invalid value: \"v\": must not already exist in "
     "volumeMounts, "
     "spec.containers[0].volumeDevices[0].devicePath: Invalid value: \"/x\": must not already exist as a "
     "path in volumeMounts]"},
    {KindId::kPod, R"({"spec":{"volumes":[{"name":"v","emptyDir":{},"hostPath":{"path":"/"}}]}})",
     "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"},
    {KindId::kPod, R"({"spec":{"volumes":[{"name":"v","hostPath":{"path":"/a/../b","type":"X"}}]}})",
     "[spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..', "
     "spec.volumes[0].hostPath.type: "
     "Unsupported value: \"X\": supported values: \"\", \"BlockDevice\", \"CharDevice\", \"Directory\", "
     "\"DirectoryOrCreate\", \"File\", \"FileOrCreate\", \"Socket\"]"},
    {KindId::kPod,
     R"({"spec":{"volumes":[{"name":"v","secret":{"defaultMode":1000,"items":[{"key":"k",)"
     R"("path":"..x"}]}}]}})",
     "[spec.volumes[0].secret.secretName: Required value, spec.volumes[0].secret.defaultMode: Invalid value: "
     "1000: must be a "
     "number between 0 and 0777 (octal), both inclusive, spec.volumes[0].secret.items[0].path: Invalid "
     "value: \"..x\": must "
     "not start with '..']"},
    {KindId::kPod,
     R"({"spec":{"serviceAccountName":"sa","volumes":[{"name":"v","projected":{"sources":[)"
     R"({"serviceAccountToken":{"path":"t","expirationSeconds":5}},{"configMap":{"name":"m","items":[)"
     R"({"key":"a","path":"p"},{"key":"b","path":"p"}]}}]}}]}})",
     "[spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not "
     "specify a "
     "duration less than 10 minutes, spec.volumes[0].projected: Invalid value: \"m\": conflicting duplicate "
     "paths]"},
    {KindId::kPod,
     R"({"spec":{"volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]}})",
     "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when "
     "serviceAccountName is "
     "not set"},
    {KindId::kPod, R"({"spec":{"volumes":[{"name":"v","nfs":{"server":"s","path":"rel"}}]}})",
     "spec.volumes[0].nfs.path: Invalid value: \"rel\": must be an absolute path"},
    {KindId::kPod, R"({"spec":{"restartPolicy":"Sometimes","dnsPolicy":"X"}})",
     "[spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", "
     "\"Never\", "
     "spec.dnsPolicy: Unsupported value: \"X\": supported values: \"ClusterFirstWithHostNet\", "
     "\"ClusterFirst\", \"Default\", "
     "\"None\"]"},
    {KindId::kPod, R"({"spec":{"dnsPolicy":"None"}})",
     "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"},
    {KindId::kPod,
     R"({"spec":{"dnsConfig":{"nameservers":["1.2.3"],"searches":["a_b.c.",".","B"],"options":[{}]}}})",
     "[spec.dnsConfig.nameservers[0]: Invalid value: \"1.2.3\": must be a valid IP address, (e.g. 10.9.8.7 "
     "or "
     "2001:db8::ffff), spec.dnsConfig.searches[2]: Invalid value: \"B\": a lowercase RFC 1123 subdomain must "
     "consist of lower "
     "case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character "
     "(e.g. "
     "'example.com', regex used for validation is "
     "'_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*'), "
     "spec.dnsConfig.options[0]: Required value: must not be empty]"},
    {KindId::kPod, R"({"spec":{"activeDeadlineSeconds":0}})",
     "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"},
    {KindId::kPod,
     R"({"spec":{"tolerations":[{"operator":"Equal"},{"key":"k","operator":"Exists","value":"v"},)"
     R"({"key":"k","tolerationSeconds":1},{"key":"k","effect":"X"},{"key":"k","operator":"X"}]}})",
     "[spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, "
     "which means "
     "\"match all values and all keys\", spec.tolerations[1].operator: Invalid value: \"v\": value must be "
     "empty when "
     "`operator` is 'Exists', spec.tolerations[2].effect: Invalid value: \"\": effect must be 'NoExecute' "
     "when "
     "`tolerationSeconds` is set, spec.tolerations[3].effect: Unsupported value: \"X\": supported values: "
     "\"NoSchedule\", "
     "\"PreferNoSchedule\", \"NoExecute\", spec.tolerations[4].operator: Unsupported value: \"X\": supported "
     "values: "
     "\"Equal\", \"Exists\"]"},
    {KindId::kPod,
     R"({"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{)"
     R"("nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"In"},{"key":"b","operator":"Gt"}],)"
     R"("matchFields":[{"key":"x","operator":"Exists"}]}]}}}}})",
     "[spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]."
     "matchExpressions[0]."
     "values: Required value: must be specified when `operator` is 'In' or 'NotIn', "
     "spec.affinity.nodeAffinity."
     "requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].values: "
     "Required value: must be "
     "specified single value when `operator` is 'Lt' or 'Gt', spec.affinity.nodeAffinity."
     "requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].operator: Invalid "
     "value: \"Exists\": "
     "not a valid selector operator, "
     "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
     "nodeSelectorTerms[0].matchFields[0].key: Invalid value: \"x\": not a valid field selector key]"},
    {KindId::kPod,
     R"({"spec":{"affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[)"
     R"({"weight":101,"podAffinityTerm":{"topologyKey":"","matchLabelKeys":["a"]}}]}}}})",
     "[spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid "
     "value: 101: must be in "
     "the range 1-100, "
     "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm."
     "matchLabelKeys: Forbidden: must not be specified when labelSelector is not set, "
     "spec.affinity.podAntiAffinity."
     "preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Required value: can "
     "not be empty, "
     "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm."
     "topologyKey: Invalid "
     "value: \"\": name part must be non-empty, spec.affinity.podAntiAffinity."
     "preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Invalid value: \"\": "
     "name part must "
     "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
     "character (e.g. "
     "'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
     "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')]"},
    {KindId::kPod,
     R"({"spec":{"topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"z",)"
     R"("whenUnsatisfiable":"ScheduleAnyway",)"
     R"("minDomains":1,"nodeTaintsPolicy":"X"}]}})",
     "[spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero, "
     "spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if "
     "whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway, "
     "spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported "
     "value: \"X\": supported values: \"Honor\", \"Ignore\"]"},
    {KindId::kPod, R"({"spec":{"schedulingGates":[{"name":"g"}],"nodeName":"n"}})",
     "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"},
    {KindId::kPod, R"({"spec":{"ephemeralContainers":[{"name":"e","image":"i"}]}})",
     "spec.ephemeralContainers: Forbidden: cannot be set on create"},
    {KindId::kPod, R"({"spec":{"hostAliases":[{"ip":"300.1.1.1"}],"preemptionPolicy":"X"}})",
     "[spec.hostAliases[0].ip: Invalid value: \"300.1.1.1\": must be a valid IP address, (e.g. 10.9.8.7 or "
     "2001:db8::ffff), "
     "spec.preemptionPolicy: Unsupported value: \"X\": supported values: \"PreemptLowerPriority\", "
     "\"Never\"]"},
    {KindId::kPod,
     R"({"spec":{"securityContext":{"runAsUser":-1,"sysctls":[{"name":"Bad"}],"seccompProfile":{)"
     R"("type":"Localhost"}}}})",
     "[spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive, "
     "spec.securityContext.sysctls[0].name: Invalid value: \"Bad\": must have at most 253 characters and "
     "match regex "
     "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$, "
     "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is "
     "Localhost]"},
    {KindId::kPod,
     C(R"("securityContext":{"privileged":true,"allowPrivilegeEscalation":false,"procMount":"X"})"),
     "[spec.containers[0].securityContext.procMount: Unsupported value: \"X\": supported values: "
     "\"Default\", \"Unmasked\", "
     "spec.containers[0].securityContext: Invalid value: core.SecurityContext{...}: cannot set "
     "`allowPrivilegeEscalation` to "
     "false and `privileged` to true]"},
    {KindId::kPod, R"({"spec":{"os":{"name":"windows"},"hostPID":true,"securityContext":{"runAsUser":1}}})",
     "[spec.hostPID: Forbidden: cannot be set for a windows pod, spec.securityContext.runAsUser: Forbidden: "
     "cannot be set for "
     "a windows pod]"},
    {KindId::kPod, R"({"spec":{"os":{"name":"plan9"}}})",
     "spec.os: Unsupported value: \"plan9\": supported values: \"linux\", \"windows\""},
    {KindId::kPod, R"({"metadata":{"annotations":{"controller.kubernetes.io/pod-deletion-cost":"+1"}}})",
     "metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"+1\": must be a "
     "32bit integer"},
};

TEST_CASE("validation: pods") {
  for (const PodRow& row : kPodRows) {
    CAPTURE(kind_of(row.kind).kind);
    CAPTURE(std::string(row.patch));
    CHECK(validate_create(*sample(row.kind, row.patch)).str() == std::string(row.error));
  }
}

}  // namespace
}  // namespace orrery::api
