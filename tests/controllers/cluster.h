// Cluster: controllers over a FakeApiserver, with a scheduler and kubelets that do the least that controllers depend on.
#pragma once
#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "control/controllers/controller.h"
#include "model/api/container.h"
#include "model/api/event.h"
#include "model/api/node.h"
#include "model/api/pod.h"
#include "model/api/pod_template.h"
#include "model/api/selector.h"
#include "tests/client/fake_apiserver.h"

namespace orrery::test {

using base::kMillisecond;
using base::kSecond;

/// Pods are bound at the next tick and ready a second later; deleted ones end a second after their deletion.
struct Cluster {
  Cluster() { tick(); }

  template <class C>
  void add() {
    clients.push_back(std::make_unique<client::Client>(process.env(), api.config()));
    controllers.push_back(std::make_unique<C>(
        controllers::ControllerContext{process.env(), *clients.back(), informers, config}));
  }
  /// Starts everything. Objects put before are the initial state.
  void start() {
    informers.start();
    for (auto& c : controllers) c->start(2);
    run(kSecond);
  }
  void run(base::Nanos span) { process.time.run_for(span); }

  /// Of all pods: "name:node:phase" is too much to compare; names in order are enough.
  std::vector<std::string> pods() {
    std::vector<std::string> out;
    for (const auto& p : api.all<api::Pod>()) out.push_back(p->metadata.name.str() + (p->metadata.deleting() ? "!" : ""));
    return out;
  }
  std::vector<std::string> events(std::string_view reason) {
    std::vector<std::string> out;
    for (const auto& e : api.all<api::Event>()) {
      if (e->reason == reason) out.push_back(e->message.str());
    }
    return out;
  }

  FakeProcess process;
  FakeApiserver api{process};
  client::Client client{process.env(), api.config()};
  client::InformerSet informers{process.env(), client};
  controllers::ManagerConfig config;
  std::vector<std::unique_ptr<client::Client>> clients;
  std::vector<std::unique_ptr<controllers::Controller>> controllers;
  std::set<std::string> broken_images;  ///< pods with them never get ready
  bool kubelets = true;
  std::function<void()> every_tick;

 private:
  void tick() {
    if (every_tick) every_tick();
    if (kubelets) {
      for (const auto& p : api.all<api::Pod>("")) work(p);
    }
    process.time.after(10 * kMillisecond, [this] { tick(); });
  }
  void work(const api::Handle<api::Pod>& p) {
    const api::ObjectMeta& m = p->metadata;
    const std::int64_t now = process.time.wall().ns;
    if (m.deleting()) {
      const std::int64_t since = m.deletion_timestamp.instant().ns - 30 * kSecond;
      if (now - since >= kSecond) api.erase(KindId::kPod, m.namespace_.str(), m.name.str());
      return;
    }
    if (p->spec->node_name.empty()) {
      api::Pod next = *p;
      next.spec.edit().node_name = target(*p);
      api.put(std::move(next));
    } else if (p->status->phase == "Pending" && now - m.creation_timestamp.instant().ns >= kSecond &&
               !broken_images.count(p->spec->containers[0].image.str())) {
      api::Pod next = *p;
      next.status.edit().phase = "Running";
      api::PodCondition ready;
      ready.type = "Ready";
      ready.status = "True";
      ready.last_transition_time = api::Time::from(process.time.wall());
      next.status.edit().conditions.push_back(ready);
      api.put(std::move(next));
    }
  }
  static Str target(const api::Pod& p) {
    if (p.spec->affinity && p.spec->affinity->node_affinity) {
      const auto& required = p.spec->affinity->node_affinity->required_during_scheduling_ignored_during_execution;
      if (required) return required->node_selector_terms[0].match_fields[0].values[0];
    }
    return "node-0";
  }
};

inline api::PodTemplateSpec web_template(const char* image = "web:1") {
  api::PodTemplateSpec t;
  t.metadata.labels.set("app", "web");
  api::Container c;
  c.name = "c";
  c.image = image;
  t.spec.edit().containers.push_back(c);
  return t;
}

inline api::LabelSelector web_selector() {
  api::LabelSelector s;
  s.match_labels.set("app", "web");
  return s;
}

}  // namespace orrery::test
