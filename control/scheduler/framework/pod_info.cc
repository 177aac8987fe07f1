#include "control/scheduler/framework/pod_info.h"

#include <algorithm>

#include "control/client/owner.h"
#include "model/api/pod_resources.h"

namespace orrery::scheduler {
namespace {

AffinityTerm parse_term(const api::Pod& pod, const api::PodAffinityTerm& term) {
  AffinityTerm out;
  if (term.namespaces.empty() && !term.namespace_selector) out.namespaces.push_back(pod.metadata.namespace_);
  else out.namespaces.assign(term.namespaces.begin(), term.namespaces.end());
  std::sort(out.namespaces.begin(), out.namespaces.end());
  out.selector = client::selector_of(term.label_selector);
  out.namespace_selector = client::selector_of(term.namespace_selector);
  out.topology_key = term.topology_key;
  return out;
}

template <class Terms>
void parse_required(const api::Pod& pod, const Terms& terms, std::vector<AffinityTerm>& out) {
  for (const api::PodAffinityTerm& t : terms) out.push_back(parse_term(pod, t));
}

template <class Terms>
void parse_preferred(const api::Pod& pod, const Terms& terms, std::vector<WeightedAffinityTerm>& out) {
  for (const api::WeightedPodAffinityTerm& t : terms) out.push_back({parse_term(pod, t.pod_affinity_term), t.weight});
}

void add_ports(const api::Container& container, std::vector<HostPort>& out) {
  for (const api::ContainerPort& p : container.ports) {
    if (p.host_port <= 0) continue;
    HostPort port{p.host_ip, p.protocol, p.host_port};
    if (port.ip == "0.0.0.0") port.ip = Str();
    if (port.protocol.empty()) port.protocol = "TCP";
    out.push_back(std::move(port));
  }
}

}  // namespace

bool AffinityTerm::matches(const api::Pod& pod, const api::Labels& namespace_labels) const {
  const bool listed = std::binary_search(namespaces.begin(), namespaces.end(), pod.metadata.namespace_);
  if (!listed && !namespace_selector.matches(namespace_labels)) return false;
  return selector.matches(pod.metadata.labels);
}

std::optional<Str> claim_of(const api::Pod& pod, const api::Volume& volume) {
  if (volume.source->persistent_volume_claim) return volume.source->persistent_volume_claim->claim_name;
  if (volume.source->ephemeral) return Str(base::cat(pod.metadata.name, "-", volume.name));
  return std::nullopt;
}

bool same_labels(const api::Labels& a, const api::Labels& b) {
  return a.shares(b) || std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool PodInfo::same_footprint(const PodInfo& other) const {
  const api::ObjectMeta& mine = meta();
  const api::ObjectMeta& theirs = other.meta();
  return pod_->spec.shares(other.pod_->spec) && mine.namespace_ == theirs.namespace_ && mine.deleting() == theirs.deleting() &&
         same_labels(mine.labels, theirs.labels) && requested == other.requested && gpu == other.gpu &&
         gpu_indices == other.gpu_indices &&
         nonzero_milli_cpu == other.nonzero_milli_cpu && nonzero_memory == other.nonzero_memory;
}

PodInfo::PodInfo(api::ObjectRef pod) : object_(std::move(pod)), pod_(&object_->as<api::Pod>()) {
  const api::PodSpec& spec = *pod_->spec;
  if (spec.affinity) {
    if (const api::PodAffinity* a = spec.affinity->pod_affinity.get()) {
      parse_required(*pod_, a->required_during_scheduling_ignored_during_execution, required_affinity);
      parse_preferred(*pod_, a->preferred_during_scheduling_ignored_during_execution, preferred_affinity);
    }
    if (const api::PodAntiAffinity* a = spec.affinity->pod_anti_affinity.get()) {
      parse_required(*pod_, a->required_during_scheduling_ignored_during_execution, required_anti_affinity);
      parse_preferred(*pod_, a->preferred_during_scheduling_ignored_during_execution, preferred_anti_affinity);
    }
  }
  plain_requests = pod_requests(*pod_, {true, false});
  scoring_requests = pod_requests(*pod_, {true, true});
  requested.add(plain_requests);
  wanted.add(pod_requests(*pod_, {false, false}));
  nonzero_milli_cpu = amount_of(scoring_requests, "cpu");
  nonzero_memory = amount_of(scoring_requests, "memory");
  if (!pod_->metadata.annotations.empty()) {
    gpu = gpu_demand_of(pod_->metadata);
    if (gpu.wants()) gpu_indices = gpu_indices_of(pod_->metadata);
  }
  for (const api::Container& c : spec.containers) add_ports(c, ports);
  for (const api::Container& c : spec.init_containers) {
    if (api::is_sidecar(c)) add_ports(c, ports);
  }
  volumes = static_cast<std::int64_t>(spec.volumes.size());
  for (const api::Volume& v : spec.volumes) {
    ephemeral_volumes += v.source->ephemeral.has_value();
    if (const std::optional<Str> claim = claim_of(*pod_, v)) {
      claims.push_back(base::cat(pod_->metadata.namespace_, "/", *claim));
    }
  }
}

}  // namespace orrery::scheduler
