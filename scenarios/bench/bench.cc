#include "scenarios/bench/bench.h"

#include <algorithm>
#include <cmath>

#include "model/base/hash.h"
#include "scenarios/bench/arrivals.h"
#include "scenarios/outside/external_policy.h"
#include "scenarios/bench/gangs.h"
#include "scenarios/bench/import_trace.h"
#include "scenarios/bench/last_attempts.h"
#include "scenarios/bench/openb.h"
#include "scenarios/bench/timed.h"
#include "scenarios/bench/trace_text.h"
#include "scenarios/bench/whole_cluster.h"
#include "scenarios/bench/whole_operations.h"
#include "scenarios/bench/window.h"
#include "scenarios/load/units.h"
#include "scenarios/run/run_directory.h"

namespace orrery::scenarios::bench {
namespace {

/// Raised when runs compute something else than before: results of older programs are not taken for new ones.
constexpr std::uint64_t kMethodVersion = 5;
constexpr std::size_t kMaxGangPods = 10'000'000;

bool is_batch(const TraceSpec& t) { return is_log(t.format) && !t.gangs; }

std::shared_ptr<const scheduler::FragmentationModel> model_of(const std::vector<TracePod>& pods) {
  std::vector<scheduler::PodShape> shapes;
  for (const TracePod& pod : pods) shapes.push_back(shape_of(pod));
  return std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes));
}

/// Which nodes are there: `size` of them, spread evenly over the list.
std::vector<std::uint32_t> kept_nodes(std::size_t nodes, double size) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < nodes; ++i) {
    const auto before = static_cast<std::int64_t>(std::floor(static_cast<double>(i) * size + 1e-9));
    const auto after = static_cast<std::int64_t>(std::floor(static_cast<double>(i + 1) * size + 1e-9));
    if (after > before) out.push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

void keep_nodes(Trace& trace, double size) {
  std::vector<TraceNode> nodes;
  for (const std::uint32_t n : kept_nodes(trace.nodes.size(), size)) nodes.push_back(trace.nodes[n]);
  trace.nodes = std::move(nodes);
}

void shuffle(std::vector<std::uint32_t>& items, base::RandomStream& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

/// All pods and nodes in an order drawn by seed; pods are drawn again, or the last ones left out, until together they ask
/// for `demand` of the GPUs.
ArrivalOrder shuffled_order(const Trace& trace, const std::vector<std::uint32_t>& nodes, double demand, std::uint64_t seed) {
  ArrivalOrder out;
  out.seed = seed;
  out.nodes = nodes;
  base::RandomStream node_stream(base::stream_key(seed, "bench", "nodes"));
  base::RandomStream pod_stream(base::stream_key(seed, "bench", "pods"));
  shuffle(out.nodes, node_stream);
  double capacity = 0;
  for (const std::uint32_t n : nodes) capacity += static_cast<double>(trace.nodes[n].gpus) * scheduler::kWholeGpu;
  std::vector<std::uint32_t> all(trace.pods.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  shuffle(all, pod_stream);
  double asked = 0;
  for (std::size_t i = 0; asked < demand * capacity; ++i) {
    const std::uint32_t pod = i < all.size() ? all[i] : static_cast<std::uint32_t>(pod_stream.below(all.size()));
    out.pods.push_back(pod);
    asked += static_cast<double>(trace.pods[pod].gpu.total());
  }
  return out;
}

Series column_series(const char* name, const std::vector<double>& y) {
  Series out{name, "arrived GPU demand, % of capacity", {}, y};
  for (std::size_t i = 0; i < y.size(); ++i) out.x.push_back(static_cast<double>(i));
  return out;
}

void fill_arrivals(const ArrivalRun& run, RunRecord& out) {
  const ArrivalCurves& c = run.curves;
  const std::size_t full = std::min<std::size_t>(100, c.allocation.size() - 1);
  auto& m = out.metrics;
  m.emplace_back("gpus", static_cast<double>(run.gpus));
  m.emplace_back("pods", static_cast<double>(run.arrived));
  m.emplace_back("placed", static_cast<double>(run.placed));
  m.emplace_back("failed", static_cast<double>(run.arrived - run.placed));
  m.emplace_back("allocation_pct", c.allocation.back());
  m.emplace_back("allocation_at_100_pct", c.allocation[full]);
  m.emplace_back("fragmentation_pct", c.fragmentation.back());
  m.emplace_back("fragmentation_at_100_pct", c.fragmentation[full]);
  out.series.push_back(column_series("GPU allocation, % of all", c.allocation));
  out.series.push_back(column_series("GPU fragmentation, % of all", c.fragmentation));
  out.series.push_back(column_series("GPU fragmentation, % of idle", c.fragmentation_ratio));
  out.notes.push_back("pods come one after another and stay for ever; what fits nowhere is dropped");
  out.digest = run.digest;
  out.load = "in turn";
  if (!run.first.empty()) out.notable.push_back({"the first pod", run.first, "", 1});
  if (!run.first_unplaced.empty()) out.notable.push_back({"the first that fits nowhere", run.first_unplaced, "", 1});
}

}  // namespace

std::string size_name(double size) { return shortest(std::nearbyint(size * 1e6) / 1e4) + "%"; }

Bench::Bench(BenchSpec spec) : spec_(std::move(spec)) {
  for (const PolicyEntry& p : spec_.policies) {
    base::Digest files;
    tell_.preemption |= p.policy.preemption;
    tell_.descheduling |= p.beside.descheduler.has_value();
    tell_.nodes |= p.beside.autoscaler.has_value();
    for (const std::string& file : p.files) files.add(read_text_file(file, spec_.file, 0, kMaxPolicyMiB));
    policy_files_.push_back(files.value());
  }
  for (std::size_t t = 0; t < spec_.traces.size(); ++t) {
    loaded_.push_back(load(spec_.traces[t], t));
    for (std::size_t size = 0; size < spec_.sizes.size(); ++size) {
      for (std::size_t policy = 0; policy < spec_.policies.size(); ++policy) {
        for (std::size_t seed = 0; seed < spec_.seeds.size(); ++seed) cells_.push_back({t, size, policy, seed});
      }
      if (spec_.timeline) check_timeline(t, size);
    }
    check_load(spec_.traces[t], loaded_[t].trace);
  }
}

void CommonCuts::propose(const Cell& cell, base::Nanos cut) {
  base::Nanos& latest = cuts_.try_emplace({cell.trace, cell.size, cell.seed}, cut).first->second;
  latest = std::max(latest, cut);
}

std::optional<base::Nanos> CommonCuts::of(const Cell& cell) const {
  const auto found = cuts_.find({cell.trace, cell.size, cell.seed});
  return found == cuts_.end() ? std::nullopt : std::optional(found->second);
}

bool Bench::finds_cut(const Cell& cell) const { return spec_.traces[cell.trace].warmup.kind == WarmupRule::Kind::kMser5; }

/// Something must be left to measure, and laws must not draw more pods than there may be.
void Bench::check_load(const TraceSpec& spec, const Trace& loaded) const {
  const auto fail = [&](const std::string& what) {
    throw InputError{spec_.file, spec.line, "traces", base::cat("trace \"", spec.name, "\": ", what)};
  };
  if (spec.closed) {
    if (spec.format != TraceFormat::kSynthetic) return;
    const std::size_t pods = generate_closed(spec.synthetic, *spec.closed, spec_.seeds[0]).pods.size();
    if (pods > kMostClosedPods) fail("its users would submit over 20 million pods; shorten `for`");
    return;
  }
  if (spec.warmup.kind != WarmupRule::Kind::kSpan) return;
  const Trace drawn = spec.format == TraceFormat::kSynthetic ? generate(spec.synthetic, spec_.seeds[0]) : Trace();
  base::Nanos first = INT64_MAX, last = 0;
  for (const TracePod& p : drawn.pods.empty() ? loaded.pods : drawn.pods) {
    first = std::min(first, p.arrival);
    last = std::max(last, p.arrival);
  }
  if (spec.warmup.span <= last - first) return;
  fail(base::cat("its last pod comes after ", format_duration(last - first), ", within the warm-up of ", name_of(spec.warmup)));
}

/// What it aims at must be there.
void Bench::check_timeline(std::size_t t, std::size_t size) const {
  const TraceSpec& spec = spec_.traces[t];
  if (spec.format == TraceFormat::kOperations) {
    (void)operations_scenario(spec_, spec.operations, spec_.policies[0].policy, 0);
    return;
  }
  Trace trace = spec.format == TraceFormat::kSynthetic ? generate(spec.synthetic, spec_.seeds[0]) : loaded_[t].trace;
  keep_nodes(trace, spec_.sizes[size]);
  (void)scenario_of(spec_, trace, spec_.policies[0].policy, nullptr, 0);
}

Bench::Loaded Bench::load(const TraceSpec& spec, std::size_t index) const {
  Loaded out;
  const auto fail = [&](const std::string& where, const std::string& what) {
    throw InputError{spec_.file, spec.line, base::cat("traces[", std::to_string(index), "]", where), what};
  };
  base::Digest files;
  for (const std::string& file : {spec.nodes, spec.pods, spec.instances, spec.containers, spec.orders, spec.file}) {
    if (!file.empty()) files.add(read_trace_text(file));
  }
  out.files = files.value();
  if (is_log(spec.format)) {
    out.log = spec.format == TraceFormat::kSwf ? read_swf(spec.file, spec.processors) : read_batsim(spec.file, spec.processors);
    if (out.log.jobs.empty()) fail("", "no job is left");
    if (!spec.gangs) return out;
    out.trace = gangs_of(out.log, *spec.gangs);
    if (out.trace.pods.size() > kMaxGangPods) fail(".gangs", "makes over ten million pods; use a shorter log");
    out.model = model_of(out.trace.pods);
    return out;
  }
  if (spec.format == TraceFormat::kSynthetic || spec.format == TraceFormat::kOperations) return out;   // said by the bench file
  out.trace.timed = spec.arrivals == ArrivalKind::kTimed;
  if (spec.format != TraceFormat::kOpenb) {
    out.trace = import_trace(spec);
  } else {
    out.trace.nodes = read_openb_nodes(spec.nodes);
    out.trace.pods = read_openb_pods(spec.pods, out.trace.timed);
  }
  const auto scale = [&](base::Nanos& at) {
    if (at < INT64_MAX) at = static_cast<base::Nanos>(static_cast<double>(at) / spec.rate);
  };
  for (TracePod& p : out.trace.pods) scale(p.arrival);
  for (TraceNode& n : out.trace.nodes) {
    for (TraceNode::Away& a : n.away) {
      scale(a.from);
      scale(a.until);
    }
  }
  out.model = model_of(out.trace.pods);
  if (spec.window > 0) out.trace = busiest_window(out.trace, spec.window);
  if (out.trace.timed) return out;
  for (const double size : spec_.sizes) {
    std::int64_t gpus = 0;
    for (const std::uint32_t n : kept_nodes(out.trace.nodes.size(), size)) gpus += out.trace.nodes[n].gpus;
    if (gpus == 0) fail(".nodes", "no node has a GPU; arrived demand is measured in GPUs");
  }
  std::int64_t asked = 0;
  for (const TracePod& p : out.trace.pods) asked += p.gpu.total();
  if (asked == 0) fail(".pods", "no pod asks for a GPU; arrived demand is measured in GPUs");
  if (spec.arrivals != ArrivalKind::kOrders) return out;
  const std::vector<ArrivalOrder> all = read_orders(spec.orders, out.trace.pods.size(), out.trace.nodes.size());
  for (const std::uint64_t seed : spec_.seeds) {
    const auto of_seed = std::find_if(all.begin(), all.end(), [&](const ArrivalOrder& o) { return o.seed == seed; });
    if (of_seed == all.end()) {
      std::string there;
      for (const ArrivalOrder& o : all) there += base::cat(there.empty() ? "" : ", ", std::to_string(o.seed));
      fail(".arrivals.orders", base::cat(spec.orders, " has no row of seed ", std::to_string(seed), " (seeds there: ", there, ")"));
    }
    if (of_seed->pods.empty()) fail(".arrivals.orders", base::cat(spec.orders, ": no pod arrives with seed ", std::to_string(seed)));
    out.orders.push_back(*of_seed);
  }
  return out;
}

std::string Bench::key(const Cell& cell) const {
  base::Digest digest;
  digest.add(kMethodVersion);
  digest.add(spec_.traces[cell.trace].source);
  digest.add(spec_.traces[cell.trace].name);
  digest.add(loaded_[cell.trace].files);
  digest.add(size_name(spec_.sizes[cell.size]));
  digest.add(spec_.policies[cell.policy].source);
  if (!spec_.policies[cell.policy].files.empty()) digest.add(policy_files_[cell.policy]);
  digest.add(spec_.seeds[cell.seed]);
  // Other policies of the file decide which metrics are told.
  if (tell_.preemption || tell_.descheduling || tell_.nodes) digest.add(std::uint64_t{4} * tell_.nodes + 2 * tell_.descheduling + tell_.preemption);
  digest.add(static_cast<std::uint64_t>(spec_.mode));
  digest.add(spec_.cluster_hash);
  digest.add(name_of(spec_.traces[cell.trace].warmup));
  if (spec_.energy) digest.add(base::cat(energy_text(*spec_.energy), shortest(spec_.energy->off)));
  if (finds_cut(cell)) {
    // Every policy has a say in where the warm-up ends.
    for (std::size_t p = 0; p < spec_.policies.size(); ++p) {
      digest.add(spec_.policies[p].source);
      digest.add(policy_files_[p]);
    }
  }
  return hex(digest.value());
}

scheduler::PolicySpec Bench::policy_of(const Cell& cell) const {
  const PolicyEntry& entry = spec_.policies[cell.policy];
  scheduler::PolicySpec out = entry.policy;
  if (entry.command) out.adviser = external_adviser(entry.label, *entry.command, spec_.outside);
  return out;
}

RunRecord Bench::run(const Cell& cell, const CpuClock& cpu, scheduler::DecisionWatcher* watcher, std::optional<base::Nanos> cut) const {
  const TraceSpec& trace = spec_.traces[cell.trace];
  RunRecord out;
  out.trace = trace.name;
  out.size = size_name(spec_.sizes[cell.size]);
  out.policy = spec_.policies[cell.policy].label;
  out.seed = spec_.seeds[cell.seed];
  if (is_batch(trace)) {
    out.load = "open";
    out.warmup = "none";
    const JobLog& log = loaded_[cell.trace].log;
    measure_batch(log, run_batch(log, *spec_.policies[cell.policy].batch, trace.overrun), trace.overrun, out);
  } else if (trace.format == TraceFormat::kOperations) {
    out.load = "batch";
    const scheduler::PolicySpec policy = policy_of(cell);
    if (spec_.mode == BenchMode::kWholeCluster) run_whole_operations(spec_, trace.operations, policy, out.seed, cpu, out, watcher);
    else run_operations(trace.operations, policy, nullptr, out.seed, cpu, out, true, watcher);
  } else {
    run_pods(cell, watcher, cut, out);
  }
  out.seal();
  return out;
}

void Bench::explain_notable(const Cell& cell, RunRecord& record) const {
  // A process of its own would be asked more than in the run.
  if (record.notable.empty() || spec_.policies[cell.policy].command) return;
  LastAttempts attempts(record.notable);
  run(cell, nullptr, &attempts, record.cut < 0 ? std::nullopt : std::optional(record.cut));
  attempts.tell(record.notable);
}

/// What chance makes of the trace; no pods: it is as it was loaded.
Trace Bench::draw(const Cell& cell) const {
  const TraceSpec& spec = spec_.traces[cell.trace];
  const std::uint64_t seed = spec_.seeds[cell.seed];
  const bool laws = spec.format == TraceFormat::kSynthetic;
  if (spec.closed && laws) return generate_closed(spec.synthetic, *spec.closed, seed);
  if (laws) return generate(spec.synthetic, seed);
  Trace out;
  if (spec.closed) deal(out = loaded_[cell.trace].trace, *spec.closed, seed);
  else if (spec.resample > 0) out = resampled(loaded_[cell.trace].trace, spec.resample, seed);
  return out;
}

void Bench::run_pods(const Cell& cell, scheduler::DecisionWatcher* watcher, std::optional<base::Nanos> cut, RunRecord& out) const {
  const TraceSpec& spec = spec_.traces[cell.trace];
  const Loaded& loaded = loaded_[cell.trace];
  const std::uint64_t seed = spec_.seeds[cell.seed];
  const scheduler::PolicySpec policy = policy_of(cell);
  const Trace drawn = draw(cell);
  const Trace& whole = drawn.pods.empty() ? loaded.trace : drawn;
  const auto model = loaded.model ? loaded.model : model_of(whole.pods);
  if (spec.rate != 1) out.notes.push_back(base::cat("pods come ", shortest(spec.rate), " times as fast as recorded, durations are as they were"));
  if (spec.arrivals == ArrivalKind::kTimed) {
    Trace trace = whole;
    keep_nodes(trace, spec_.sizes[cell.size]);
    out.notes.insert(out.notes.end(), trace.notes.begin(), trace.notes.end());
    if (const auto& rule = spec_.policies[cell.policy].batch) {
      return run_whole_batch(spec_, loaded.log, std::move(trace), spec, *rule, *scheduler::known_policy("Default"), seed, out, watcher);
    }
    if (spec.resample > 0) out.notes.push_back("each seed is a replicate: blocks of the trace drawn anew with replacement");
    const bool change = std::any_of(trace.nodes.begin(), trace.nodes.end(), [](const TraceNode& n) { return !n.away.empty(); });
    if (change && spec_.mode == BenchMode::kWholeCluster)
      out.notes.push_back("machines that come and go in the trace are all there from the beginning");
    TimedOptions beside = spec_.policies[cell.policy].beside;
    beside.measuring = {spec.warmup, cut, spec_.energy};
    beside.closed = spec.closed;
    beside.tell = tell_;
    beside.watcher = watcher;
    beside.tell.gangs = std::any_of(trace.pods.begin(), trace.pods.end(), [](const TracePod& p) { return !p.gang.empty(); });
    if (beside.autoscaler && !beside.autoscaler->keep_nodes) trace.nodes.clear();
    if (spec_.mode == BenchMode::kWholeCluster) return run_whole_cluster(spec_, trace, spec, policy, model, seed, out, beside);
    run_timed(trace, spec, policy, model, seed, out, beside);
    return;
  }
  const std::vector<std::uint32_t> kept = kept_nodes(whole.nodes.size(), spec_.sizes[cell.size]);
  if (spec.arrivals == ArrivalKind::kShuffled) {
    fill_arrivals(run_arrivals(whole, shuffled_order(whole, kept, spec.demand, seed), policy, model, false, watcher), out);
    return;
  }
  ArrivalOrder order = loaded.orders[cell.seed];
  if (kept.size() < whole.nodes.size()) {
    std::erase_if(order.nodes, [&](std::uint32_t n) { return !std::binary_search(kept.begin(), kept.end(), n); });
  }
  fill_arrivals(run_arrivals(whole, order, policy, model, false, watcher), out);
}

}  // namespace orrery::scenarios::bench
