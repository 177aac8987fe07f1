// NodeWorld: one kubelet between a FakeApiserver and FakeContainers.
#pragma once
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "model/api/lease.h"
#include "model/api/node.h"
#include "nodes/kubelet/kubelet.h"
#include "tests/client/fake_apiserver.h"
#include "tests/nodes/fake_containers.h"

namespace orrery::test {

inline api::Container container(const char* name, const char* image) {
  api::Container c;
  c.name = name;
  c.image = image;
  c.image_pull_policy = "IfNotPresent";
  return c;
}

inline api::Pod bound_pod(const char* name, std::vector<api::Container> containers, const char* restart_policy = "Always") {
  api::Pod p;
  p.metadata.name = name;
  p.metadata.namespace_ = "default";
  api::PodSpec& spec = p.spec.edit();
  spec.node_name = "worker-1";
  spec.restart_policy = restart_policy;
  spec.termination_grace_period_seconds = 30;
  spec.containers = std::move(containers);
  p.status.edit().phase = "Pending";
  return p;
}

struct NodeWorld {
  FakeProcess process;
  FakeContainers containers{process.time};
  FakeApiserver api{process};
  env::Environment env{process.time, process.time, process.random, process.network, process.disk, containers,
                       process.dataplane, process.compute, process.trace, process.faults, process.self, process.trampoline};
  std::unique_ptr<kubelet::Kubelet> kubelet;
  std::vector<std::pair<base::Str, std::int32_t>> volume_limits;

  NodeWorld() { containers.present("app:1"); }

  kubelet::KubeletConfig config() const {
    kubelet::KubeletConfig c;
    c.node_name = "worker-1";
    c.node_ip = "192.168.0.1";
    c.apiservers.push_back({"api-1", api::kApiserverPort});
    c.volume_limits = volume_limits;
    return c;
  }
  void start() {
    kubelet = std::make_unique<kubelet::Kubelet>(env, config());
    run(base::kSecond);
  }
  /// The process dies, and another one starts.
  void restart() {
    kubelet.reset();
    containers.new_process();
    api.break_watches();
    start();
  }
  void run(base::Nanos span) { process.time.run_for(span); }
  api::Handle<api::Pod> pod(const char* name) const { return api.get<api::Pod>("default", name); }
  std::string phase(const char* name) const { return pod(name) ? pod(name)->status->phase.str() : "gone"; }
  const api::ContainerStatus& status(const char* pod_name, std::size_t i = 0) const {
    return pod(pod_name)->status->container_statuses[i];
  }
  std::string condition(const char* pod_name, const char* type) const {
    const api::PodCondition* c = api::find_condition(*pod(pod_name)->status, type);
    return c ? c->status.str() + (c->reason.empty() ? "" : " " + c->reason.str()) : "none";
  }
  /// "Reason: message" of every event about the object, in order of creation.
  std::vector<std::string> events(const char* name) const {
    std::vector<std::pair<std::int64_t, std::string>> found;
    for (const auto& e : api.all<api::Event>("")) {
      if (e->involved_object.name == name) found.emplace_back(e->metadata.resource_version.value, e->reason.str() + ": " + e->message.str());
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> out;
    for (auto& [at, text] : found) out.push_back(std::move(text));
    return out;
  }
  bool has_event(const char* name, const std::string& text) const {
    for (const std::string& e : events(name)) {
      if (e == text) return true;
    }
    return false;
  }
  void remove(const char* name, std::int64_t grace = 30) {
    api.edit<api::Pod>("default", name, [&](api::Pod& p) {
      p.metadata.deletion_timestamp = api::Time::from(process.time.wall() + grace * base::kSecond);
      p.metadata.deletion_grace_period_seconds = grace;
    });
  }
  std::string log() const {
    std::string out;
    for (const std::string& line : containers.log) out += line + "\n";
    return out;
  }
};

}  // namespace orrery::test
