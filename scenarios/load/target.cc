#include "scenarios/load/target.h"

#include "model/base/str.h"

namespace orrery::scenarios {
namespace {

using base::cat;

struct ProcessName {
  const char* short_name;
  const char* full;
  bool on_masters;
};
constexpr ProcessName kProcesses[] = {{"etcd", "etcd", true},
                                      {"apiserver", "kube-apiserver", true},
                                      {"scheduler", "kube-scheduler", true},
                                      {"controller-manager", "kube-controller-manager", true},
                                      {"kubelet", "kubelet", false},
                                      {"proxy", "kube-proxy", false}};

bool parse_role(const std::string& text, std::string& role) {
  if (text == "store" || text == "etcd") role = "store";
  else if (text == "kube-controller-manager" || text == "controller-manager") role = "kube-controller-manager";
  else if (text == "kube-scheduler" || text == "scheduler") role = "kube-scheduler";
  else return false;
  return true;
}

bool starts_with(const std::string& s, const char* prefix) { return s.rfind(prefix, 0) == 0; }

std::vector<std::string> names_of(const std::vector<MachineSpec>& machines) {
  std::vector<std::string> out;
  for (const MachineSpec& m : machines) out.push_back(m.name);
  return out;
}

std::string master_target(const std::string& rest, const ClusterSpec& cluster, Target& t) {
  if (starts_with(rest, "leader-of(") && rest.back() == ')') {
    const std::string role = rest.substr(10, rest.size() - 11);
    if (!parse_role(role, t.role))
      return cat("\"", role, "\" is not a role (store, kube-controller-manager, kube-scheduler)");
    t.kind = Target::Kind::kLeaderMachine;
    return "";
  }
  if (rest == "*") {
    t.machines = names_of(cluster.masters);
    return "";
  }
  for (std::size_t i = 0; i < cluster.masters.size(); ++i)
    if (rest == std::to_string(i + 1) || rest == cluster.masters[i].name) {
      t.machines = {cluster.masters[i].name};
      return "";
    }
  return cat("there is no master \"", rest, "\" (1 to ", std::to_string(cluster.masters.size()), ", *, leader-of(ROLE))");
}

std::string node_target(const std::string& rest, const ClusterSpec& cluster, Target& t) {
  const bool zone = starts_with(rest, "zone-") && rest.size() > 7 && rest.substr(rest.size() - 2) == "/*";
  const std::string zone_name = zone ? rest.substr(5, rest.size() - 7) : "";
  for (const MachineSpec& m : cluster.nodes)
    if (rest == "*" || (zone ? m.zone == zone_name : m.name == rest)) t.machines.push_back(m.name);
  return t.machines.empty() ? cat("there is no node \"", rest, "\"") : "";
}

std::string place_target(const std::string& kind, const std::string& rest, const ClusterSpec& cluster, Target& t) {
  for (const auto* group : {&cluster.masters, &cluster.nodes})
    for (const MachineSpec& m : *group)
      if ((kind == "zone" ? m.zone : m.rack) == rest) t.machines.push_back(m.name);
  return t.machines.empty() ? cat("there is no ", kind, " \"", rest, "\"") : "";
}

std::string process_target(const ProcessName& p, const std::string& rest, const ClusterSpec& cluster, Target& t) {
  t.process = p.full;
  t.kind = Target::Kind::kProcesses;
  if (!p.on_masters) {
    Target machines;
    const bool master = starts_with(rest, "master-");
    const std::string problem = master ? master_target(rest, cluster, machines) : node_target(rest, cluster, machines);
    t.machines = machines.machines;
    return problem;
  }
  if (rest == "leader") {
    if (!parse_role(p.short_name, t.role)) return cat("the ", p.short_name, " has no leader");
    t.kind = Target::Kind::kLeaderProcess;
    return "";
  }
  Target machines;
  const std::string problem = master_target(rest, cluster, machines);
  t.machines = machines.machines;
  if (!problem.empty() || machines.kind != Target::Kind::kMachines)
    return cat("there is no ", p.short_name, " \"", rest, "\" (1 to ", std::to_string(cluster.masters.size()), ", *, leader)");
  return "";
}

}  // namespace

Target parse_target(const std::string& text, const ClusterSpec& cluster, const std::set<std::string>& names,
                    std::string& problem) {
  Target t;
  if (names.count(text)) {
    t.kind = Target::Kind::kNamed;
    t.name = text;
    return t;
  }
  const std::size_t slash = text.find('/');
  const std::string kind = text.substr(0, slash);
  const std::string rest = slash == std::string::npos ? "" : text.substr(slash + 1);
  if (rest.empty()) problem = cat("\"", text, "\" names nothing (write master/1, node/NAME, zone/a, etcd/2, or a name given by as)");
  else if (kind == "master") problem = master_target(rest, cluster, t);
  else if (kind == "node") problem = node_target(rest, cluster, t);
  else if (kind == "zone" || kind == "rack") problem = place_target(kind, rest, cluster, t);
  else {
    problem = cat("\"", kind, "\" is not a kind of target");
    for (const ProcessName& p : kProcesses)
      if (kind == p.short_name) problem = process_target(p, rest, cluster, t);
  }
  return problem.empty() ? t : Target{};
}

std::string check_target(const std::string& text, const ClusterSpec& cluster, bool process, const std::set<std::string>& names) {
  std::string problem;
  const Target t = parse_target(text, cluster, names, problem);
  if (!problem.empty() || t.kind == Target::Kind::kNamed) return problem;
  const bool is_process = t.kind == Target::Kind::kProcesses || t.kind == Target::Kind::kLeaderProcess;
  if (process && !is_process) return cat("\"", text, "\" is a machine, not a process");
  if (!process && is_process) return cat("\"", text, "\" is a process, not a machine");
  return "";
}

}  // namespace orrery::scenarios
