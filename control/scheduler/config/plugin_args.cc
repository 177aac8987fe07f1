#include "control/scheduler/config/plugin_args.h"

#include <algorithm>

#include "control/scheduler/config/plugin_sets.h"
#include "control/scheduler/policies/fragmentation.h"
#include "model/api/names.h"
#include "model/codec/json_read.h"

namespace orrery::scheduler {
namespace {

using api::ErrorList;
using api::FieldPath;
using base::cat;

constexpr std::size_t kMaxTypicalPods = 200;   // a FragmentationModel knows so many different parts of a GPU
constexpr std::string_view kArgsVersion = "kubescheduler.config.k8s.io/v1";

void check_shape(const api::List<v1::UtilizationShapePoint>& shape, const FieldPath& path, ErrorList& errors) {
  if (shape.empty()) return errors.required(path, "at least one point must be specified");
  const auto at = [&](std::size_t i, const char* field, auto check) {
    const FieldPath point = path.index(i);
    check(point.child(field));
  };
  for (std::size_t i = 1; i < shape.size(); ++i) {
    if (shape[i - 1].utilization < shape[i].utilization) continue;
    at(i, "utilization", [&](const FieldPath& p) { errors.invalid(p, shape[i].utilization, "values must be sorted in increasing order"); });
    break;
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i].utilization < 0 || shape[i].utilization > 100) {
      at(i, "utilization", [&](const FieldPath& p) { errors.invalid(p, shape[i].utilization, "not in valid range [0, 100]"); });
    }
    if (shape[i].score < 0 || shape[i].score > 10) {
      at(i, "score", [&](const FieldPath& p) { errors.invalid(p, shape[i].score, "not in valid range [0, 10]"); });
    }
  }
}

/// cpu and memory when none are named; a weight that is not given is 1.
std::vector<ResourceWeight> resources_of(const api::List<v1::ResourceSpec>& specs) {
  std::vector<ResourceWeight> out;
  for (const v1::ResourceSpec& r : specs) out.push_back({r.name, r.weight == 0 ? 1 : r.weight});
  if (out.empty()) out = {{"cpu", 1}, {"memory", 1}};
  return out;
}

void check_label_names(const api::List<Str>& names, const FieldPath& path, bool group, ErrorList& errors) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const FieldPath here = path.index(i);
    if (group && names[i].view().find('/') != std::string_view::npos) {
      errors.invalid(here, names[i], "resource group name can't contain '/'");
    }
    errors.invalid_each(here, names[i], api::validate_qualified_name(names[i]));
  }
}

void take(const v1::DefaultPreemptionArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  const std::int32_t percentage = args.min_candidate_nodes_percentage.value_or(10);
  const std::int32_t absolute = args.min_candidate_nodes_absolute.value_or(100);
  const FieldPath percentage_path = path.child("minCandidateNodesPercentage");
  const FieldPath absolute_path = path.child("minCandidateNodesAbsolute");
  if (percentage < 0 || percentage > 100) errors.invalid(percentage_path, percentage, "not in valid range [0, 100]");
  if (absolute < 0) errors.invalid(absolute_path, absolute, "not in valid range [0, inf)");
  if (percentage == 0 && absolute == 0) {
    errors.invalid(percentage_path, percentage, "cannot be zero at the same time as minCandidateNodesAbsolute");
    errors.invalid(absolute_path, absolute, "cannot be zero at the same time as minCandidateNodesPercentage");
  }
  config.preemption.min_candidate_nodes_percentage = percentage;
  config.preemption.min_candidate_nodes_absolute = absolute;
}

void take(const v1::InterPodAffinityArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  const std::int32_t weight = args.hard_pod_affinity_weight.value_or(1);
  if (weight < 0 || weight > 100) errors.invalid(path.child("hardPodAffinityWeight"), weight, "not in valid range [0, 100]");
  config.inter_pod_affinity = {weight, args.ignore_preferred_terms_of_existing_pods};
}

void take(const v1::NodeAffinityArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  if (!args.added_affinity) return;
  const FieldPath added = path.child("addedAffinity");
  if (const auto& required = args.added_affinity->required_during_scheduling_ignored_during_execution) {
    const FieldPath here = added.child("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms");
    for (std::size_t i = 0; i < required->node_selector_terms.size(); ++i) {
      const FieldPath term = here.index(i);
      NodeSelectorTerm(required->node_selector_terms[i], term, errors);
    }
  }
  const auto& preferred = args.added_affinity->preferred_during_scheduling_ignored_during_execution;
  const FieldPath here = added.child("preferredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const FieldPath term = here.index(i);
    NodeSelectorTerm(preferred[i].preference, term, errors);
  }
  config.node_affinity.added = *args.added_affinity;
}

void check_fit(const v1::NodeResourcesFitArgs& args, const FieldPath& path, ErrorList& errors) {
  check_label_names(args.ignored_resources, path.child("ignoredResources"), false, errors);
  check_label_names(args.ignored_resource_groups, path.child("ignoredResourceGroups"), true, errors);
  if (!args.scoring_strategy) return;
  const v1::ScoringStrategy& s = *args.scoring_strategy;
  const FieldPath strategy = path.child("scoringStrategy");
  const bool ratio = s.type == "RequestedToCapacityRatio";
  if (!ratio && !(s.type == "LeastAllocated") && !(s.type == "MostAllocated")) {
    errors.not_supported(strategy.child("type"), s.type, {"LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"});
  }
  for (std::size_t i = 0; i < s.resources.size(); ++i) {
    const std::int64_t weight = s.resources[i].weight == 0 ? 1 : s.resources[i].weight;
    if (weight > 0 && weight <= 100) continue;
    const FieldPath resource = strategy.child_at("resources", i);
    errors.invalid(resource.child("weight"), weight, cat("resource weight of ", s.resources[i].name, " not in valid range (0, 100]"));
  }
  const FieldPath param = strategy.child("requestedToCapacityRatio");
  if (ratio && !s.requested_to_capacity_ratio) errors.required(param, "must be specified when type is RequestedToCapacityRatio");
  else if (ratio) check_shape(s.requested_to_capacity_ratio->shape, param.child("shape"), errors);
  else if (s.requested_to_capacity_ratio) errors.forbidden(param, "must be nil when type is not RequestedToCapacityRatio");
}

void take(const v1::NodeResourcesFitArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  check_fit(args, path, errors);
  FitConfig& fit = config.fit;
  fit.ignored_resources.assign(args.ignored_resources.begin(), args.ignored_resources.end());
  fit.ignored_resource_groups.assign(args.ignored_resource_groups.begin(), args.ignored_resource_groups.end());
  if (!args.scoring_strategy) return;
  const v1::ScoringStrategy& s = *args.scoring_strategy;
  fit.resources = resources_of(s.resources);
  if (s.type == "MostAllocated") fit.strategy = ScoringStrategy::kMostAllocated;
  if (!s.requested_to_capacity_ratio) return;
  fit.strategy = ScoringStrategy::kRequestedToCapacityRatio;
  for (const v1::UtilizationShapePoint& p : s.requested_to_capacity_ratio->shape) fit.shape.push_back({p.utilization, p.score});
}

void take(const v1::NodeResourcesBalancedAllocationArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  config.balanced_resources = resources_of(args.resources);
  for (std::size_t i = 0; i < args.resources.size(); ++i) {
    const FieldPath resource = path.child_at("resources", i);
    const auto same = [&](const v1::ResourceSpec& r) { return r.name == args.resources[i].name; };
    if (std::any_of(args.resources.begin(), args.resources.begin() + i, same)) {
      errors.duplicate(resource.child("name"), args.resources[i].name);
    }
    if (config.balanced_resources[i].weight != 1) errors.invalid(resource.child("weight"), args.resources[i].weight, "must be 1");
  }
}

void check_constraint(const api::List<api::TopologySpreadConstraint>& all, std::size_t i, const FieldPath& path, ErrorList& errors) {
  const api::TopologySpreadConstraint& c = all[i];
  if (c.max_skew <= 0) errors.invalid(path.child("maxSkew"), c.max_skew, "not in valid range (0, inf)");
  if (c.topology_key.empty()) errors.required(path.child("topologyKey"), "can not be empty");
  else errors.invalid_each(path.child("topologyKey"), c.topology_key, api::validate_qualified_name(c.topology_key));
  if (c.when_unsatisfiable.empty()) errors.required(path.child("whenUnsatisfiable"), "can not be empty");
  else if (!(c.when_unsatisfiable == "DoNotSchedule") && !(c.when_unsatisfiable == "ScheduleAnyway"))
    errors.not_supported(path.child("whenUnsatisfiable"), c.when_unsatisfiable, {"DoNotSchedule", "ScheduleAnyway"});
  if (c.label_selector) {
    errors.forbidden(path.child("labelSelector"), "constraint must not define a selector, as they deduced for each pod");
  }
  for (std::size_t j = 0; j < i; ++j) {
    if (all[j].topology_key == c.topology_key && all[j].when_unsatisfiable == c.when_unsatisfiable) {
      return errors.duplicate(path, cat("{", c.topology_key, ", ", c.when_unsatisfiable, "}"));
    }
  }
}

void take(const v1::PodTopologySpreadArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  const Str type = args.defaulting_type.empty() ? Str("System") : args.defaulting_type;
  const bool system = type == "System";
  const FieldPath type_path = path.child("defaultingType");
  if (!system && !(type == "List")) errors.not_supported(type_path, type, {"System", "List"});
  else if (system && !args.default_constraints.empty()) errors.invalid(type_path, type, "when .defaultConstraints are not empty");
  const FieldPath list = path.child("defaultConstraints");
  for (std::size_t i = 0; i < args.default_constraints.size(); ++i) {
    const FieldPath here = list.index(i);
    check_constraint(args.default_constraints, i, here, errors);
  }
  config.spread.system_defaults = system;
  config.spread.default_constraints.assign(args.default_constraints.begin(), args.default_constraints.end());
}

void take(const v1::VolumeBindingArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  const std::int64_t timeout = args.bind_timeout_seconds.value_or(600);
  if (timeout < 0) errors.invalid(path.child("bindTimeoutSeconds"), timeout, "invalid BindTimeoutSeconds, should not be a negative value");
  if (!args.shape.is_nil()) {
    errors.invalid(path.child("shape"), api::BadValue::raw("[...]"),
                   "unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring");
  }
  config.volume_binding.bind_timeout = timeout * base::kSecond;
}

void take(const v1::CoschedulingArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  const std::int64_t wait = args.permit_waiting_time_seconds.value_or(60);
  const std::int64_t backoff = args.pod_group_backoff_seconds.value_or(0);
  constexpr std::int64_t kLongest = 1'000'000'000;
  const FieldPath wait_path = path.child("permitWaitingTimeSeconds");
  const FieldPath backoff_path = path.child("podGroupBackoffSeconds");
  if (wait < 1 || wait > kLongest) errors.invalid(wait_path, wait, "must be greater than 0");
  if (backoff < 0 || backoff > kLongest) errors.invalid(backoff_path, backoff, "cannot be negative");
  config.coscheduling = {std::clamp<std::int64_t>(wait, 1, kLongest) * base::kSecond, std::clamp<std::int64_t>(backoff, 0, kLongest) * base::kSecond};
}

DeviceRule device_rule(const Str& name, const FieldPath& path, ErrorList& errors) {
  if (name.empty() || name == "LeastFree") return DeviceRule::kLeastFree;
  if (name == "Random") return DeviceRule::kRandom;
  if (!(name == "Fragmentation")) errors.not_supported(path, name, {"LeastFree", "Random", "Fragmentation"});
  return DeviceRule::kFragmentation;
}

void take(const v1::GpuShareArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  const FieldPath devices = path.child("devices");
  config.devices = device_rule(args.devices, devices, errors);
  if (args.seed) config.policy_seed = static_cast<std::uint64_t>(*args.seed);
}

void take(const v1::RandomArgs& args, const FieldPath&, ProfileConfig& config, ErrorList&) {
  if (args.seed) config.policy_seed = static_cast<std::uint64_t>(*args.seed);
}

void take_largest(const std::optional<std::int64_t>& given, const FieldPath& path, double& out, ErrorList& errors) {
  if (!given) return;
  if (*given <= 0) errors.invalid(path, *given, "must be greater than zero");
  out = static_cast<double>(*given);
}

void take(const v1::LargestNodeArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  const FieldPath cpu = path.child("largestMilliCPU");
  const FieldPath gpu = path.child("largestMilliGPU");
  take_largest(args.largest_milli_cpu, cpu, config.largest_node.milli_cpu, errors);
  take_largest(args.largest_milli_gpu, gpu, config.largest_node.milli_gpu, errors);
}

void check_typical(const v1::TypicalPod& pod, const FieldPath& path, ErrorList& errors) {
  const FieldPath weight = path.child("weight");
  if (!(pod.weight > 0)) errors.invalid(weight, api::BadValue::raw(std::to_string(pod.weight)), "must be greater than zero");
  const FieldPath cpu = path.child("milliCPU");
  if (pod.milli_cpu < 0) errors.invalid(cpu, pod.milli_cpu, "must not be negative");
  const FieldPath count = path.child("gpuCount");
  if (pod.gpu_count < 0 || pod.gpu_count > kMaxGpus) errors.invalid(count, pod.gpu_count, "not in valid range [0, 64]");
  const FieldPath milli = path.child("gpuMilli");
  const std::int32_t of_each = pod.gpu_milli.value_or(kWholeGpu);
  if (of_each < 1 || of_each > kWholeGpu) errors.invalid(milli, of_each, "not in valid range [1, 1000]");
}

void take(const v1::FGDArgs& args, const FieldPath& path, ProfileConfig& config, ErrorList& errors) {
  const FieldPath list = path.child("typicalPods");
  if (args.typical_pods.empty()) return errors.required(list, "fragmentation is measured by the pods that typically come");
  if (args.typical_pods.size() > kMaxTypicalPods) return errors.invalid(list, static_cast<std::int64_t>(args.typical_pods.size()), "at most 200 pods");
  double all = 0;
  for (std::size_t i = 0; i < args.typical_pods.size(); ++i) {
    const FieldPath here = list.index(i);
    check_typical(args.typical_pods[i], here, errors);
    all += args.typical_pods[i].weight;
  }
  if (!errors.empty()) return;
  std::vector<TypicalPod> typical;
  for (const v1::TypicalPod& p : args.typical_pods) {
    const GpuDemand gpu{p.gpu_count, p.gpu_count > 0 ? p.gpu_milli.value_or(kWholeGpu) : 0, p.gpu_models, false};
    typical.push_back({{p.milli_cpu, gpu}, p.weight / all});
  }
  config.fragmentation = std::make_shared<FragmentationModel>(std::move(typical));
}

template <class Args>
void read_and_take(const v1::PluginArgs& given, const std::string& path, ProfileConfig& config, Problems& problems) {
  Args args;
  read_strictly(api::describe<Args>(), &args, given.args.text.empty() ? "{}" : given.args.text.view(), path, problems);
  const std::string kind = cat(given.name, "Args");
  if (!args.kind.empty() && args.kind.view() != kind) {
    problems.add(cat(path, ".kind"), cat("args for plugin ", given.name, " were not of type ", kind, ", got ", args.kind));
  }
  if (!args.api_version.empty() && !(args.api_version == kArgsVersion)) {
    problems.add(cat(path, ".apiVersion"), cat("must be ", kArgsVersion));
  }
  ErrorList errors;
  take(args, FieldPath(path), config, errors);
  problems.add(errors);
}

using ArgsReader = void (*)(const v1::PluginArgs&, const std::string&, ProfileConfig&, Problems&);
constexpr std::pair<std::string_view, ArgsReader> kReaders[] = {
    {"DefaultPreemption", read_and_take<v1::DefaultPreemptionArgs>},
    {"InterPodAffinity", read_and_take<v1::InterPodAffinityArgs>},
    {"NodeAffinity", read_and_take<v1::NodeAffinityArgs>},
    {"NodeResourcesBalancedAllocation", read_and_take<v1::NodeResourcesBalancedAllocationArgs>},
    {"NodeResourcesFit", read_and_take<v1::NodeResourcesFitArgs>},
    {"PodTopologySpread", read_and_take<v1::PodTopologySpreadArgs>},
    {"VolumeBinding", read_and_take<v1::VolumeBindingArgs>},
    {"Coscheduling", read_and_take<v1::CoschedulingArgs>},
    {"FGD", read_and_take<v1::FGDArgs>},
    {"GpuShare", read_and_take<v1::GpuShareArgs>},
    {"BestFit", read_and_take<v1::LargestNodeArgs>},
    {"DotProd", read_and_take<v1::LargestNodeArgs>},
    {"Random", read_and_take<v1::RandomArgs>},
};

/// The plugin reads them itself.
void take_outside(const v1::PluginArgs& args, const OutsidePlugin& plugin, const std::string& path, ProfileConfig& config, Problems& problems) {
  auto value = codec::parse_json(args.args.text.empty() ? "{}" : args.args.text.view());
  if (!value.ok()) return problems.add(path, value.error().message);
  if (!value->is_object()) return problems.add(path, "must be an object");
  const std::string wrong = outside_args_problem(plugin, *value);
  if (!wrong.empty()) problems.add(path, wrong);
  config.outside_args[args.name] = std::move(*value);
}

}  // namespace

std::size_t read_strictly(const api::Type& type, void* value, std::string_view json, const std::string& path, Problems& problems) {
  codec::ReadOptions options;
  options.validation = api::FieldValidation::kWarn;
  codec::ReadReport report;
  const base::Status read = codec::read_json(type, value, json, options, &report);
  if (!read) {
    problems.add(path, read.error().message);
    return report.error_offset;
  }
  if (report.problems.empty()) return 0;
  // `unknown field "spec.x"`
  const std::string& text = report.problems[0];
  const std::size_t open = text.find('"');
  const std::string field = open == text.npos ? "" : text.substr(open + 1, text.rfind('"') - open - 1);
  problems.add(path.empty() || field.empty() ? path + field : cat(path, ".", field), text.substr(0, text.find(" \"")));
  return 0;
}

void take_args(const v1::PluginArgs& args, const std::string& path, ProfileConfig& config, Problems& problems) {
  const auto at = std::find_if(std::begin(kReaders), std::end(kReaders), [&](const auto& r) { return args.name == r.first; });
  if (at != std::end(kReaders)) return at->second(args, cat(path, ".args"), config, problems);
  const PluginCatalogue catalogue(config.outside);
  const auto kind = catalogue.find(args.name);
  if (kind && kind->outside) return take_outside(args, *kind->outside, cat(path, ".args"), config, problems);
  const std::string why = why_unusable(args.name, catalogue);
  if (!why.empty()) problems.add(cat(path, ".name"), why);
  else if (!args.args.text.empty()) problems.add(cat(path, ".args"), cat("plugin \"", args.name, "\" takes no arguments"));
}

void check_policies(const ProfileConfig& config, const std::string& path, Problems& problems) {
  const PluginLayout& layout = config.layout;
  const bool by_fragments = layout.has(Point::kFilter, "GpuShare") && config.devices == DeviceRule::kFragmentation;
  if ((layout.has(Point::kScore, "FGD") || by_fragments) && !config.fragmentation) {
    problems.add(path, "FGD, and GpuShare's devices: Fragmentation, need pluginConfig of FGD with args.typicalPods");
  }
  for (const std::string_view name : {"FGD", "GpuPacking", "GpuClustering"}) {
    if (!layout.has(Point::kScore, name) || layout.has(Point::kFilter, "GpuShare")) continue;
    problems.add(path, cat("plugin \"", name, "\" scores GPUs, which nothing gives out without the plugin GpuShare; enable it at multiPoint"));
  }
}

}  // namespace orrery::scheduler
