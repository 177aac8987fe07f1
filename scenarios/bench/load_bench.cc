#include "scenarios/bench/load_bench.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "model/base/hash.h"
#include "model/base/str.h"
#include "scenarios/bench/import_trace.h"
#include "scenarios/bench/input_file.h"
#include "scenarios/bench/load_measuring.h"
#include "scenarios/bench/load_operations.h"
#include "scenarios/bench/load_policy.h"
#include "scenarios/bench/load_synthetic.h"
#include "scenarios/load/load_cluster.h"
#include "scenarios/load/substitute.h"
#include "scenarios/load/units.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr std::size_t kMaxRuns = 100'000;

std::map<std::string, std::string> parameters_of(const YamlCursor& top, const std::map<std::string, std::string>& set) {
  std::map<std::string, std::string> out;
  std::string known;
  std::vector<YamlCursor::Entry> declared;
  if (top.has("parameters")) declared = top.at("parameters").entries();
  for (const auto& [name, value] : declared) {
    value.keys({"about", "value"});
    known += cat(known.empty() ? "" : ", ", name);
    const auto given = set.find(name);
    if (given != set.end()) out[name] = given->second;
    else if (value.has("value")) out[name] = value.at("value").text();
    else value.fail(cat("has no value; give one with --set ", name, "=VALUE"));
  }
  for (const auto& [name, value] : set) {
    if (out.count(name) != 0) continue;
    throw InputError{top.file(), 0, "--set", cat("\"", name, "\" is not a parameter of the file (", known.empty() ? "it has none" : known, ")")};
  }
  return out;
}

std::vector<std::uint64_t> seeds_of(const YamlCursor& c) {
  std::vector<std::uint64_t> out;
  for (const YamlCursor& item : c.is_sequence() ? c.items() : std::vector{c}) {
    const auto range = parse_range(item.text());
    if (!range.ok()) item.fail(range.error().message);
    for (const std::int64_t s : *range) {
      if (s < 0) item.fail("seeds must not be negative");
      out.push_back(static_cast<std::uint64_t>(s));
    }
  }
  std::vector<std::uint64_t> sorted = out;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) c.fail("names a seed twice");
  if (out.empty()) c.fail("names no seed");
  return out;
}

/// "80%" or 0.8, above 0.
double part_of(const YamlCursor& c, double most) {
  std::string text = c.text();
  const bool percent = text.back() == '%';
  if (percent) text.pop_back();
  const YamlCursor number(YAML::Node(text), c.file(), c.path(), c.line());
  const double value = number.number(0, percent ? most * 100 : most) / (percent ? 100 : 1);
  if (value <= 0) c.fail("must be above 0");
  return value;
}

/// "busiest 6h"; "all": 0.
base::Nanos window_of(const YamlCursor& c) {
  static constexpr std::string_view kBusiest = "busiest ";
  const std::string text = c.text();
  if (text == "all") return 0;
  const auto length = parse_duration(text.substr(std::min(text.size(), kBusiest.size())));
  if (!text.starts_with(kBusiest) || !length.ok() || *length <= 0) c.fail(cat("\"", text, "\" is no window (write busiest 6h, or all)"));
  return *length;
}

void load_arrivals(const YamlCursor& c, TraceSpec& out) {
  c.keys({"orders", "shuffled", "recorded"});
  if (c.entries().size() != 1) c.fail("must say one of orders, shuffled and recorded");
  if (c.has("orders")) {
    out.arrivals = ArrivalKind::kOrders;
    out.orders = input_file(c.at("orders"));
  } else if (c.has("shuffled")) {
    out.arrivals = ArrivalKind::kShuffled;
    c.at("shuffled").keys({"demand"});
    if (c.at("shuffled").has("demand")) out.demand = part_of(c.at("shuffled").at("demand"), 100);
  } else {
    const YamlCursor r = c.at("recorded");
    r.keys({"unscheduled", "censored", "resample", "rate", "window"});
    if (r.has("rate")) out.rate = part_of(r.at("rate"), 1e6);
    if (r.has("unscheduled") && r.at("unscheduled").one_of({"until-deletion", "drop"}) == "drop") out.unscheduled = UnscheduledRule::kDrop;
    if (r.has("censored")) {
      out.censored = r.at("censored").one_of({"as-recorded", "to-the-end"}) == "to-the-end" ? CensoredRule::kToTheEnd : CensoredRule::kAsRecorded;
    }
    if (r.has("window")) out.window = window_of(r.at("window"));
    out.resample = r.duration_or("resample", 0);
    if (out.resample < 0) r.at("resample").fail("must not be negative");
  }
}

/// Jobs larger than the processors of all nodes are left out.
void load_gangs(const YamlCursor& c, TraceSpec& out) {
  const YamlCursor g = c.at("gangs");
  g.keys({"nodes", "cpu", "memory"});
  GangSpec spec;
  spec.nodes = load_node_groups(g.at("nodes"));
  if (g.has("cpu")) spec.milli_cpu = g.at("cpu").milli_cpu();
  if (g.has("memory")) spec.memory = g.at("memory").bytes();
  if (spec.milli_cpu <= 0) g.at("cpu").fail("must be above 0");
  if (c.has("processors")) c.at("processors").fail("is what `gangs` makes of its nodes; leave it out");
  for (const NodeGroup& n : spec.nodes) {
    const std::int64_t by_cpu = n.node.milli_cpu / spec.milli_cpu;
    out.processors += n.count * (spec.memory > 0 ? std::min(by_cpu, n.node.memory / spec.memory) : by_cpu);
  }
  if (out.processors == 0) g.at("nodes").fail("none is large enough for one pod");
  out.gangs = std::move(spec);
}

/// A trace that has its times.
void load_recorded(const YamlCursor& c, TraceSpec& out) {
  const TraceFormat f = out.format;
  const bool one_file = f == TraceFormat::kSimkube || f == TraceFormat::kDump || f == TraceFormat::kAudit;
  if (f == TraceFormat::kAlibaba2017 || f == TraceFormat::kAlibaba2018) c.keys({"format", "name", "nodes", "pods", "instances", "containers", "arrivals", "load"});
  else if (f == TraceFormat::kAzure2020) c.keys({"format", "name", "types", "pods", "machines", "machine", "arrivals", "load"});
  else if (f == TraceFormat::kDump) c.keys({"format", "name", "file", "arrivals", "load"});
  else if (one_file) c.keys({"format", "name", "file", "nodes", "arrivals", "load"});
  else c.keys({"format", "name", "nodes", "pods", "arrivals", "load"});
  if (one_file) out.file = input_file(c.at("file"));
  else out.pods = input_file(c.at("pods"));
  if (f == TraceFormat::kAzure2020) {
    out.nodes = input_file(c.at("types"));
    out.machines = c.at("machines").integer(1, 1'000'000);
    out.machine = c.integer_or("machine", -1, 0, INT64_MAX);
  } else if (f != TraceFormat::kDump) {
    out.nodes = input_file(c.at("nodes"));
  }
  if (c.has("instances")) out.instances = input_file(c.at("instances"));
  if (c.has("containers")) out.containers = input_file(c.at("containers"));
  if (f == TraceFormat::kDump) out.censored = CensoredRule::kToTheEnd;   // nobody has left it, so nobody leaves
  load_arrivals(c.at("arrivals"), out);
  if (out.arrivals != ArrivalKind::kTimed) c.at("arrivals").fail("such a trace has its times and no GPUs: arrivals must be `recorded`");
  out.name = c.text_or("name", std::filesystem::path(one_file ? out.file : out.pods).stem().string());
}

TraceSpec load_trace(const YamlCursor& c, const Templates& templates) {
  TraceSpec out;
  out.line = c.line();
  out.source = YAML::Dump(c.node());
  out.closed = load_closed(c);
  const std::string format = c.at("format").one_of({"openb", "google-2011", "google-2019", "alibaba-2017", "alibaba-2018", "azure-2020",
                                                    "simkube", "cluster-dump", "audit-log", "synthetic", "swf", "batsim",
                                                    "operations"});
  if (const auto known = imported_format(format)) {
    out.format = *known;
    load_recorded(c, out);
  } else if (format == "openb") {
    c.keys({"format", "name", "nodes", "pods", "arrivals", "load"});
    out.nodes = input_file(c.at("nodes"));
    out.pods = input_file(c.at("pods"));
    load_arrivals(c.at("arrivals"), out);
    out.name = c.text_or("name", std::filesystem::path(out.pods).stem().string());
  } else if (format == "synthetic") {
    out.format = TraceFormat::kSynthetic;
    out.synthetic = load_synthetic(c, out.closed.has_value());
    out.name = c.text_or("name", "synthetic");
  } else if (format == "operations") {
    out.format = TraceFormat::kOperations;
    out.operations = load_operations(c, templates);
    out.source += templates.source;
    out.name = c.at("name").text();
    const std::string thresholds = c.text_or("thresholds", "none");
    if (thresholds != "none") {
      out.file = input_file(c.at("thresholds"));
      out.operations.threshold = read_threshold(out.file, out.name, out.operations.workload);
    }
  } else {
    c.keys({"format", "name", "file", "processors", "overrun", "gangs"});
    out.format = format == "swf" ? TraceFormat::kSwf : TraceFormat::kBatsim;
    out.file = input_file(c.at("file"));
    out.processors = c.integer_or("processors", 0, 1, 100'000'000);
    if (c.has("gangs")) load_gangs(c, out);
    if (c.has("overrun") && c.at("overrun").one_of({"kill", "run-on"}) == "run-on") out.overrun = OverrunRule::kRunOn;
    out.name = c.text_or("name", std::filesystem::path(out.file).stem().string());
  }
  return out;
}

std::vector<TraceSpec> load_traces(const YamlCursor& c, const Templates& templates) {
  std::vector<TraceSpec> out;
  std::set<std::string> names;
  for (const YamlCursor& item : c.items()) {
    out.push_back(load_trace(item, templates));
    if (!names.insert(out.back().name).second) item.fail(cat("a trace before is called \"", out.back().name, "\" too; give it a `name`"));
  }
  if (out.empty()) c.fail("names no trace");
  return out;
}

bool has_batch_policy(const BenchSpec& spec) {
  return std::any_of(spec.policies.begin(), spec.policies.end(), [](const PolicyEntry& p) { return p.batch.has_value(); });
}

bool has_cut(const BenchSpec& spec) {
  return std::any_of(spec.traces.begin(), spec.traces.end(), [](const TraceSpec& t) { return t.warmup.kind != WarmupRule::Kind::kNone; });
}

bool has_gangs(const TraceSpec& t) {
  const auto& shapes = t.synthetic.shapes;
  return t.gangs || std::any_of(shapes.begin(), shapes.end(), [](const ShapeShare& s) { return s.gang_most > 1; });
}

/// Users of a closed load submit one pod at a time, when they are ready.
void check_closed(const YamlCursor& c, const TraceSpec& t) {
  if (!t.closed) return;
  const auto fail = [&](const char* what) { throw InputError{c.file(), t.line, "traces", cat("trace \"", t.name, "\": ", what)}; };
  if (t.arrivals != ArrivalKind::kTimed) fail("a closed load needs durations: arrivals must be `recorded`");
  if (has_gangs(t)) fail("a gang is no job of a closed load's user, who submits one pod at a time");
  if (t.rate != 1 || t.resample > 0) fail("a closed load takes no times from the trace: leave out rate and resample");
}

/// What only timed runs do, and what does not go together.
void check_timed(const YamlCursor& c, const TraceSpec& t, const PolicyEntry& p) {
  const auto fail = [&](const std::string& what) {
    throw InputError{c.file(), t.line, "traces", cat("trace \"", t.name, "\" and policy \"", p.label, "\": ", what)};
  };
  const bool by_time = p.policy.strict || p.policy.preemption || p.beside.descheduler || p.beside.autoscaler;
  if (by_time && t.arrivals != ArrivalKind::kTimed) fail("backfill, preemption, descheduler and autoscaler need `arrivals: recorded`");
  const bool other_order = p.policy.together || p.policy.order == scheduler::WaitOrder::kDominantShare;
  if (other_order && has_gangs(t)) fail("gangs cannot be placed by a flow or in the order of dominant shares");
  if (other_order && (p.policy.strict || p.policy.preemption)) fail("a flow and the order of dominant shares go with neither `backfill: none` nor preemption");
}

void load_mode(const YamlCursor& c, BenchSpec& out) {
  if (c.at("mode").one_of({"placement-only", "whole-cluster"}) == "placement-only") {
    for (const char* key : {"cluster", "timeline", "nodes"}) {
      if (c.has(key) && !out.either_mode) c.at(key).fail("needs mode: whole-cluster");
    }
    return;
  }
  out.mode = BenchMode::kWholeCluster;
  const YamlCursor cluster = c.at("cluster");
  for (const char* key : {"nodes", "scheduler"}) {
    if (cluster.has(key)) cluster.at(key).fail(cat("a bench takes its ", key[0] == 'n' ? "nodes from the trace" : "scheduler from the policy"));
  }
  if (c.has("nodes")) out.kubelets = c.at("nodes").one_of({"objects", "kubelets"}) == "kubelets";
  out.cluster_hash = base::combine64(base::hash_bytes(YAML::Dump(cluster.node())), out.kubelets);
  out.cluster = load_cluster(cluster, out.cluster_hash);
  if (!c.has("timeline")) return;
  out.timeline = c.at("timeline");
  out.cluster_hash = base::combine64(out.cluster_hash, base::hash_bytes(YAML::Dump(out.timeline->node())));
}

void check_mode(const YamlCursor& c, const BenchSpec& spec, const TraceSpec& t) {
  for (const PolicyEntry& p : spec.policies) {
    const bool gangs_only = spec.mode == BenchMode::kPlacementOnly && !spec.either_mode && p.says_coscheduling;
    if (gangs_only) throw InputError{c.file(), t.line, "policies", cat("policy \"", p.label, "\": `coscheduling` is the scheduler's of a whole cluster; in placement only gangs are tried as one")};
  }
  if (spec.mode == BenchMode::kPlacementOnly) return;
  const auto fail = [&](const char* where, const std::string& what) { throw InputError{c.file(), t.line, where, what}; };
  const bool operations = t.format == TraceFormat::kOperations;
  if (is_log(t.format) && !t.gangs) fail("traces", cat("trace \"", t.name, "\" has processors; in a whole cluster `gangs` says what nodes and pods they are"));
  if (!operations && t.arrivals != ArrivalKind::kTimed) {
    fail("traces", cat("trace \"", t.name, "\" has no pods with times, which a whole cluster needs"));
  }
  for (const PolicyEntry& p : spec.policies) {
    if (p.policy.own_queue && has_gangs(t)) fail("policies", cat("policy \"", p.label, "\" orders the queue; in a whole cluster that of gangs is Coscheduling's"));
    if (p.policy.own_queue && p.policy.strict) fail("policies", cat("policy \"", p.label, "\" orders the queue; in a whole cluster that of `backfill: none` stands before it"));
  }
}

/// Batch jobs that are pods. In a whole cluster they are told until the last one has ended, with the metrics of a batch machine.
void check_batch_cluster(const YamlCursor& c, const BenchSpec& spec) {
  for (const YamlCursor& item : c.at("traces").items()) {
    const bool pods = item.has("gangs") && !(spec.mode == BenchMode::kWholeCluster && has_batch_policy(spec));
    if (pods && item.has("overrun")) item.at("overrun").fail("is for batch jobs; gangs run as long as the job did");
  }
  if (spec.mode == BenchMode::kPlacementOnly || !has_batch_policy(spec)) return;
  if (c.has("warmup") && has_cut(spec)) c.at("warmup").fail("of batch jobs no warm-up is cut");
  if (spec.sizes != std::vector{1.0}) c.at("sizes").fail("the nodes of batch jobs are those that `gangs` says");
}

/// "all", or names of traces with commas between them: the others are left out.
void keep_only(const YamlCursor& c, std::vector<TraceSpec>& traces) {
  std::set<std::string> wanted;
  const std::string text = c.text();
  if (text == "all") return;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    wanted.insert(text.substr(at, comma - at));
    at = comma + 1;
  }
  for (const std::string& name : wanted) {
    if (std::any_of(traces.begin(), traces.end(), [&](const TraceSpec& t) { return t.name == name; })) continue;
    std::string known;
    for (const TraceSpec& t : traces) known += cat(known.empty() ? "" : ", ", t.name);
    c.fail(cat("\"", name, "\" is no trace of the file (", known, "; or all)"));
  }
  std::erase_if(traces, [&](const TraceSpec& t) { return !wanted.contains(t.name); });
}

/// Operations are scheduled pod by pod by a queue of their own, which knows preemption; nobody tells them what pods are typical.
void check_operations(const YamlCursor& c, const BenchSpec& spec, const TraceSpec& t) {
  const bool operations = t.format == TraceFormat::kOperations;
  if (operations && spec.sizes != std::vector{1.0}) c.at("sizes").fail(cat("trace \"", t.name, "\" says itself how many nodes there are"));
  for (const PolicyEntry& p : spec.policies) {
    const auto fail = [&](const char* what) { throw InputError{c.file(), t.line, "policies", cat("policy \"", p.label, "\" ", what)}; };
    if (!operations) continue;
    if (p.policy.strict || p.beside.descheduler || p.beside.autoscaler) fail("acts in timed runs, which operations are not");
    if (p.policy.together || p.policy.order != scheduler::WaitOrder::kArrival) fail("has an order of its own; operations are queued as upstream queues");
    if (scheduler::needs_model(p.policy)) fail("wants typical pods, which operations do not have");
  }
}

void check_whole(const YamlCursor& c, const BenchSpec& spec) {
  check_batch_cluster(c, spec);
  for (const TraceSpec& t : spec.traces) {
    check_operations(c, spec, t);
    check_mode(c, spec, t);
    check_closed(c, t);
    const bool batch = is_log(t.format) && (!t.gangs || (spec.mode == BenchMode::kWholeCluster && has_batch_policy(spec)));
    for (const PolicyEntry& p : spec.policies) {
      if (p.batch.has_value() == batch) continue;
      throw InputError{c.file(), t.line, "traces", cat("trace \"", t.name, "\" is of ", batch ? "batch jobs" : "pods", ", policy \"",
                                                       p.label, "\" is for ", batch ? "pods" : "batch jobs", "; give them bench files of their own")};
    }
    for (const PolicyEntry& p : spec.policies) {
      if (!p.policy.together || t.arrivals == ArrivalKind::kTimed) continue;
      throw InputError{c.file(), t.line, "traces", cat("the pods of trace \"", t.name, "\" come one by one, policy \"", p.label,
                                                       "\" places all that wait at one time; give it a trace with `arrivals: recorded`")};
    }
    for (const PolicyEntry& p : spec.policies) check_timed(c, t, p);
    if (spec.published_tables && t.arrivals == ArrivalKind::kTimed) {
      c.at("tables").fail(cat("trace \"", t.name, "\" comes at its times; the published tables are over arrived demand"));
    }
    if (batch && !t.gangs && spec.sizes != std::vector{1.0}) c.at("sizes").fail("a machine of processors has no nodes; use `processors`");
  }
  const std::size_t runs = spec.traces.size() * spec.sizes.size() * spec.policies.size() * spec.seeds.size();
  if (runs > kMaxRuns) c.fail(cat("asks for ", std::to_string(runs), " runs, over 100,000; use fewer seeds or sizes"));
}

}  // namespace

BenchSpec load_bench(const std::string& file, const std::map<std::string, std::string>& set, const Outside& outside) {
  YamlCursor c = read_yaml_file(file);
  c.keys({"apiVersion", "kind", "about", "mode", "parameters", "seeds", "sizes", "cluster", "timeline", "nodes", "only", "templates",
          "traces", "policies", "tables", "warmup", "energy"});
  const auto values = parameters_of(c, set);
  const bool either_mode = c.has("mode") && c.at("mode").text().starts_with("${");
  std::map<std::string, int> uses;
  for (const auto& e : c.entries()) {
    if (e.key != "parameters") substitute(e.value.node(), values, file, "a parameter of the file (declare it under `parameters`)", uses);
  }
  for (const auto& [name, value] : values) {
    if (uses[name] == 0) c.at("parameters").at(name.c_str()).fail(cat("is used nowhere (write ${", name, "})"));
  }
  if (c.at("apiVersion").text() != "orrery/v1") c.at("apiVersion").fail("must be orrery/v1");
  if (c.at("kind").text() != "Bench") c.at("kind").fail("must be Bench");
  BenchSpec out;
  out.outside = outside;
  out.file = file;
  out.either_mode = either_mode;
  load_mode(c, out);
  out.about = c.text_or("about", "");
  out.seeds = seeds_of(c.at("seeds"));
  if (c.has("sizes")) {
    out.sizes.clear();
    for (const YamlCursor& item : c.at("sizes").items()) out.sizes.push_back(part_of(item, 1));
    if (out.sizes.empty()) c.at("sizes").fail("names no size");
  }
  out.traces = load_traces(c.at("traces"), c.has("templates") ? load_templates(c.at("templates")) : Templates());
  if (c.has("only")) keep_only(c.at("only"), out.traces);
  load_warmups(c, out.traces);
  if (c.has("energy")) out.energy = load_energy(c.at("energy"));
  out.policies = load_policies(c.at("policies"), outside);
  if (c.has("tables")) out.published_tables = c.at("tables").one_of({"fgd"}) == "fgd";
  check_whole(c, out);
  check_power(c, out);
  return out;
}

}  // namespace orrery::scenarios::bench
