#include "control/apiserver/field_values.h"

#include "model/api/config_map.h"
#include "model/api/event.h"
#include "model/api/namespace.h"
#include "model/api/node.h"
#include "model/api/pod.h"
#include "model/api/service.h"

namespace orrery::apiserver {

namespace {

using api::KindId;

std::string_view flag(bool b) { return b ? "true" : "false"; }

std::string_view pod_field(const api::Pod& pod, std::string_view field) {
  if (field == "spec.nodeName") return pod.spec->node_name;
  if (field == "status.phase") return pod.status->phase;
  if (field == "spec.schedulerName") return pod.spec->scheduler_name;
  if (field == "spec.restartPolicy") return pod.spec->restart_policy;
  if (field == "spec.serviceAccountName") return pod.spec->service_account_name;
  if (field == "spec.hostNetwork") return flag(pod.spec->host_network);
  if (field == "status.podIP") return pod.status->pod_ip;
  if (field == "status.nominatedNodeName") return pod.status->nominated_node_name;
  return {};
}

std::string_view event_field(const api::Event& e, std::string_view field) {
  if (field == "involvedObject.kind") return e.involved_object.kind;
  if (field == "involvedObject.namespace") return e.involved_object.namespace_;
  if (field == "involvedObject.name") return e.involved_object.name;
  if (field == "involvedObject.uid") return e.involved_object.uid;
  if (field == "involvedObject.apiVersion") return e.involved_object.api_version;
  if (field == "involvedObject.resourceVersion") return e.involved_object.resource_version;
  if (field == "involvedObject.fieldPath") return e.involved_object.field_path;
  if (field == "reason") return e.reason;
  if (field == "reportingComponent") return e.reporting_component;
  if (field == "source")
    return e.source.component.empty() ? e.reporting_component : e.source.component;
  if (field == "type") return e.type;
  return {};
}

std::string_view fields_of(KindId kind) {
  switch (kind) {
    case KindId::kPod:
      return " spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName "
             "spec.hostNetwork status.phase "
             "status.podIP status.nominatedNodeName ";
    case KindId::kEvent:
      return " involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid "
             "involvedObject.apiVersion involvedObject.resourceVersion involvedObject.fieldPath "
             "reason "
             "reportingComponent source type ";
    case KindId::kNode:
      return " spec.unschedulable ";
    case KindId::kNamespace:
      return " status.phase ";
    case KindId::kSecret:
      return " type ";
    case KindId::kService:
      return " spec.clusterIP spec.type ";
    default:
      return "";
  }
}

}  // namespace

std::string check_field_label(KindId kind, std::string_view field) {
  if (field == "metadata.name") return {};
  if (field == "metadata.namespace" && api::kind_of(kind).namespaced) return {};
  if (fields_of(kind).find(base::cat(" ", field, " ")) != std::string_view::npos) return {};
  if (fields_of(kind).empty()) {
    return base::cat(
        "\"", field,
        "\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
  }
  return base::cat("field label not supported: ", field);
}

std::string_view field_value(const api::Object& object, std::string_view field) {
  if (field == "metadata.name") return object.meta().name;
  if (field == "metadata.namespace") return object.meta().namespace_;
  switch (object.kind_id()) {
    case KindId::kPod:
      return pod_field(object.as<api::Pod>(), field);
    case KindId::kEvent:
      return event_field(object.as<api::Event>(), field);
    case KindId::kNode:
      return flag(object.as<api::Node>().spec->unschedulable);
    case KindId::kNamespace:
      return object.as<api::Namespace>().status->phase;
    case KindId::kSecret:
      return object.as<api::Secret>().type;
    case KindId::kService: {
      const api::ServiceSpec& spec = *object.as<api::Service>().spec;
      return field == "spec.type" ? spec.type.view() : spec.cluster_ip.view();
    }
    default:
      return {};
  }
}

}  // namespace orrery::apiserver
