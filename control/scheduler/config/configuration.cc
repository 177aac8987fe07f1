#include "control/scheduler/config/configuration.h"

#include <algorithm>

#include "control/scheduler/config/plugin_args.h"
#include "control/scheduler/config/plugin_sets.h"
#include "control/scheduler/config/v1_types.h"
#include "model/codec/json_read.h"
#include "model/codec/yaml_read.h"

namespace orrery::scheduler {
namespace {

using base::cat;

constexpr std::string_view kApiVersion = "kubescheduler.config.k8s.io/v1";
constexpr std::string_view kKind = "KubeSchedulerConfiguration";
/// More threads than a machine has cores change nothing.
constexpr std::int32_t kMostThreads = 256;

std::string numbered(std::string_view list, std::size_t i) { return cat(list, "[", std::to_string(i), "]"); }

void invalid(Problems& problems, std::string path, std::int64_t value, std::string_view detail) {
  problems.add(std::move(path), cat("Invalid value: ", std::to_string(value), ": ", detail));
}

class Reader {
 public:
  Reader(std::span<const OutsidePlugin* const> outside, Problems& problems)
      : outside_(outside.begin(), outside.end()), catalogue_(outside), problems_(problems) {}

  Configuration read(const v1::KubeSchedulerConfiguration& c) {
    Configuration out;
    check_type(c);
    check_leader_election(c.leader_election);
    if (c.parallelism.value_or(16) <= 0) {
      invalid(problems_, "parallelism", *c.parallelism, "should be an integer value greater than zero");
    }
    out.parallelism = std::clamp(c.parallelism.value_or(out.parallelism), 1, kMostThreads);
    check_percentage("percentageOfNodesToScore", c.percentage_of_nodes_to_score);
    take_backoff(c, out);
    out.qps = c.client_connection.qps.value_or(out.qps);
    out.burst = c.client_connection.burst.value_or(out.burst);
    if (!c.extenders.empty()) problems_.add("extenders[0]", "extenders are not there yet; leave them out to schedule without");
    v1::KubeSchedulerProfile plain;
    if (c.profiles.empty()) out.profiles.push_back(profile(plain, "profiles[0]", 1, c));
    for (std::size_t i = 0; i < c.profiles.size(); ++i) {
      out.profiles.push_back(profile(c.profiles[i], numbered("profiles", i), c.profiles.size(), c));
    }
    check_distinct(out.profiles);
    return out;
  }

 private:
  void check_type(const v1::KubeSchedulerConfiguration& c) {
    if (!(c.kind == kKind)) problems_.add("kind", cat("is \"", c.kind, "\"; a ", kKind, " is wanted"));
    if (!(c.api_version == kApiVersion)) {
      problems_.add("apiVersion", cat("is \"", c.api_version, "\"; Kubernetes 1.33 knows ", kApiVersion));
    }
  }
  void check_leader_election(const v1::LeaderElection& e) {
    if (!e.leader_elect.value_or(true) || e.resource_lock.empty() || e.resource_lock == "leases") return;
    problems_.add("leaderElection.resourceLock", cat("Invalid value: \"", e.resource_lock, "\": resourceLock value must be \"leases\""));
  }
  void check_percentage(const std::string& path, const std::optional<std::int32_t>& percentage) {
    if (percentage && (*percentage < 0 || *percentage > 100)) invalid(problems_, path, *percentage, "not in valid range [0-100]");
  }
  void take_backoff(const v1::KubeSchedulerConfiguration& c, Configuration& out) {
    const std::int64_t initial = c.pod_initial_backoff_seconds.value_or(1);
    const std::int64_t longest = c.pod_max_backoff_seconds.value_or(10);
    constexpr std::int64_t kLongest = 1'000'000'000;
    if (initial <= 0) invalid(problems_, "podInitialBackoffSeconds", initial, "must be greater than 0");
    if (longest < initial) {
      invalid(problems_, "podMaxBackoffSeconds", longest, "must be greater than or equal to PodInitialBackoffSeconds");
    }
    if (longest > kLongest) invalid(problems_, "podMaxBackoffSeconds", longest, "must be at most 1000000000");
    out.initial_backoff = std::min(initial, kLongest) * base::kSecond;
    out.max_backoff = std::min(longest, kLongest) * base::kSecond;
  }

  Profile profile(const v1::KubeSchedulerProfile& p, const std::string& path, std::size_t profiles,
                  const v1::KubeSchedulerConfiguration& c) {
    Profile out;
    if (p.scheduler_name) out.scheduler_name = *p.scheduler_name;
    if (p.scheduler_name ? p.scheduler_name->empty() : profiles > 1) problems_.add(cat(path, ".schedulerName"), "Required value");
    check_percentage(cat(path, ".percentageOfNodesToScore"), p.percentage_of_nodes_to_score);
    const auto& percentage = p.percentage_of_nodes_to_score ? p.percentage_of_nodes_to_score : c.percentage_of_nodes_to_score;
    out.config.percentage_of_nodes_to_score = percentage.value_or(0);
    if (problems_.none()) out.config.layout = layout_of(p.plugins, cat(path, ".plugins"), out.scheduler_name, catalogue_, problems_);
    out.config.outside = outside_;
    for (std::size_t i = 0; i < p.plugin_config.size(); ++i) {
      const std::string here = numbered(cat(path, ".pluginConfig"), i);
      const v1::PluginArgs& args = p.plugin_config[i];
      const auto same = [&](const v1::PluginArgs& other) { return other.name == args.name; };
      if (std::any_of(p.plugin_config.begin(), p.plugin_config.begin() + i, same)) {
        problems_.add(here, cat("Duplicate value: \"", args.name, "\""));
      }
      take_args(args, here, out.config, problems_);
    }
    if (problems_.none()) check_policies(out.config, cat(path, ".plugins"), problems_);
    return out;
  }

  /// All profiles share one queue.
  void check_distinct(const std::vector<Profile>& profiles) {
    for (std::size_t i = 0; i < profiles.size(); ++i) {
      const std::string path = numbered("profiles", i);
      for (std::size_t j = 0; j < i; ++j) {
        if (!(profiles[j].scheduler_name == profiles[i].scheduler_name)) continue;
        problems_.add(cat(path, ".schedulerName"), cat("Duplicate value: \"", numbered("profiles", j), ".schedulerName\""));
      }
      const auto& sort = profiles[i].config.layout.at(Point::kQueueSort);
      const auto& first = profiles[0].config.layout.at(Point::kQueueSort);
      if (!sort.empty() && !first.empty() && !(sort[0].plugin == first[0].plugin)) {
        problems_.add(cat(path, ".plugins.queueSort"), cat("Invalid value: \"", sort[0].plugin, "\": must be the same for all profiles"));
      }
    }
  }

  const std::vector<const OutsidePlugin*> outside_;
  const PluginCatalogue catalogue_;
  Problems& problems_;
};

/// "yaml: line 3: ..." as a line and the rest.
ConfigProblem yaml_problem(const std::string& message) {
  constexpr std::string_view kLine = "yaml: line ";
  if (!message.starts_with(kLine)) return {0, {}, message};
  const std::size_t colon = message.find(": ", kLine.size());
  return {std::atoi(message.c_str() + kLine.size()), {}, cat("not YAML: ", colon == message.npos ? message : message.substr(colon + 2))};
}

}  // namespace

const Profile* Configuration::find(std::string_view scheduler_name) const {
  const auto at = std::find_if(profiles.begin(), profiles.end(), [&](const Profile& p) { return p.scheduler_name == scheduler_name; });
  return at == profiles.end() ? nullptr : &*at;
}

bool Configuration::schedules_gangs() const {
  return std::any_of(profiles.begin(), profiles.end(), [](const Profile& p) {
    if (!p.research) return p.config.layout.has(Point::kPermit, "Coscheduling");
    const std::vector<Str>& more = p.research->policy.more;
    return std::find(more.begin(), more.end(), Str("Coscheduling")) != more.end();
  });
}

Configuration default_configuration() {
  Configuration out;
  out.profiles.emplace_back();
  return out;
}

base::Result<Configuration, ConfigProblem> read_configuration(std::string_view text, std::span<const OutsidePlugin* const> outside) {
  const auto documents = codec::read_yaml(text);
  if (!documents.ok()) return yaml_problem(documents.error().message);
  if (documents->size() != 1) return ConfigProblem{0, {}, cat("has ", std::to_string(documents->size()), " documents; one is wanted")};
  const codec::YamlDocument& document = documents->front();
  v1::KubeSchedulerConfiguration v1;
  Problems problems;
  const std::size_t offset = read_strictly(api::describe<v1::KubeSchedulerConfiguration>(), &v1, document.json, {}, problems);
  if (!problems.none() && problems.path().empty()) return ConfigProblem{document.line_at(offset), {}, problems.what()};
  Configuration out = Reader(outside, problems).read(v1);
  if (!problems.none()) return ConfigProblem{document.line_of(problems.path()), problems.path(), problems.what()};
  return out;
}

}  // namespace orrery::scheduler
