#include "control/scheduler/conform/recorded_cluster.h"

#include <algorithm>

#include "control/scheduler/explain/explanation.h"
#include "control/scheduler/queue/nominator.h"
#include "model/codec/json_read.h"
#include "model/codec/json_value.h"

namespace orrery::scheduler::conform {
namespace {

using codec::JsonValue;

std::string join(std::vector<std::string> items) {
  std::sort(items.begin(), items.end());
  std::string out;
  for (const std::string& s : items) out += base::cat(out.empty() ? "" : ", ", s);
  return out;
}

constexpr const char* kParts[] = {"namespaces", "services", "pdbs", "nodes", "pods"};

using Check = base::Result<base::Unit, BadRecording>;

/// A field of an attempt that is there but not of its kind.
Check check_fields(const JsonValue& line) {
  const auto bad = [](const char* field, const char* what) { return Check(BadRecording{0, field, what}); };
  if (!line["pod"].is_object()) return bad("pod", "an attempt without a pod");
  for (const char* text : {"result", "chosen", "nominated", "message", "startTimeSetAfterBind"}) {
    const JsonValue* v = line.find(text);
    if (v && !v->is_null() && !v->is_string()) return bad(text, "must be a string");
  }
  static constexpr std::string_view kResults[] = {"scheduled", "unschedulable", "preempting", "error"};
  if (std::find(std::begin(kResults), std::end(kResults), line["result"].text_or("")) == std::end(kResults)) {
    return bad("result", "must be one of scheduled, unschedulable, preempting, error");
  }
  for (const char* map : {"scores", "totals", "filter", "candidates"}) {
    const JsonValue* v = line.find(map);
    if (v && !v->is_null() && !v->is_object()) return bad(map, "must be an object");
  }
  for (const char* list : {"feasible", "victims", "deleted_victims"}) {
    const JsonValue* v = line.find(list);
    if (v && !v->is_null() && !v->is_array()) return bad(list, "must be an array");
  }
  return base::Unit{};
}

std::vector<std::string> texts(const JsonValue& array) {
  std::vector<std::string> out;
  for (const JsonValue& v : array.items()) out.emplace_back(v.text_or(""));
  return out;
}

class Replay {
 public:
  Replay() {
    const ProfileContext context{snapshot_, lister_, nominator_, running_, nullptr, nullptr};
    ProfileConfig config;
    config.percentage_of_nodes_to_score = 100;
    framework_ = default_profile(context, config);
  }

  Check load(const JsonValue& head) {
    for (const char* part : kParts) {
      std::size_t i = 0;
      for (const JsonValue& item : head[part].items()) {
        auto object = codec::read_object(item.dump());
        if (!object) return BadRecording{0, base::cat(part, "[", std::to_string(i), "]"), object.error().message};
        take(api::ObjectRef(std::move(*object)));
        ++i;
      }
    }
    if (snapshot_.size() == 0) return BadRecording{0, "nodes", "the recording has no nodes"};
    return base::Unit{};
  }

  Check attempt(const JsonValue& line) {
    if (Check fields = check_fields(line); !fields) return fields;
    auto object = codec::read_object_as(api::kind_of(api::KindId::kPod), line["pod"].dump());
    if (!object) return BadRecording{0, "pod", object.error().message};
    const auto pod = base::make_ref<PodInfo>(api::ObjectRef(std::move(*object)));
    const Explanation got = explain(*framework_, snapshot_, nominator_, *pod, CycleMemory());
    who_ = api::key_of(pod->meta());
    ++out_.pods;
    compare_verdicts(line, got);
    if (!line["scores"].members().empty()) compare_scores(line, got);
    compare_outcome(line, got);
    if (line["result"].text_or("") == "preempting") compare_candidates(line, got);
    advance(line, pod);
    return base::Unit{};
  }

  Comparison result() && { return std::move(out_); }

 private:
  void take(api::ObjectRef object) {
    if (object->kind_id() == api::KindId::kNode) {
      snapshot_.set_node(NodeHandle(object));
    } else if (object->kind_id() == api::KindId::kPod) {
      const Str node = object->as<api::Pod>().spec->node_name;
      place(base::make_ref<PodInfo>(std::move(object)), node);
    } else {
      lister_.set(std::move(object));
    }
  }
  void place(PodInfoRef pod, const Str& node) {
    placed_[api::key_of(pod->meta())] = {pod, node};
    snapshot_.add_pod(std::move(pod), node);
  }
  void differ(std::string_view where, std::string_view expected, std::string_view got) {
    out_.differences.push_back(base::cat(who_, ": ", where, ": expected ", expected, ", got ", got));
  }
  void expect(std::string_view where, std::string_view expected, std::string_view got) {
    if (expected != got) differ(where, expected, got);
  }

  static std::string verdict_text(std::string_view plugin, std::string_view code, std::vector<std::string> reasons) {
    return base::cat(plugin, " ", code, " [", join(std::move(reasons)), "]");
  }
  static std::string text_of(const Status& status) {
    std::vector<std::string> reasons;
    for (const Str& r : status.reasons()) reasons.push_back(r.str());
    return verdict_text(status.plugin(), to_string(status.code()), std::move(reasons));
  }
  static std::string recorded_text(const JsonValue& status) {
    return verdict_text(status["plugin"].text_or(""), status["code"].text_or(""), texts(status["reasons"]));
  }

  void compare_verdicts(const JsonValue& line, const Explanation& got) {
    const std::vector<std::string> feasible = texts(line["feasible"]);
    std::size_t known = 0;
    for (const NodeVerdict& v : got.nodes) {
      const bool fits = std::find(feasible.begin(), feasible.end(), v.node.view()) != feasible.end();
      const JsonValue* rejection = line["filter"].find(v.node);
      if (!fits && !rejection) {
        compare_absent(line, v);
        continue;
      }
      ++known;
      ++out_.verdicts;
      expect(v.node, fits ? "feasible" : recorded_text(*rejection), v.feasible ? "feasible" : text_of(v.status));
    }
    const std::size_t recorded = feasible.size() + line["filter"].members().size();
    if (known != recorded) differ("nodes with a verdict", std::to_string(recorded), std::to_string(known));
    compare_counts(line, got, feasible.size());
  }

  /// A node that PreFilter left out, or every node when PreFilter rejected the pod.
  void compare_absent(const JsonValue& line, const NodeVerdict& v) {
    if (v.filtered) return differ(v.node, "not filtered", v.feasible ? "feasible" : text_of(v.status));
    const JsonValue& absent = line["absent"];
    if (!absent.is_object() || !absent["reasons"].is_array()) return;
    ++out_.verdicts;
    std::vector<std::string> reasons;
    for (const Str& r : v.status.reasons()) reasons.push_back(r.str());
    expect(v.node, join(texts(absent["reasons"])), join(std::move(reasons)));
    if (absent["code"].is_string()) expect(v.node, absent["code"].text_or(""), to_string(v.status.code()));
  }

  void compare_counts(const JsonValue& line, const Explanation& got, std::size_t feasible) {
    const auto count = [&](auto is) { return std::to_string(std::count_if(got.nodes.begin(), got.nodes.end(), is)); };
    const auto fits = [](const NodeVerdict& v) { return v.feasible; };
    const auto filtered = [](const NodeVerdict& v) { return v.filtered; };
    if (const JsonValue* n = line.find("feasibleNodes"); n && n->is_number()) expect("feasibleNodes", n->dump(), count(fits));
    if (const JsonValue* n = line.find("evaluatedNodes"); n && n->is_number()) expect("evaluatedNodes", n->dump(), count(filtered));
    if (line["single_feasible"].bool_or(false) && feasible != 1) differ("single_feasible", "true", std::to_string(feasible));
  }

  void compare_scores(const JsonValue& line, const Explanation& got) {
    for (const NodeVerdict& v : got.nodes) {
      const JsonValue* scores = line["scores"].find(v.node);
      if (!scores) continue;
      std::vector<std::string> expected;
      std::vector<std::string> mine;
      for (const codec::JsonMember& m : scores->members()) {
        expected.push_back(base::cat(m.key, "=", std::to_string(m.value.int_or(-1))));
      }
      for (const PluginScore& s : v.scores) mine.push_back(base::cat(s.plugin, "=", std::to_string(s.weighted)));
      expected.push_back(base::cat("total=", std::to_string(line["totals"][v.node].int_or(-1))));
      mine.push_back(base::cat("total=", std::to_string(v.total)));
      out_.scores += static_cast<int>(expected.size());
      expect(v.node, join(std::move(expected)), join(std::move(mine)));
    }
  }

  void compare_outcome(const JsonValue& line, const Explanation& got) {
    const std::string_view result = line["result"].text_or("");
    ++out_.choices;
    expect("result", result, to_string(got.outcome));
    if (result == "scheduled") {
      // Ties are broken at random: the node chosen must be one of the best.
      std::int64_t best = 0;
      std::int64_t chosen = -1;
      for (const NodeVerdict& v : got.nodes) {
        if (!v.feasible) continue;
        best = std::max(best, v.total);
        if (v.node == line["chosen"].text_or("")) chosen = v.total;
      }
      if (chosen != best) differ("chosen", line["chosen"].text_or(""), got.chosen);
    } else if (line["message"].is_string()) {
      ++out_.messages;
      expect("message", line["message"].text_or(""), got.message);
    }
  }

  void compare_candidates(const JsonValue& line, const Explanation& got) {
    std::vector<std::string> expected;
    std::vector<std::string> mine;
    for (const codec::JsonMember& m : line["candidates"].members()) {
      expected.push_back(base::cat(m.key, " [", join(texts(m.value["victims"])), "] ",
                                   std::to_string(m.value["pdbViolations"].int_or(0))));
    }
    for (const ExplainedCandidate& c : got.candidates) {
      std::vector<std::string> victims;
      for (const Str& v : c.victims) victims.push_back(v.str());
      mine.push_back(base::cat(c.node, " [", join(std::move(victims)), "] ", std::to_string(c.pdb_violations)));
    }
    out_.candidates += static_cast<int>(expected.size());
    if (const ExplainedCandidate* mine = got.candidate(line["nominated"].text_or("")); mine && line["victims"].is_array()) {
      std::vector<std::string> victims;
      for (const Str& v : mine->victims) victims.push_back(v.str());
      expect("victims", join(texts(line["victims"])), join(std::move(victims)));
    }
    expect("candidates", join(expected), join(mine));
    if (line["nominated"].text_or("") != got.nominated.view()) {
      const auto* preemption = dynamic_cast<const DefaultPreemption*>(framework_->find("DefaultPreemption"));
      if (!preemption || !equally_good(line["nominated"].text_or(""), got)) {
        differ("nominated", line["nominated"].text_or(""), got.nominated);
      }
    }
  }
  /// Equal in violations, victims' number and priorities; start times decide among those, ties go by chance upstream.
  bool equally_good(std::string_view node, const Explanation& got) const {
    const auto rank = [&](std::string_view name) {
      std::vector<std::int64_t> out;
      for (const ExplainedCandidate& c : got.candidates) {
        if (!(c.node == name)) continue;
        out.push_back(c.pdb_violations);
        std::int64_t highest = INT64_MIN;
        api::Time earliest(INT64_MAX);
        for (const Str& v : c.victims) {
          const PodInfo& pod = *placed_.find(v)->second.first;
          out.push_back(pod.priority());
          highest = std::max<std::int64_t>(highest, pod.priority());
        }
        for (const Str& v : c.victims) {
          const PodInfo& pod = *placed_.find(v)->second.first;
          if (pod.priority() == highest) earliest = std::min(earliest, pod.pod().status->start_time);
        }
        out.push_back(earliest.seconds);
      }
      return out;
    };
    return rank(node) == rank(got.nominated);
  }

  void advance(const JsonValue& line, const PodInfoRef& pod) {
    for (const std::string& victim : texts(line["deleted_victims"])) {
      const auto it = placed_.find(victim);
      if (it == placed_.end()) continue;
      snapshot_.remove_pod(it->second.first->pod(), it->second.second);
      placed_.erase(it);
    }
    const JsonValue& last = line["final"].is_object() ? line["final"] : line;
    if (last["result"].text_or("") != "scheduled") return;
    api::Pod value = pod->pod();
    const Str node = last["chosen"].str();
    value.spec.edit().node_name = node;
    if (const auto started = api::Time::parse(line["startTimeSetAfterBind"].text_or("")); started.ok()) {
      value.status.edit().start_time = *started;
    }
    place(base::make_ref<PodInfo>(api::make_object(std::move(value))), node);
  }

  Snapshot snapshot_;
  FixedLister lister_;
  Nominator nominator_;
  RunningPreemptions running_;
  std::unique_ptr<Framework> framework_;
  base::BTreeMap<Str, std::pair<PodInfoRef, Str>> placed_;
  std::string who_;
  Comparison out_;
};

}  // namespace

void Comparison::add(const Comparison& other) {
  pods += other.pods;
  verdicts += other.verdicts;
  scores += other.scores;
  choices += other.choices;
  candidates += other.candidates;
  messages += other.messages;
  differences.insert(differences.end(), other.differences.begin(), other.differences.end());
}

bool is_recording(std::string_view lines) {
  const auto first = codec::parse_json(lines.substr(0, lines.find('\n')));
  return first.ok() && (*first)["nodes"].is_array() && (*first)["pods"].is_array();
}

base::Result<Comparison, BadRecording> replay(std::string_view lines) {
  Replay replay;
  bool head = true;
  int number = 0;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string_view text = lines.substr(at, end - at);
    at = end + 1;
    ++number;
    if (text.find_first_not_of(" \t\r") == text.npos) continue;
    const auto line = codec::parse_json(text);
    if (!line.ok()) return BadRecording{number, {}, line.error().message};
    if (Check read = head ? replay.load(*line) : replay.attempt(*line); !read) {
      BadRecording bad = read.error();
      bad.line = number;
      return bad;
    }
    head = false;
  }
  if (head) return BadRecording{0, {}, "the recording is empty"};
  return std::move(replay).result();
}

}  // namespace orrery::scheduler::conform
