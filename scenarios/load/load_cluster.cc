#include "scenarios/load/load_cluster.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "control/scheduler/config/configuration.h"
#include "control/scheduler/framework/gpu.h"
#include "model/api/names.h"
#include "model/base/hash.h"
#include "model/base/str.h"
#include "scenarios/load/load_manifest.h"
#include "scenarios/load/units.h"
#include "scenarios/outside/external_policy.h"
#include "scenarios/outside/load_outside.h"

namespace orrery::scenarios {
namespace {

using base::cat;

constexpr std::int64_t kMaxGpus = 1024;       // of a machine
constexpr std::int64_t kMaxVolumes = 1'000'000;

void check_name(const YamlCursor& at, const std::string& name, const char* what) {
  const auto errors = api::validate_dns1123_label(name);
  if (!errors.empty()) at.fail(cat("\"", name, "\" is not a valid ", what, ": ", errors[0]));
}

std::vector<std::pair<std::string, std::string>> load_labels(const YamlCursor& c) {
  std::vector<std::pair<std::string, std::string>> labels;
  for (const auto& e : c.entries()) {
    const auto bad_key = api::validate_qualified_name(e.key);
    if (!bad_key.empty()) e.value.fail(cat("\"", e.key, "\" is not a label key: ", bad_key[0]));
    const std::string value = e.value.node().IsScalar() ? e.value.node().as<std::string>() : e.value.text();
    const auto bad_value = api::validate_label_value(value);
    if (!bad_value.empty()) e.value.fail(cat("\"", value, "\" is not a label value: ", bad_value[0]));
    labels.emplace_back(e.key, value);
  }
  return labels;
}

TaintSpec load_taint(const YamlCursor& c) {
  c.keys({"key", "value", "effect"});
  return {c.at("key").text(), c.text_or("value", ""), c.at("effect").one_of({"NoSchedule", "PreferNoSchedule", "NoExecute"})};
}

std::vector<std::string> load_zones(const YamlCursor& c) {
  if (!c.has("zones")) return {"a"};
  std::vector<std::string> zones = c.at("zones").texts();
  if (zones.empty()) c.at("zones").fail("must name at least one zone");
  for (const std::string& z : zones) check_name(c.at("zones"), z, "zone");
  return zones;
}

/// cpu, memory, disk, diskSync, power of a group of machines.
void load_size(const YamlCursor& c, MachineSpec& m) {
  if (c.has("power")) load_power(c.at("power").keys({"idleWatts", "anyCoreWatts", "allCoresWatts"}), m.power);
  if (c.has("cpu")) m.cpu_milli = c.at("cpu").milli_cpu();
  if (m.cpu_milli < 100) c.at("cpu").fail("a machine needs at least 100m of cpu");
  if (c.has("memory")) m.memory_bytes = c.at("memory").bytes();
  if (m.memory_bytes < (64 << 20)) c.at("memory").fail("a machine needs at least 64Mi of memory");
  if (c.has("disk")) m.disk_bytes = c.at("disk").bytes();
  if (m.disk_bytes < (1 << 30)) c.at("disk").fail("a machine needs at least 1Gi of disk");
  if (!c.has("diskSync")) return;
  const YamlCursor sync = c.at("diskSync");
  const std::string text = sync.text();
  const std::size_t dots = text.find("..");
  const auto shortest = parse_duration(text.substr(0, dots));
  const auto longest = dots == std::string::npos ? shortest : parse_duration(text.substr(dots + 2));
  if (!shortest.ok() || !longest.ok()) sync.fail(cat("\"", text, "\" is not a range of durations (write 200us..1ms)"));
  if (*shortest <= 0 || *longest < *shortest) sync.fail("must be above 0, the shorter one first");
  m.disk_sync_min = *shortest;
  m.disk_sync_max = *longest;
}

void load_masters(const YamlCursor& c, ClusterSpec& cluster) {
  c.keys({"count", "zones", "cpu", "memory", "disk", "diskSync", "power", "store", "labels"});
  const std::int64_t count = c.at("count").integer(1, 9);
  if (count % 2 == 0) c.at("count").fail(cat(std::to_string(count), " masters tolerate no more failures than ",
                                             std::to_string(count - 1), "; use an odd number"));
  if (c.has("store")) c.at("store").one_of({"local"});
  const std::vector<std::string> zones = load_zones(c);
  MachineSpec base;
  load_size(c, base);
  if (c.has("labels")) base.labels = load_labels(c.at("labels"));
  base.taints.push_back({"node-role.kubernetes.io/control-plane", "", "NoSchedule"});
  base.labels.emplace_back("node-role.kubernetes.io/control-plane", "");
  for (std::int64_t i = 0; i < count; ++i) {
    MachineSpec m = base;
    m.name = cat("master-", std::to_string(i + 1));
    m.zone = zones[static_cast<std::size_t>(i) % zones.size()];
    cluster.masters.push_back(std::move(m));
  }
}

/// `gpu: COUNT`, or {count, model}: devices that pods ask for by Alibaba's annotations, or as the extended resource.
void load_gpus(const YamlCursor& c, MachineSpec& m) {
  if (c.is_map()) c.keys({"count", "model"});
  const std::int64_t count = (c.is_map() ? c.at("count") : c).integer(1, kMaxGpus);
  m.devices.emplace_back(scheduler::kGpuCount, count);
  if (!c.is_map() || !c.has("model")) return;
  const std::string model = c.at("model").text();
  const auto bad = api::validate_label_value(model);
  if (!bad.empty()) c.at("model").fail(cat("\"", model, "\" is not a label value: ", bad[0]));
  const auto same = [](const auto& label) { return label.first == scheduler::kGpuModel; };
  if (std::any_of(m.labels.begin(), m.labels.end(), same)) c.at("model").fail(cat("the label ", scheduler::kGpuModel, " says it already"));
  m.labels.emplace_back(scheduler::kGpuModel, model);
}

/// `volumeLimits: {DRIVER: COUNT}`: how many volumes of a CSI driver each machine takes.
void load_volume_limits(const YamlCursor& c, MachineSpec& m) {
  for (const auto& [driver, limit] : c.entries()) {
    if (!api::validate_dns1123_subdomain(driver).empty()) limit.fail(cat("\"", driver, "\" is not the name of a CSI driver"));
    m.volume_limits.emplace_back(driver, static_cast<std::int32_t>(limit.integer(0, kMaxVolumes)));
  }
}

void load_group(const YamlCursor& c, ClusterSpec& cluster, std::set<std::string>& names) {
  c.keys({"group", "count", "zones", "racks", "cpu", "memory", "disk", "diskSync", "power", "pods", "labels", "taints", "gpu", "volumeLimits"});
  const std::string group = c.at("group").text();
  check_name(c.at("group"), group, "group name");
  const std::int64_t count = c.at("count").integer(1, 100'000);
  const std::vector<std::string> zones = load_zones(c);
  const std::int64_t racks = c.integer_or("racks", 1, 1, 10'000);
  MachineSpec base;
  load_size(c, base);
  base.pods = c.integer_or("pods", 110, 1, 10'000);
  if (c.has("labels")) base.labels = load_labels(c.at("labels"));
  if (c.has("taints"))
    for (const YamlCursor& t : c.at("taints").items()) base.taints.push_back(load_taint(t));
  if (c.has("gpu")) load_gpus(c.at("gpu"), base);
  if (c.has("volumeLimits")) load_volume_limits(c.at("volumeLimits"), base);
  for (std::int64_t i = 0; i < count; ++i) {
    MachineSpec m = base;
    m.name = cat(group, "-", std::to_string(i + 1));
    m.zone = zones[static_cast<std::size_t>(i) % zones.size()];
    m.rack = cat(m.zone, "-r", std::to_string(static_cast<std::int64_t>(static_cast<std::size_t>(i) / zones.size()) % racks + 1));
    if (!names.insert(m.name).second) c.at("group").fail(cat("a machine named \"", m.name, "\" exists already"));
    cluster.nodes.push_back(std::move(m));
  }
}

void load_network(const YamlCursor& c, ClusterSpec& cluster) {
  c.keys({"sameZone", "crossZone", "hostBandwidth"});
  cluster.same_zone = c.duration_or("sameZone", cluster.same_zone);
  cluster.cross_zone = c.duration_or("crossZone", cluster.cross_zone);
  if (cluster.same_zone < base::kMicrosecond) c.at("sameZone").fail("a latency below 1us is not modelled");
  if (cluster.cross_zone < cluster.same_zone) c.fail("crossZone is shorter than sameZone");
  if (c.has("hostBandwidth")) cluster.host_bandwidth = c.at("hostBandwidth").bandwidth();
}

void load_images(const YamlCursor& c, ClusterSpec& cluster) {
  if (c.is_scalar()) {
    c.one_of({"present"});
    cluster.images_present = true;
    return;
  }
  c.keys({"size", "registryBandwidth", "present"});
  if (c.has("size")) cluster.image_bytes = c.at("size").bytes();
  if (c.has("registryBandwidth")) cluster.registry_bandwidth = c.at("registryBandwidth").bandwidth();
  cluster.images_present = c.boolean_or("present", false);
}

void load_api_access(const YamlCursor& c, ClusterSpec& cluster) {
  std::string mode;
  if (c.is_scalar()) {
    mode = c.one_of({"load-balancer", "client-list"});
  } else {
    c.keys({"mode", "healthCheck"});
    mode = c.at("mode").one_of({"load-balancer", "client-list"});
    cluster.health_check = c.duration_or("healthCheck", cluster.health_check);
    if (cluster.health_check < 100 * base::kMillisecond) c.at("healthCheck").fail("must be at least 100ms");
  }
  cluster.api_access = mode == "client-list" ? ApiAccess::kClientList : ApiAccess::kLoadBalancer;
}

void load_components(const YamlCursor& c, ClusterSpec& cluster) {
  c.keys({"nodeMonitorGracePeriod", "controllerQps", "controllerBurst", "schedulerQps", "schedulerBurst", "snapshotCount",
          "clientLimits", "costs", "probes"});
  cluster.node_monitor_grace = c.duration_or("nodeMonitorGracePeriod", cluster.node_monitor_grace);
  if (c.has("controllerQps")) cluster.controller_qps = c.at("controllerQps").number(0.1, 1e6);
  if (c.has("schedulerQps")) cluster.scheduler_qps = c.at("schedulerQps").number(0.1, 1e6);
  cluster.controller_burst = static_cast<int>(c.integer_or("controllerBurst", cluster.controller_burst, 1, 1'000'000));
  cluster.scheduler_burst = static_cast<int>(c.integer_or("schedulerBurst", cluster.scheduler_burst, 1, 1'000'000));
  cluster.snapshot_count = static_cast<std::uint64_t>(c.integer_or("snapshotCount", 10'000, 10, 10'000'000));
  cluster.client_go_limits = c.boolean_or("clientLimits", true);
  cluster.control_plane_costs = c.boolean_or("costs", true);
  if (c.has("probes")) cluster.polled_probes = c.at("probes").one_of({"computed", "polled"}) == "polled";
}

void absorb(std::uint64_t& hash, std::string_view bytes) { hash = base::combine64(hash, base::hash_bytes(bytes)); }

/// The plugins of `plugins: [LIBRARY, ...]`, files beside the scenario.
std::vector<const scheduler::OutsidePlugin*> load_plugins(const YamlCursor& c, const Outside& outside, std::uint64_t& hash) {
  std::vector<const scheduler::OutsidePlugin*> out;
  for (const YamlCursor& item : c.items()) {
    const std::string file = beside(c.file(), item.text());
    for (const scheduler::OutsidePlugin* p : load_library(item, file, outside)) {
      const auto same = [&](const scheduler::OutsidePlugin* before) { return std::string_view(before->name) == p->name; };
      if (std::any_of(out.begin(), out.end(), same)) item.fail(cat("plugin \"", p->name, "\" is in a library before, too"));
      out.push_back(p);
    }
    absorb(hash, read_text_file(file, c.file(), item.line(), kMaxPolicyMiB));
  }
  if (out.empty()) c.fail("names no library");
  return out;
}

/// The default profile's filters and preemption; a process chooses among the nodes that fit.
void load_process(const YamlCursor& c, const Outside& outside, ClusterSpec& cluster, std::uint64_t& hash) {
  const auto find = [&](const std::string& name) {
    const std::string file = beside(c.file(), name);
    return std::filesystem::exists(file) ? file : "";
  };
  std::vector<std::string> files;
  const ExternalCommand command = load_command(c, outside, find, files);
  for (const std::string& file : files) absorb(hash, read_text_file(file, c.file(), c.at("command").line(), kMaxPolicyMiB));
  scheduler::PolicySpec policy;
  policy.first_of_best = true;
  policy.preemption = true;
  policy.adviser = external_adviser(command.words.back(), command, outside);
  scheduler::Configuration configuration = scheduler::default_configuration();
  configuration.profiles[0].research = scheduler::Profile::Research{std::move(policy), nullptr, 0};
  cluster.scheduler = std::make_shared<const scheduler::Configuration>(std::move(configuration));
}

/// A KubeSchedulerConfiguration, perhaps with plugins of libraries, or a process. The configuration's client limits count only
/// where the scenario names none.
void load_scheduler(const YamlCursor& c, const Outside& outside, ClusterSpec& cluster, std::uint64_t& hash) {
  c.keys({"config", "plugins", "command", "timeout"});
  if (c.has("command") == c.has("config")) c.fail("must say one of config and command");
  if (c.has("timeout") && !c.has("command")) c.at("timeout").fail("is for a `command`");
  if (c.has("plugins") && !c.has("config")) c.at("plugins").fail("needs a `config` that names them");
  if (c.has("command")) return load_process(c, outside, cluster, hash);
  std::vector<const scheduler::OutsidePlugin*> plugins;
  if (c.has("plugins")) plugins = load_plugins(c.at("plugins"), outside, hash);
  const std::string file = beside(c.file(), c.at("config").text());
  const std::string text = read_text_file(file, c.file(), c.at("config").line());
  auto read = scheduler::read_configuration(text, plugins);
  if (!read.ok()) throw InputError{file, read.error().line, read.error().path, read.error().what};
  absorb(hash, text);
  if (cluster.scheduler_qps == ClusterSpec().scheduler_qps) cluster.scheduler_qps = read->qps;
  if (cluster.scheduler_burst == ClusterSpec().scheduler_burst) cluster.scheduler_burst = read->burst;
  cluster.scheduler = std::make_shared<const scheduler::Configuration>(std::move(*read));
}

}  // namespace

void load_power(const YamlCursor& c, PowerSpec& out) {
  out.idle = c.at("idleWatts").number(0, 1e6);
  out.any_core = c.at("anyCoreWatts").number(0, 1e6);
  out.all_cores = c.at("allCoresWatts").number(0, 1e6);
  if (out.any_core < out.idle || out.all_cores < out.any_core) c.fail("a machine that works more draws no less");
}

ClusterSpec load_cluster(const YamlCursor& c, std::uint64_t& hash, const Outside& outside) {
  c.keys({"version", "apiAccess", "masters", "nodes", "network", "images", "fencing", "encodeEveryHop", "cpuModel", "components",
          "scheduler"});
  ClusterSpec cluster;
  cluster.version = c.text_or("version", "1.33");
  if (cluster.version != "1.33") c.at("version").fail(cat("Kubernetes ", cluster.version, " is not modelled (1.33 is)"));
  if (c.has("apiAccess")) load_api_access(c.at("apiAccess"), cluster);
  load_masters(c.at("masters"), cluster);
  std::set<std::string> names;
  for (const MachineSpec& m : cluster.masters) names.insert(m.name);
  if (c.has("nodes"))
    for (const YamlCursor& group : c.at("nodes").items()) load_group(group, cluster, names);
  if (c.has("network")) load_network(c.at("network"), cluster);
  if (c.has("images")) load_images(c.at("images"), cluster);
  if (c.has("fencing")) cluster.fencing = c.at("fencing").one_of({"on", "off", "true", "false"}) != "off" &&
                                          c.at("fencing").text() != "false";
  cluster.encode_every_hop = c.boolean_or("encodeEveryHop", false);
  if (c.has("cpuModel"))
    cluster.cpu_model = c.at("cpuModel").one_of({"simgrid", "host"}) == "host" ? CpuModel::kHost : CpuModel::kSimgrid;
  if (c.has("components")) load_components(c.at("components"), cluster);
  if (c.has("scheduler")) load_scheduler(c.at("scheduler"), outside, cluster, hash);
  return cluster;
}

}  // namespace orrery::scenarios
