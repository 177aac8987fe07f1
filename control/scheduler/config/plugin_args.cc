#include "control/scheduler/config/plugin_args.h"

#include <algorithm>

#include "control/scheduler/config/plugin_sets.h"
#include "model/api/names.h"
#include "model/codec/json_read.h"

namespace orrery::scheduler {
namespace {

using api::ErrorList;
using api::FieldPath;
using base::cat;

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
};

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
  const std::string why = why_unusable(args.name);
  if (!why.empty()) problems.add(cat(path, ".name"), why);
  else if (!args.args.text.empty()) problems.add(cat(path, ".args"), cat("plugin \"", args.name, "\" takes no arguments"));
}

}  // namespace orrery::scheduler
