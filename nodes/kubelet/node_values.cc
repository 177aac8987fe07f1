#include "nodes/kubelet/node_values.h"

#include <algorithm>

namespace orrery::kubelet {
namespace {

constexpr std::size_t kMaxImages = 50;
constexpr std::int32_t kKubeletPort = 10250;

std::vector<std::pair<Str, Str>> standard_labels(const KubeletConfig& config, const env::MachineInfo& machine) {
  const Str arch = machine.architecture.empty() ? Str("amd64") : machine.architecture;
  std::vector<std::pair<Str, Str>> out = {{"beta.kubernetes.io/arch", arch},          {"beta.kubernetes.io/os", "linux"},
                                          {"kubernetes.io/arch", arch},               {"kubernetes.io/hostname", config.node_name},
                                          {"kubernetes.io/os", "linux"}};
  if (!config.zone.empty()) out.emplace_back("topology.kubernetes.io/zone", config.zone);
  if (!config.region.empty()) out.emplace_back("topology.kubernetes.io/region", config.region);
  for (const auto& [key, value] : config.labels) out.emplace_back(key, value);
  return out;
}

struct Claim {
  const char* type;
  bool value;
  const char* reason;
  Str message;
};

void set_condition(std::vector<api::NodeCondition>& all, const Claim& claim, api::Time now) {
  const char* status = claim.value ? "True" : "False";
  api::NodeCondition next;
  next.type = claim.type;
  next.status = status;
  next.last_heartbeat_time = next.last_transition_time = now;
  next.reason = claim.reason;
  next.message = claim.message;
  for (api::NodeCondition& c : all) {
    if (!(c.type == claim.type)) continue;
    if (c.status == status) next.last_transition_time = c.last_transition_time;
    c = std::move(next);
    return;
  }
  all.push_back(std::move(next));
}

api::List<api::ContainerImage> image_list(const std::vector<env::ImageInfo>& images) {
  std::vector<const env::ImageInfo*> sorted;
  for (const env::ImageInfo& i : images) sorted.push_back(&i);
  std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->size_bytes > b->size_bytes; });
  if (sorted.size() > kMaxImages) sorted.resize(kMaxImages);
  std::vector<api::ContainerImage> out;
  for (const env::ImageInfo* i : sorted) {
    api::ContainerImage image;
    image.names.push_back(i->name);
    image.size_bytes = i->size_bytes;
    out.push_back(std::move(image));
  }
  return out;
}

api::NodeSystemInfo system_info(const KubeletConfig& config, const env::MachineInfo& machine) {
  api::NodeSystemInfo info;
  info.machine_id = info.system_uuid = machine.machine_id;
  info.boot_id = machine.boot_id;
  info.kernel_version = machine.kernel_version;
  info.os_image = machine.os_image;
  info.container_runtime_version = machine.runtime_version;
  info.kubelet_version = config.version;
  info.kube_proxy_version = config.version;
  info.operating_system = "linux";
  info.architecture = machine.architecture.empty() ? Str("amd64") : machine.architecture;
  return info;
}

}  // namespace

api::ResourceList node_capacity(const KubeletConfig& config, const env::MachineInfo& machine) {
  using Format = api::QuantityFormat;
  api::ResourceList out;
  if (machine.cpu_milli % 1000 == 0) out.set("cpu", api::Quantity(machine.cpu_milli / 1000, Format::kDecimalSI));
  else out.set("cpu", api::Quantity::milli(machine.cpu_milli, Format::kDecimalSI));
  out.set("ephemeral-storage", api::Quantity(machine.ephemeral_storage_bytes, Format::kBinarySI));
  out.set("memory", api::Quantity(machine.memory_bytes, Format::kBinarySI));
  out.set("pods", api::Quantity(config.max_pods, Format::kDecimalSI));
  for (const auto& [name, amount] : config.devices) out.set(name, amount);
  return out;
}

api::ResourceList node_allocatable(const KubeletConfig& config, const env::MachineInfo& machine) {
  using Format = api::QuantityFormat;
  api::ResourceList out = node_capacity(config, machine);
  api::ResourceList taken = config.reserved;
  taken.edit("memory").add(api::Quantity(config.memory_available_bytes, Format::kBinarySI));
  const auto disk = static_cast<std::int64_t>(static_cast<double>(machine.ephemeral_storage_bytes) * config.nodefs_available);
  taken.edit("ephemeral-storage").add(api::Quantity(disk, Format::kBinarySI));
  for (const auto& [name, amount] : taken) {
    if (!out.contains(name)) continue;
    api::Quantity& left = out.edit(name);
    left.sub(amount);
    if (left.sign() < 0) left = api::Quantity(0, left.format());
  }
  return out;
}

api::NodeStatus node_status(const KubeletConfig& config, const NodeFacts& facts, const api::NodeStatus& current,
                            base::Instant wall) {
  api::NodeStatus s = current;
  s.capacity = node_capacity(config, facts.machine);
  s.allocatable = node_allocatable(config, facts.machine);
  std::vector<api::NodeAddress> addresses;
  if (!config.node_ip.empty()) addresses.push_back({"InternalIP", config.node_ip});
  addresses.push_back({"Hostname", config.node_name});
  s.addresses = std::move(addresses);
  s.daemon_endpoints.kubelet_endpoint.port = kKubeletPort;
  s.node_info = system_info(config, facts.machine);
  s.images = image_list(facts.images);
  if (facts.volumes_in_use) s.volumes_in_use = *facts.volumes_in_use;

  const api::Time now = api::Time::from(wall);
  auto& conditions = s.conditions.edit();
  const auto add = [&](const char* type, bool value, const char* reason, Str message) {
    set_condition(conditions, {type, value, reason, std::move(message)}, now);
  };
  add("MemoryPressure", facts.memory_pressure,
      facts.memory_pressure ? "KubeletHasInsufficientMemory" : "KubeletHasSufficientMemory",
      facts.memory_pressure ? "kubelet has insufficient memory available" : "kubelet has sufficient memory available");
  add("DiskPressure", facts.disk_pressure, facts.disk_pressure ? "KubeletHasDiskPressure" : "KubeletHasNoDiskPressure",
      facts.disk_pressure ? "kubelet has disk pressure" : "kubelet has no disk pressure");
  add("PIDPressure", facts.pid_pressure, facts.pid_pressure ? "KubeletHasInsufficientPID" : "KubeletHasSufficientPID",
      facts.pid_pressure ? "kubelet has insufficient PID available" : "kubelet has sufficient PID available");
  add("Ready", facts.ready, facts.ready ? "KubeletReady" : "KubeletNotReady",
      facts.ready ? Str("kubelet is posting ready status") : facts.not_ready_message);
  return s;
}

api::Node initial_node(const KubeletConfig& config, const NodeFacts& facts, base::Instant wall) {
  api::Node node;
  node.metadata.name = config.node_name;
  for (const auto& [key, value] : standard_labels(config, facts.machine)) node.metadata.labels.set(key, value);
  node.metadata.annotations.set("volumes.kubernetes.io/controller-managed-attach-detach", "true");
  api::NodeSpec& spec = node.spec.edit();
  spec.provider_id = config.provider_id;
  spec.pod_cidr = config.pod_cidr;
  if (!config.pod_cidr.empty()) spec.pod_cidrs.push_back(config.pod_cidr);
  spec.taints = config.taints;
  if (config.taints.empty()) spec.taints = {};
  node.status = node_status(config, facts, {}, wall);
  return node;
}

api::OwnerReference owned_by(const api::Object& node) {
  api::OwnerReference owner;
  owner.api_version = "v1";
  owner.kind = "Node";
  owner.name = node.meta().name;
  owner.uid = node.meta().uid;
  return owner;
}

bool reconcile_node(const KubeletConfig& config, const env::MachineInfo& machine, api::Node& node) {
  bool changed = false;
  for (const auto& [key, value] : standard_labels(config, machine)) {
    const Str* have = node.metadata.labels.find(key);
    if (have && *have == value) continue;
    node.metadata.labels.set(key, value);
    changed = true;
  }
  constexpr const char* kAttach = "volumes.kubernetes.io/controller-managed-attach-detach";
  if (!node.metadata.annotations.contains(kAttach)) {
    node.metadata.annotations.set(kAttach, "true");
    changed = true;
  }
  return changed;
}

bool node_status_differs(const api::NodeStatus& a, const api::NodeStatus& b) {
  if (a.conditions.size() != b.conditions.size()) return true;
  api::NodeStatus left = a, right = b;
  for (api::NodeStatus* s : {&left, &right}) {
    for (api::NodeCondition& c : s->conditions.edit()) c.last_heartbeat_time = {};
  }
  return !api::deep_equal(left, right);
}

bool condition_true(const api::NodeStatus& status, std::string_view type) {
  for (const api::NodeCondition& c : status.conditions) {
    if (c.type == type) return c.status == "True";
  }
  return false;
}

}  // namespace orrery::kubelet
