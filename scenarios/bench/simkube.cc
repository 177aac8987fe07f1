#include "scenarios/bench/simkube.h"

#include <algorithm>
#include <set>

#include "model/base/btree_map.h"
#include "model/base/str.h"
#include "model/codec/yaml_read.h"
#include "scenarios/bench/object_trace.h"
#include "scenarios/bench/trace_text.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using codec::JsonValue;

constexpr std::int64_t kMostReplicas = 1'000'000;

/// When a pod began and ended, in seconds of the Unix epoch; `end` 0: it still ran.
struct Lifecycle {
  std::int64_t begin = 0, end = 0;
};

class SimkubeReader {
 public:
  SimkubeReader(std::string file, Trace& trace) : file_(std::move(file)), trace_(trace) {}

  void read() {
    text_ = read_trace_text(file_);
    auto parsed = codec::parse_json(text_);
    if (!parsed.ok()) throw InputError{file_, 0, "", cat("is not JSON (", parsed.error().message, "); SimKube writes msgpack, decode it first")};
    root_ = std::move(*parsed);
    if (!root_["events"].is_array()) fail("events", "is missing: it must be a list");
    if (root_["version"].int_or(0) != 2) fail("version", "must be 2");
    read_lifecycles();
    const std::vector<JsonValue>& events = root_["events"].items();
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::string path = cat("events[", std::to_string(i), "]");
      if (!events[i]["ts"].is_number()) fail(path + ".ts", "is missing: it must be the second of the event");
      const std::int64_t ts = events[i]["ts"].int_or(0);
      if (i > 0 && ts < now_) fail(path + ".ts", "is before the event above");
      if (i == 0) first_ = ts;
      now_ = ts;
      each(events[i], "applied_objs", path, [&](const JsonValue& o, const std::string& at) { applied(o, at); });
      each(events[i], "deleted_objs", path, [&](const JsonValue& o, const std::string&) { deleted(o); });
    }
    finish();
  }

 private:
  struct Workload {
    std::string pod_template;              // as it was applied
    std::vector<std::size_t> living;       // pods, oldest first
    std::size_t made = 0;                  // pods so far
    std::vector<Lifecycle> lifecycles;
  };

  [[noreturn]] void fail(const std::string& path, const std::string& what) const {
    const auto documents = codec::read_yaml(text_);   // JSON is YAML, whose reader knows lines
    throw InputError{file_, documents.ok() && !documents->empty() ? documents->front().line_of(path) : 0, path, what};
  }

  template <class F>
  void each(const JsonValue& event, const char* list, const std::string& path, F f) {
    for (std::size_t i = 0; i < event[list].items().size(); ++i) f(event[list].items()[i], cat(path, ".", list, "[", std::to_string(i), "]"));
  }

  /// "apps/v1.Deployment" of an object.
  static std::string gvk_of(const JsonValue& o) { return cat(o["apiVersion"].text_or(""), ".", o["kind"].text_or("")); }
  static std::string name_of(const JsonValue& o) {
    return cat(o["metadata"]["namespace"].text_or("default"), "/", o["metadata"]["name"].text_or(""));
  }

  /// Keys are JSON texts: ["v1.Pod", "NAMESPACE/NAME"].
  void read_lifecycles() {
    for (const auto& [key, by_hash] : root_["pod_lifecycles"].members()) {
      const auto owner = codec::parse_json(key.view());
      if (!owner.ok() || owner->items().size() != 2) fail("pod_lifecycles", cat("has the key ", key, ", which is not [KIND, NAME]"));
      std::vector<Lifecycle>& out = lifecycles_[cat(owner->items()[0].text_or(""), " ", owner->items()[1].text_or(""))];
      for (const auto& [hash, list] : by_hash.members()) {
        for (const JsonValue& one : list.items()) {
          if (one["Finished"].items().size() == 2) out.push_back({one["Finished"].items()[0].int_or(0), one["Finished"].items()[1].int_or(0)});
          else if (one["Running"].is_number()) out.push_back({one["Running"].int_or(0), 0});
        }
      }
      std::stable_sort(out.begin(), out.end(), [](const Lifecycle& a, const Lifecycle& b) { return a.begin < b.begin; });
      for (const Lifecycle& l : out) last_ = std::max({last_, l.begin, l.end});
    }
  }

  void applied(const JsonValue& o, const std::string& path) {
    const std::string_view kind = o["kind"].text_or("");
    const JsonValue& spec = o["spec"];
    if (o["metadata"]["name"].text_or("").empty()) fail(path + ".metadata.name", "is missing");
    static constexpr std::string_view kReplicated[] = {"Deployment", "ReplicaSet", "StatefulSet"};
    const bool replicated = std::find(std::begin(kReplicated), std::end(kReplicated), kind) != std::end(kReplicated);
    if (!replicated && kind != "Pod" && kind != "Job" && kind != "CronJob") {
      left_out_.insert(std::string(kind));
      return;
    }
    Workload& w = workloads_[cat(gvk_of(o), " ", name_of(o))];
    if (w.made == 0) w.lifecycles = lifecycles_[cat(gvk_of(o), " ", name_of(o))];
    const JsonValue& pod = kind == "Pod" ? o : kind == "CronJob" ? spec["jobTemplate"]["spec"]["template"] : spec["template"];
    const std::string pod_path = kind == "Pod" ? path : path + (kind == "CronJob" ? ".spec.jobTemplate.spec.template" : ".spec.template");
    if (!pod["spec"].is_object()) fail(pod_path + ".spec", "is missing");
    if (kind == "CronJob") return recorded_runs(o, pod, pod_path, w);
    std::int64_t wanted = 1;
    if (replicated) wanted = count(spec, "replicas", path);
    if (kind == "Job") wanted = std::min(count(spec, "parallelism", path), spec["completions"].is_number() ? count(spec, "completions", path) : kMostReplicas);
    const std::string text = pod["spec"].dump();
    if (!w.living.empty() && text != w.pod_template) end_all(w);
    w.pod_template = text;
    while (w.living.size() > static_cast<std::size_t>(wanted)) {
      end(w.living.back());
      w.living.pop_back();
    }
    while (w.living.size() < static_cast<std::size_t>(wanted)) come(o, pod, pod_path, w, now_);
  }

  std::int64_t count(const JsonValue& spec, const char* field, const std::string& path) const {
    const JsonValue& v = spec[field];
    if (v.is_null()) return 1;
    const std::int64_t n = v.int_or(-1);
    if (n < 0 || n > kMostReplicas) fail(cat(path, ".spec.", field), "must be a whole number from 0 to 1000000");
    return n;
  }

  /// The pods that a CronJob had; when they began they came.
  void recorded_runs(const JsonValue& o, const JsonValue& pod, const std::string& path, Workload& w) {
    while (w.made < w.lifecycles.size()) come(o, pod, path, w, std::max(now_, w.lifecycles[w.made].begin));
  }

  void come(const JsonValue& o, const JsonValue& pod, const std::string& path, Workload& w, std::int64_t at) {
    JsonValue json = JsonValue::object();
    JsonValue meta = JsonValue::object();
    for (const char* field : {"labels", "annotations"}) {
      if (pod["metadata"][field].is_object()) meta.set(field, pod["metadata"][field]);
    }
    const bool bare = o["kind"].text_or("") == "Pod";
    meta.set("namespace", o["metadata"]["namespace"].text_or("default"));
    meta.set("name", bare && w.made == 0 ? std::string(o["metadata"]["name"].text_or(""))
                                         : cat(o["metadata"]["name"].text_or(""), "-", std::to_string(w.made)));
    json.set("metadata", std::move(meta));
    json.set("spec", pod["spec"]);
    PodProblem problem;
    const std::optional<api::Pod> made = pod_of_json(json, problem);
    if (!made) fail(cat(path, ".", problem.field), problem.what);
    TracePod p = trace_pod(*made);
    p.arrival = (at - first_) * base::kSecond;
    p.censored = true;                     // unless something tells its end
    if (w.made < w.lifecycles.size()) {
      const Lifecycle& l = w.lifecycles[w.made];
      p.censored = l.end == 0;
      p.duration = (l.end - l.begin) * base::kSecond;
    }
    ++w.made;
    w.living.push_back(trace_.pods.size());
    trace_.pods.push_back(std::move(p));
  }

  void end(std::size_t pod) {
    TracePod& p = trace_.pods[pod];
    if (!p.censored) return;               // its recorded life tells when it ended
    p.duration = (now_ - first_) * base::kSecond - p.arrival;
    p.censored = false;
  }
  void end_all(Workload& w) {
    for (const std::size_t pod : w.living) end(pod);
    w.living.clear();
  }
  void deleted(const JsonValue& o) {
    if (const auto found = workloads_.find(cat(gvk_of(o), " ", name_of(o))); found != workloads_.end()) end_all(found->second);
  }

  void finish() {
    last_ = std::max(last_, now_);
    for (TracePod& p : trace_.pods) {
      if (p.censored) p.duration = std::max<base::Nanos>(0, (last_ - first_) * base::kSecond - p.arrival);
    }
    if (trace_.pods.empty()) throw InputError{file_, 0, "", "applies no workload that makes pods"};
    for (const std::string& kind : left_out_) trace_.notes.push_back(cat("objects of kind ", kind, " are left out"));
    trace_.notes.push_back("pods without a recorded life stay until their workload is scaled down or deleted");
  }

  std::string file_, text_;
  Trace& trace_;
  JsonValue root_;
  base::BTreeMap<std::string, Workload> workloads_;                 // by "GVK NAMESPACE/NAME"
  base::BTreeMap<std::string, std::vector<Lifecycle>> lifecycles_;
  std::set<std::string> left_out_;
  std::int64_t first_ = 0, now_ = 0, last_ = 0;
};

}  // namespace

Trace read_simkube(const std::string& file, const std::string& nodes) {
  Trace out;
  out.timed = true;
  take_cluster(nodes, out);
  SimkubeReader(file, out).read();
  sort_by_arrival(out);
  return out;
}

}  // namespace orrery::scenarios::bench
