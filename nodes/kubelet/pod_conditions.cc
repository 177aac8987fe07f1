#include <string>
#include <vector>

#include "nodes/kubelet/pod_status.h"
#include "model/api/pod_resources.h"
#include "nodes/kubelet/qos.h"

namespace orrery::kubelet {
namespace {

/// Names as Go prints a slice: "[a b]".
class Names {
 public:
  void add(const Str& name) {
    text_ += text_.empty() ? "[" : " ";
    text_ += name.view();
  }
  bool empty() const { return text_.empty(); }
  std::string str() const { return text_ + "]"; }

 private:
  std::string text_;
};

struct Truth {
  bool value = true;
  Str reason, message;
};

std::string joined(const Names& first, const char* first_text, const Names& second, const char* second_text) {
  std::string out;
  if (!first.empty()) out = first_text + first.str();
  if (!second.empty()) {
    if (!out.empty()) out += ", ";
    out += second_text + second.str();
  }
  return out;
}

Truth initialized(const StatusInput& in, const api::PodStatus& status) {
  Names unknown, incomplete;
  for (const api::Container& c : in.pod.spec->init_containers) {
    const api::ContainerStatus* s = find_status(status.init_container_statuses, c.name);
    if (!s) unknown.add(c.name);
    else if (is_sidecar(c) ? !s->started.value_or(false) : !s->ready) incomplete.add(c.name);
  }
  if (status.phase == "Succeeded" && unknown.empty()) return {true, "PodCompleted", {}};
  for (const api::ContainerStatus& s : status.container_statuses) {
    // Sidecars may restart later; a pod that got as far as its containers stays initialised.
    if (s.state.running || s.state.terminated || s.last_state.terminated) return {};
  }
  const std::string message = joined(unknown, "containers with unknown status: ", incomplete, "containers with incomplete status: ");
  if (!message.empty()) return {false, "ContainersNotInitialized", message};
  return {};
}

Truth containers_ready(const StatusInput& in, const api::PodStatus& status) {
  Names unknown, unready;
  for (const api::Container& c : in.pod.spec->init_containers) {
    if (!is_sidecar(c)) continue;
    const api::ContainerStatus* s = find_status(status.init_container_statuses, c.name);
    if (!s) unknown.add(c.name);
    else if (!s->ready) unready.add(c.name);
  }
  for (const api::Container& c : in.pod.spec->containers) {
    const api::ContainerStatus* s = find_status(status.container_statuses, c.name);
    if (!s) unknown.add(c.name);
    else if (!s->ready) unready.add(c.name);
  }
  if (status.phase == "Succeeded" && unknown.empty()) return {false, "PodCompleted", {}};
  if (status.phase == "Failed" && unknown.empty()) return {false, "PodFailed", {}};
  const std::string message = joined(unknown, "containers with unknown status: ", unready, "containers with unready status: ");
  if (!message.empty()) return {false, "ContainersNotReady", message};
  return {};
}

Truth pod_ready(const StatusInput& in, const Truth& containers) {
  if (!containers.value) return containers;
  std::string message;
  for (const api::PodReadinessGate& gate : in.pod.spec->readiness_gates) {
    const api::PodCondition* found = nullptr;
    for (const api::PodCondition& c : in.pod.status->conditions) {
      if (c.type == gate.condition_type) found = &c;
    }
    if (found && found->status == "True") continue;
    if (!message.empty()) message += ", ";
    if (!found) message += base::cat("corresponding condition of pod readiness gate \"", gate.condition_type, "\" does not exist.");
    else message += base::cat("the status of pod readiness gate \"", gate.condition_type, "\" is not \"True\", but ", found->status);
  }
  if (!message.empty()) return {false, "ReadinessGatesNotReady", message};
  return {};
}

class Conditions {
 public:
  Conditions(const StatusInput& in, std::vector<api::PodCondition>& out) : in_(in), out_(out), now_(api::Time::from(in.wall)) {}

  void add(const char* type, Truth truth) {
    api::PodCondition c;
    c.type = type;
    c.status = truth.value ? "True" : "False";
    c.reason = std::move(truth.reason);
    c.message = std::move(truth.message);
    c.last_transition_time = now_;
    for (const api::PodCondition& old : in_.previous.conditions) {
      if (!(old.type == c.type)) continue;
      if (old.status == c.status) c.last_transition_time = old.last_transition_time;
      c.last_probe_time = old.last_probe_time;
      c.observed_generation = old.observed_generation;
    }
    out_.push_back(std::move(c));
  }

 private:
  const StatusInput& in_;
  std::vector<api::PodCondition>& out_;
  api::Time now_;
};

}  // namespace

bool is_kubelet_condition(std::string_view type) {
  return type == "PodReadyToStartContainers" || type == "Initialized" || type == "Ready" || type == "ContainersReady" ||
         type == "PodScheduled";
}

void append_conditions(const StatusInput& in, api::PodStatus& status) {
  std::vector<api::PodCondition> out;
  out.reserve(5);
  Conditions conditions(in, out);
  if (in.verdict && !in.verdict->disruption_message.empty()) {
    conditions.add("DisruptionTarget", {true, "TerminationByKubelet", in.verdict->disruption_message});
  }
  for (const api::PodCondition& c : in.pod.status->conditions) {
    if (!is_kubelet_condition(c.type) && (out.empty() || !(out[0].type == c.type))) out.push_back(c);
  }
  conditions.add("PodReadyToStartContainers", {in.sandbox_ready, {}, {}});
  conditions.add("Initialized", initialized(in, status));
  const Truth containers = containers_ready(in, status);
  conditions.add("Ready", pod_ready(in, containers));
  conditions.add("ContainersReady", containers);
  conditions.add("PodScheduled", {});
  status.conditions = std::move(out);
}

}  // namespace orrery::kubelet
