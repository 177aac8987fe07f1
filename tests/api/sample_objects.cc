#include "tests/api/sample_objects.h"

#include <doctest/doctest.h>

#include <string>

#include "model/api/defaults/defaults.h"
#include "model/codec/json_read.h"
#include "model/codec/patch.h"

namespace orrery::api::test {

namespace {

#define META R"("metadata":{"name":"a","namespace":"ns"})"
#define TEMPLATE(policy)                                                              \
  R"("template":{"metadata":{"labels":{"app":"a"}},"spec":{"restartPolicy":")" policy \
  R"(","containers":[{"name":"c","image":"i:1"}]}})"
#define SELECTOR R"("selector":{"matchLabels":{"app":"a"}},)"

const char* base_of(KindId kind) {
  switch (kind) {
    case KindId::kNamespace:
      return R"({"metadata":{"name":"a"},"spec":{"finalizers":["kubernetes"]}})";
    case KindId::kNode:
      return R"({"metadata":{"name":"a"}})";
    case KindId::kPod:
      return "{" META R"(,"spec":{"containers":[{"name":"c","image":"i:1"}]}})";
    case KindId::kService:
      return "{" META R"(,"spec":{"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"ports":[{"port":80}]}})";
    case KindId::kEndpoints:
      return "{" META R"(,"subsets":[{"addresses":[{"ip":"10.1.1.1"}],"ports":[{"port":80}]}]})";
    case KindId::kEndpointSlice:
      return "{" META
             R"(,"addressType":"IPv4","endpoints":[{"addresses":["10.1.1.1"]}],"ports":[{"port":80}]})";
    case KindId::kReplicaSet:
      return "{" META R"(,"spec":{)" SELECTOR TEMPLATE("Always") "}}";
    case KindId::kReplicationController:
      return "{" META R"(,"spec":{"selector":{"app":"a"},)" TEMPLATE("Always") "}}";
    case KindId::kDeployment:
      return "{" META R"(,"spec":{)" SELECTOR TEMPLATE("Always") "}}";
    case KindId::kStatefulSet:
      return "{" META R"(,"spec":{"serviceName":"s",)" SELECTOR TEMPLATE("Always") "}}";
    case KindId::kDaemonSet:
      return "{" META R"(,"spec":{)" SELECTOR TEMPLATE("Always") "}}";
    case KindId::kControllerRevision:
      return "{" META R"(,"data":{"a":1},"revision":1})";
    case KindId::kJob:
      return "{" META R"(,"spec":{"manualSelector":true,)" SELECTOR TEMPLATE("Never") "}}";
    case KindId::kCronJob:
      return "{" META R"(,"spec":{"schedule":"* * * * *","jobTemplate":{"spec":{)" TEMPLATE("Never") "}}}}";
    case KindId::kPodDisruptionBudget:
      return "{" META R"(,"spec":{"minAvailable":1}})";
    case KindId::kPodGroup:
      return "{" META R"(,"spec":{"minMember":2}})";
    case KindId::kPriorityClass:
      return R"({"metadata":{"name":"a"},"value":1})";
    case KindId::kPersistentVolume:
      return R"({"metadata":{"name":"a"},"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},)"
             R"("hostPath":{"path":"/x"}}})";
    case KindId::kPersistentVolumeClaim:
      return "{" META
             R"(,"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})";
    case KindId::kStorageClass:
      return R"({"metadata":{"name":"a"},"provisioner":"p"})";
    case KindId::kCSINode:
      return R"({"metadata":{"name":"a"},"spec":{"drivers":[{"name":"d","nodeID":"a","topologyKeys":["zone"]}]}})";
    case KindId::kCSIDriver:
      return R"({"metadata":{"name":"a"},"spec":{}})";
    case KindId::kCSIStorageCapacity:
      return "{" META R"(,"storageClassName":"c","nodeTopology":{"matchLabels":{"zone":"a"}}})";
    case KindId::kVolumeAttachment:
      return R"({"metadata":{"name":"a"},"spec":{"attacher":"d","nodeName":"n","source":{"persistentVolumeName":"v"}}})";
    case KindId::kEvent:
      return "{" META R"(,"involvedObject":{"namespace":"ns","name":"x"}})";
    case KindId::kBinding:
      return R"({"target":{"kind":"Node","name":"n"}})";
    case KindId::kEviction:
    case KindId::kScale:
      return "{" META "}";
    default:
      return "{" META "}";
  }
}

}  // namespace

base::Ref<Object> sample(KindId id, std::string_view patch) {
  const Kind& kind = kind_of(id);
  std::string text = base_of(id);
  if (!patch.empty()) {
    auto document = codec::parse_json(text);
    const auto change = codec::parse_json(patch);
    REQUIRE_MESSAGE(change.ok(), std::string(patch));
    auto merged = codec::apply_strategic_patch(kind.type(), std::move(document).value(), *change);
    REQUIRE_MESSAGE(merged.ok(), std::string(patch));
    text = merged->dump();
  }
  codec::ReadOptions options;
  options.validation = FieldValidation::kStrict;
  auto object = codec::read_object_as(kind, text, options);
  const std::string problem = object ? "" : object.error().message + " in " + std::string(patch);
  REQUIRE_MESSAGE(problem.empty(), problem);
  base::Ref<Object> ready = std::move(object).value();
  object = base::invalid("");
  apply_defaults(kind, edit_value(*ready));
  return ready;
}

}  // namespace orrery::api::test
