#include "control/apiserver/bootstrap.h"

#include "model/api/namespace.h"
#include "model/api/priority_class.h"
#include "model/api/service.h"

namespace orrery::apiserver {

namespace {

constexpr base::Nanos kRetry = base::kSecond;
constexpr base::Nanos kCheckInterval = base::kMinute;

ObjectRef make_namespace(const char* name) {
  api::Namespace ns;
  ns.metadata.name = name;
  return api::make_object(std::move(ns));
}

ObjectRef make_priority_class(const char* name, std::int32_t value, const char* description) {
  api::PriorityClass c;
  c.metadata.name = name;
  c.value = value;
  c.description = description;
  return api::make_object(std::move(c));
}

/// The first address of the service range.
std::string first_ip(std::string_view base) {
  const std::size_t dot = base.rfind('.');
  int last = 0;
  for (const char c : base.substr(dot + 1)) last = last * 10 + (c - '0');
  return base::cat(base.substr(0, dot + 1), std::to_string(last + 1));
}

ObjectRef make_kubernetes_service(const ApiserverConfig& config) {
  api::Service s;
  s.metadata.name = "kubernetes";
  s.metadata.namespace_ = "default";
  s.metadata.labels.set("component", "apiserver");
  s.metadata.labels.set("provider", "kubernetes");
  api::ServiceSpec& spec = s.spec.edit();
  spec.type = "ClusterIP";
  spec.cluster_ip = first_ip(config.service_cidr_base);
  api::ServicePort port;
  port.name = "https";
  port.protocol = "TCP";
  port.port = 443;
  port.target_port = std::int32_t{api::kApiserverPort};
  spec.ports.push_back(std::move(port));
  return api::make_object(std::move(s));
}

}  // namespace

Bootstrap::Bootstrap(env::Environment& env, const ApiserverConfig& config, LocalHandle handle)
    : env_(env), handle_(std::move(handle)) {
  for (const char* ns : {"kube-system", "kube-public", "kube-node-lease", "default"}) {
    objects_.push_back(make_namespace(ns));
  }
  objects_.push_back(make_priority_class(
      "system-node-critical", 2'000'001'000,
      "Used for system critical pods that must not be moved from their current node."));
  objects_.push_back(
      make_priority_class("system-cluster-critical", 2'000'000'000,
                          "Used for system critical pods that must run in the cluster, but can be "
                          "moved to another node if necessary."));
  objects_.push_back(make_kubernetes_service(config));
}

void Bootstrap::start() {
  at_ = 0;
  next();
}

void Bootstrap::next() {
  if (at_ == objects_.size()) {
    done_ = true;
    env_.timers.after(kCheckInterval, [this, alive = live_.token()] {
      if (alive.alive()) start();
    });
    return;
  }
  auto request = base::make_ref<api::ApiRequest>();
  request->kind = objects_[at_]->kind_id();
  request->namespace_ = objects_[at_]->meta().namespace_;
  request->user = "system:apiserver";
  const bool look =
      done_;  // after the first round things usually exist: a read is cheaper than a refused write
  request->verb = look ? api::Verb::kGet : api::Verb::kCreate;
  if (look) {
    request->name = objects_[at_]->meta().name;
  } else {
    request->format = api::BodyFormat::kHandle;
    request->object = objects_[at_];
  }
  handle_(std::move(request), [this, look, alive = live_.token()](ResponseRef response) {
    if (!alive.alive()) return;
    const bool exists = response->code < 300 || (!look && response->code == 409);
    if (exists) {
      ++at_;
      return next();
    }
    if (look && response->code == 404) {
      done_ = false;
      return next();
    }
    env_.timers.after(kRetry, [this, alive] {
      if (alive.alive()) next();
    });
  });
}

}  // namespace orrery::apiserver
