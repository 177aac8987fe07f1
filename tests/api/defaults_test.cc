// Defaults as a real 1.33 control plane stores them.
#include "model/api/defaults/defaults.h"

#include <doctest/doctest.h>

#include "model/api/defaults/pod_defaults.h"
#include "model/api/deployment.h"
#include "model/api/object.h"
#include "model/codec/json_read.h"
#include "model/codec/json_write.h"

namespace orrery::api {
namespace {

base::Ref<Object> read(const Kind& kind, std::string_view text) {
  codec::ReadOptions options;
  options.validation = FieldValidation::kStrict;
  auto object = codec::read_object_as(kind, text, options);
  const std::string problem = object ? "" : object.error().message;
  REQUIRE_MESSAGE(problem.empty(), problem);
  return *object;
}

std::string json_of(const Object& object) {
  std::string out;
  codec::write_json(object.kind().type(), object.value(), out);
  return out;
}

struct Row {
  KindId kind;
  const char* given;
  const char* stored;
};

const char* const kTemplateIn = R"("template":{"spec":{"containers":[{"name":"c","image":"app:v1"}]}})";
const char* const kTemplateOut =
    R"("template":{"spec":{"containers":[{"name":"c","image":"app:v1","imagePullPolicy":"IfNotPresent",)"
    R"("terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],)"
    R"("dnsPolicy":"ClusterFirst",)"
    R"("restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},)"
    R"("terminationGracePeriodSeconds":30}})";

/// TEMPLATE stands for a template with one container.
std::string expand(std::string text, const char* with) {
  for (std::size_t at; (at = text.find("TEMPLATE")) != std::string::npos;) text.replace(at, 8, with);
  return text;
}

const Row kRows[] = {
    {KindId::kNamespace, R"({"metadata":{"name":"a"}})",
     R"({"metadata":{"name":"a","labels":{"kubernetes.io/metadata.name":"a"}},"status":{"phase":"Active"}})"},
    {KindId::kNamespace, R"({"metadata":{"generateName":"a-"}})",
     R"({"metadata":{"generateName":"a-"},"status":{"phase":"Active"}})"},
    {KindId::kNode, R"({"status":{"capacity":{"cpu":"0.0001"}}})",
     R"({"status":{"capacity":{"cpu":"1m"},"allocatable":{"cpu":"1m"}}})"},
    {KindId::kNode, R"({"status":{"capacity":{"cpu":"4"},"allocatable":{"cpu":"3"}}})",
     R"({"status":{"capacity":{"cpu":"4"},"allocatable":{"cpu":"3"}}})"},
    {KindId::kService, R"({"spec":{"ports":[{"port":80}]}})",
     R"({"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":80}],"type":"ClusterIP",)"
     R"("sessionAffinity":"None",)"
     R"("internalTrafficPolicy":"Cluster"}})"},
    {KindId::kService,
     R"({"spec":{"type":"LoadBalancer","sessionAffinity":"ClientIP","ports":[{"port":80,)"
     R"("targetPort":"http"}]},)"
     R"("status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}})",
     R"({"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":"http"}],"type":"LoadBalancer",)"
     R"("sessionAffinity":"ClientIP",)"
     R"("sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800}},"externalTrafficPolicy":"Cluster",)"
     R"("internalTrafficPolicy":"Cluster","allocateLoadBalancerNodePorts":true},)"
     R"("status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4","ipMode":"VIP"}]}}})"},
    {KindId::kService, R"({"spec":{"type":"ExternalName","externalName":"x.y","sessionAffinityConfig":{}}})",
     R"({"spec":{"type":"ExternalName","externalName":"x.y","sessionAffinity":"None"}})"},
    {KindId::kService, R"({"spec":{"externalIPs":["1.2.3.4"]}})",
     R"({"spec":{"externalIPs":["1.2.3.4"],"type":"ClusterIP","sessionAffinity":"None",)"
     R"("internalTrafficPolicy":"Cluster",)"
     R"("externalTrafficPolicy":"Cluster"}})"},
    {KindId::kEndpoints, R"({"subsets":[{"ports":[{"port":1},{"port":2,"protocol":"UDP"}]}]})",
     R"({"subsets":[{"ports":[{"port":1,"protocol":"TCP"},{"port":2,"protocol":"UDP"}]}]})"},
    {KindId::kEndpointSlice, R"({"addressType":"IPv4","endpoints":[],"ports":[{"port":1}]})",
     R"({"addressType":"IPv4","endpoints":[],"ports":[{"name":"","protocol":"TCP","port":1}]})"},
    {KindId::kSecret, R"({"data":{"a":"Yg=="}})", R"({"data":{"a":"Yg=="},"type":"Opaque"})"},
    {KindId::kPriorityClass, R"({"value":5})", R"({"value":5,"preemptionPolicy":"PreemptLowerPriority"})"},
    {KindId::kStorageClass, R"({"provisioner":"p"})",
     R"({"provisioner":"p","reclaimPolicy":"Delete","volumeBindingMode":"Immediate"})"},
    {KindId::kCSIDriver, R"({"spec":{"attachRequired":false}})",
     R"({"spec":{"attachRequired":false,"podInfoOnMount":false,"volumeLifecycleModes":["Persistent"],"storageCapacity":false,)"
     R"("fsGroupPolicy":"ReadWriteOnceWithFSType","requiresRepublish":false,"seLinuxMount":false}})"},
    {KindId::kPersistentVolume, R"({"spec":{"hostPath":{"path":"/a"}}})",
     R"({"spec":{"hostPath":{"path":"/a","type":""},"persistentVolumeReclaimPolicy":"Retain",)"
     R"("volumeMode":"Filesystem"},)"
     R"("status":{"phase":"Pending"}})"},
    {KindId::kPersistentVolumeClaim, R"({"spec":{}})",
     R"({"spec":{"volumeMode":"Filesystem"},"status":{"phase":"Pending"}})"},
    {KindId::kReplicaSet, R"({"spec":{TEMPLATE}})", R"({"spec":{"replicas":1,TEMPLATE}})"},
    {KindId::kReplicationController, R"({"spec":{}})", R"({"spec":{"replicas":1}})"},
    {KindId::kReplicationController, R"({"spec":{"replicas":3,"selector":{"x":"y"},TEMPLATE}})",
     R"({"spec":{"replicas":3,"selector":{"x":"y"},TEMPLATE}})"},
    {KindId::kReplicationController, R"({"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[]}}}})",
     R"({"metadata":{"labels":{"a":"b"}},"spec":{"replicas":1,"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"}},)"
     R"("spec":{"containers":[],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler",)"
     R"("securityContext":{},"terminationGracePeriodSeconds":30}}}})"},
    {KindId::kDeployment, R"({"spec":{TEMPLATE}})",
     R"({"spec":{"replicas":1,"progressDeadlineSeconds":600,"revisionHistoryLimit":10,TEMPLATE,"strategy":)"
     R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}}}})"},
    {KindId::kDeployment, R"({"spec":{"replicas":0,TEMPLATE,"strategy":{"type":"Recreate"}}})",
     R"({"spec":{"replicas":0,"progressDeadlineSeconds":600,"revisionHistoryLimit":10,TEMPLATE,)"
     R"("strategy":{"type":"Recreate"}}})"},
    {KindId::kDeployment, R"({"spec":{TEMPLATE,"strategy":{"rollingUpdate":{"maxSurge":0}}}})",
     R"({"spec":{"replicas":1,"progressDeadlineSeconds":600,"revisionHistoryLimit":10,TEMPLATE,"strategy":)"
     R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":"25%"}}}})"},
    {KindId::kStatefulSet, R"({"spec":{"serviceName":"s",TEMPLATE,"volumeClaimTemplates":[{"spec":{}}]}})",
     R"({"spec":{"serviceName":"s","replicas":1,"revisionHistoryLimit":10,)"
     R"("podManagementPolicy":"OrderedReady",TEMPLATE,)"
     R"("persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},)"
     R"("volumeClaimTemplates":[{"spec":{"volumeMode":"Filesystem"},"status":{"phase":"Pending"}}],)"
     R"("updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}}}})"},
    {KindId::kStatefulSet, R"({"spec":{TEMPLATE,"updateStrategy":{"type":"RollingUpdate"}}})",
     R"({"spec":{"replicas":1,"revisionHistoryLimit":10,"podManagementPolicy":"OrderedReady",TEMPLATE,)"
     R"("persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},)"
     R"("updateStrategy":{"type":"RollingUpdate"}}})"},
    {KindId::kDaemonSet, R"({"spec":{TEMPLATE}})",
     R"({"spec":{"revisionHistoryLimit":10,TEMPLATE,)"
     R"("updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":1}}}})"},
    {KindId::kDaemonSet, R"({"spec":{TEMPLATE,"updateStrategy":{"type":"OnDelete"}}})",
     R"({"spec":{"revisionHistoryLimit":10,TEMPLATE,"updateStrategy":{"type":"OnDelete"}}})"},
    {KindId::kJob, R"({"spec":{TEMPLATE}})",
     R"({"spec":{"parallelism":1,"completions":1,"backoffLimit":6,"completionMode":"NonIndexed",)"
     R"("manualSelector":false,"suspend":false,)"
     R"("podReplacementPolicy":"TerminatingOrFailed",TEMPLATE}})"},
    {KindId::kJob,
     R"({"spec":{"completions":5,"backoffLimitPerIndex":1,"podFailurePolicy":{"rules":[)"
     R"({"action":"Ignore","onPodConditions":[{"type":"X"}]}]},TEMPLATE}})",
     R"({"spec":{"parallelism":1,"completions":5,"backoffLimit":2147483647,"backoffLimitPerIndex":1,)"
     R"("podFailurePolicy":{"rules":[{"action":"Ignore","onPodConditions":[{"type":"X","status":"True"}]}]},)"
     R"("completionMode":"NonIndexed","manualSelector":false,"suspend":false,)"
     R"("podReplacementPolicy":"Failed",TEMPLATE}})"},
    {KindId::kJob, R"({"spec":{"parallelism":3,"template":{"metadata":{"labels":{"a":"b"}}}}})",
     R"({"metadata":{"labels":{"a":"b"}},"spec":{"parallelism":3,"backoffLimit":6,)"
     R"("completionMode":"NonIndexed","manualSelector":false,)"
     R"("suspend":false,"podReplacementPolicy":"TerminatingOrFailed","template":{"metadata":{"labels":{)"
     R"("a":"b"}},)"
     R"("spec":{"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler",)"
     R"("securityContext":{},"terminationGracePeriodSeconds":30}}}})"},
    {KindId::kPod,
     R"({"spec":{"hostNetwork":true,"terminationGracePeriodSeconds":0,"volumes":[{"name":"e"},)"
     R"({"name":"s","secret":{"secretName":"x"}},{"name":"p","projected":{"sources":[{)"
     R"("serviceAccountToken":{"path":"t"}},)"
     R"({"downwardAPI":{"items":[{"path":"n","fieldRef":{"fieldPath":"metadata.name"}}]}}]}}],"containers":[)"
     R"({"name":"c","image":"app","ports":[{"containerPort":80},{"containerPort":81,"hostPort":8081,)"
     R"("protocol":"UDP"}],)"
     R"("resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"0"}},)"
     R"("livenessProbe":{"httpGet":{"port":80},"periodSeconds":5},"lifecycle":{"preStop":{"httpGet":{)"
     R"("port":1,"path":"/x"}}},)"
     R"("env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"}}}]}]}})",
     R"({"spec":{"hostNetwork":true,"terminationGracePeriodSeconds":0,"volumes":[{"name":"e","emptyDir":{}},)"
     R"({"name":"s","secret":{"secretName":"x","defaultMode":420}},{"name":"p","projected":{)"
     R"("defaultMode":420,"sources":[)"
     R"({"serviceAccountToken":{"path":"t","expirationSeconds":3600}},{"downwardAPI":{"items":[{"path":"n",)"
     R"("fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}]}}]}}],"containers":[{"name":"c",)"
     R"("image":"app",)"
     R"("imagePullPolicy":"Always","ports":[{"containerPort":80,"hostPort":80,"protocol":"TCP"},)"
     R"({"containerPort":81,"hostPort":8081,"protocol":"UDP"}],"resources":{"limits":{"cpu":"1",)"
     R"("memory":"1Gi"},)"
     R"("requests":{"cpu":"0","memory":"1Gi"}},"livenessProbe":{"httpGet":{"path":"/","port":80,)"
     R"("scheme":"HTTP"},)"
     R"("timeoutSeconds":1,"periodSeconds":5,"successThreshold":1,"failureThreshold":3},)"
     R"("lifecycle":{"preStop":{"httpGet":{"port":1,"path":"/x","scheme":"HTTP"}}},)"
     R"("env":[{"name":"A","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"spec.nodeName"}}}],)"
     R"("terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],)"
     R"("dnsPolicy":"ClusterFirst",)"
     R"("restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},)"
     R"("enableServiceLinks":true}})"},
    {KindId::kConfigMap, R"({"data":{"a":"b"}})", R"({"data":{"a":"b"}})"},
    {KindId::kLease, R"({"spec":{}})", R"({"spec":{}})"},
    {KindId::kPodDisruptionBudget, R"({"spec":{"maxUnavailable":1}})", R"({"spec":{"maxUnavailable":1}})"},
};

TEST_CASE("defaults: every row, and a second pass changes nothing") {
  for (const Row& row : kRows) {
    const Kind& kind = kind_of(row.kind);
    CAPTURE(kind.kind);
    CAPTURE(std::string(row.given));
    const auto object = read(kind, expand(row.given, kTemplateIn));
    apply_defaults(kind, edit_value(*object));
    const auto expected = read(kind, expand(row.stored, kTemplateOut));
    CHECK(json_of(*object) == json_of(*expected));
    const std::uint64_t hash = object->content_hash();
    const auto again = clone(*object);
    apply_defaults(kind, edit_value(*again));
    CHECK(again->content_hash() == hash);
  }
}

TEST_CASE("defaults: a pod of a defaulted template goes on sharing what it lacks nothing in") {
  const auto object = read(kind_of(KindId::kDeployment), expand(R"({"spec":{TEMPLATE}})", kTemplateIn));
  apply_defaults(object->kind(), edit_value(*object));
  const PodSpec& of_template = *object->as<Deployment>().spec->template_.spec;
  Pod pod;
  pod.spec = object->as<Deployment>().spec->template_.spec;
  apply_defaults(pod);
  CHECK(pod.spec->enable_service_links == true);
  CHECK(!of_template.enable_service_links);
  CHECK(pod.spec->containers.shares(of_template.containers));
  CHECK(pod.spec->security_context.shares(of_template.security_context));
  Pod second = pod;
  apply_defaults(second);
  CHECK(second.spec.shares(pod.spec));
}

TEST_CASE("defaults: pull policy by image") {
  const struct {
    const char* image;
    const char* policy;
  } rows[] = {
      {"app", "Always"},
      {"app:latest", "Always"},
      {"app:v1", "IfNotPresent"},
      {"", "IfNotPresent"},
      {"reg.io:5000/app", "Always"},
      {"reg.io:5000/app:v2", "IfNotPresent"},
      {"Reg.io/app", "Always"},
      {"App", "IfNotPresent"},
      {"app@sha256:0123", "IfNotPresent"},
      {"app:latest@sha256:0123", "Always"},
      {"a/b/c:latest", "Always"},
      {"localhost/App", "IfNotPresent"},
      {"app/", "IfNotPresent"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.image);
    CHECK(std::string_view(default_pull_policy(row.image)) == row.policy);
  }
}

}  // namespace
}  // namespace orrery::api
