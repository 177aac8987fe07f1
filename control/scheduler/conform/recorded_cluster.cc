#include "control/scheduler/conform/recorded_cluster.h"

#include <algorithm>

#include "control/scheduler/explain.h"
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

  base::Status load(const JsonValue& head) {
    for (const char* part : {"namespaces", "services", "pdbs", "nodes", "pods"}) {
      for (const JsonValue& item : head[part].items()) {
        auto object = codec::read_object(item.dump());
        if (!object) return object.error();
        take(api::ObjectRef(std::move(*object)));
      }
    }
    if (snapshot_.size() == 0) return base::invalid("the recording has no nodes");
    return base::ok_status();
  }

  base::Status attempt(const JsonValue& line) {
    auto object = codec::read_object_as(api::kind_of(api::KindId::kPod), line["pod"].dump());
    if (!object) return object.error();
    const auto pod = base::make_ref<PodInfo>(api::ObjectRef(std::move(*object)));
    const Explanation got = explain(*framework_, snapshot_, nominator_, *pod, CycleMemory());
    who_ = api::key_of(pod->meta());
    ++out_.pods;
    compare_verdicts(line, got);
    if (!line["scores"].members().empty()) compare_scores(line, got);
    compare_outcome(line, got);
    if (line["result"].text_or("") == "preempting") compare_candidates(line, got);
    advance(line, pod);
    return base::ok_status();
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

  void compare_verdicts(const JsonValue& line, const Explanation& got) {
    const std::vector<std::string> feasible = texts(line["feasible"]);
    for (const NodeVerdict& v : got.nodes) {
      const bool fits = std::find(feasible.begin(), feasible.end(), v.node.view()) != feasible.end();
      const JsonValue* rejection = line["filter"].find(v.node);
      if (!fits && !rejection) continue;  // cut off before filtering
      ++out_.verdicts;
      const std::string expected = fits ? "feasible"
                                        : base::cat((*rejection)["plugin"].text_or(""), " ", (*rejection)["code"].text_or(""),
                                                    " [", join(texts((*rejection)["reasons"])), "]");
      std::vector<std::string> reasons;
      for (const Str& r : v.status.reasons()) reasons.push_back(r.str());
      const std::string mine = v.feasible ? "feasible" : base::cat(v.status.plugin(), " ", to_string(v.status.code()), " [",
                                                                   join(std::move(reasons)), "]");
      expect(v.node, expected, mine);
    }
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
    const char* mine = !got.chosen.empty()                   ? "scheduled"
                       : got.status.code() == Code::kError   ? "error"
                       : !got.nominated.empty()              ? "preempting"
                                                             : "unschedulable";
    expect("result", result, mine);
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

base::Result<Comparison> replay(std::string_view lines) {
  Replay replay;
  bool head = true;
  for (std::size_t at = 0, number = 1; at < lines.size(); ++number) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string_view text = lines.substr(at, end - at);
    at = end + 1;
    if (text.empty()) continue;
    const auto line = codec::parse_json(text);
    base::Status status = line.ok() ? (head ? replay.load(*line) : replay.attempt(*line)) : base::Status(line.error());
    if (!status) return base::invalid(base::cat("line ", std::to_string(number), ": ", status.error().message));
    head = false;
  }
  if (head) return base::invalid("the recording is empty");
  return std::move(replay).result();
}

}  // namespace orrery::scheduler::conform
