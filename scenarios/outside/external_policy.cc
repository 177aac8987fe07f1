#include "scenarios/outside/external_policy.h"

#include <algorithm>
#include <cmath>

#include "model/base/str.h"

namespace orrery::scenarios {
namespace {

using base::cat;
using codec::JsonValue;
using scheduler::NodeInfo;
using scheduler::PodInfo;

constexpr std::int64_t kProtocol = 1;
constexpr std::size_t kShownAnswer = 80;

void push(JsonValue& list, JsonValue value) { list.edit_items().push_back(std::move(value)); }

JsonValue whole_node(const NodeInfo& node) {
  JsonValue out = JsonValue::object();
  out.set("name", node.name());
  out.set("cpu", node.allocatable().milli_cpu);
  out.set("memory", node.allocatable().memory);
  out.set("pods", node.allocatable().allowed_pods);
  out.set("gpus", static_cast<std::int64_t>(node.gpus().count()));
  out.set("model", node.gpus().model());
  return out;
}

JsonValue free_of(std::uint32_t place, const NodeInfo& node) {
  JsonValue out = JsonValue::array(), gpus = JsonValue::array();
  push(out, std::int64_t{place});
  push(out, node.allocatable().milli_cpu - node.requested().milli_cpu);
  push(out, node.allocatable().memory - node.requested().memory);
  for (const std::int32_t g : node.gpus().free()) push(gpus, std::int64_t{g});
  push(out, std::move(gpus));
  return out;
}

JsonValue pod_json(const PodInfo& pod) {
  JsonValue out = JsonValue::object();
  out.set("name", pod.meta().name);
  out.set("cpu", pod.wanted.milli_cpu);
  out.set("memory", pod.wanted.memory);
  out.set("gpus", std::int64_t{pod.gpu.count});
  out.set("milli", std::int64_t{pod.gpu.milli});
  out.set("models", pod.gpu.models);
  out.set("priority", std::int64_t{pod.priority()});
  return out;
}

/// Ascending places as ranges [from, to).
JsonValue ranges_of(std::span<const std::uint32_t> places) {
  JsonValue out = JsonValue::array();
  for (std::size_t i = 0; i < places.size();) {
    std::size_t end = i + 1;
    while (end < places.size() && places[end] == places[end - 1] + 1) ++end;
    JsonValue range = JsonValue::array();
    push(range, std::int64_t{places[i]});
    push(range, std::int64_t{places[end - 1]} + 1);
    push(out, std::move(range));
    i = end;
  }
  return out;
}

std::string shown(const std::string& answer) {
  std::string out = answer.substr(0, kShownAnswer);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return answer.size() > kShownAnswer ? out + "..." : out;
}

}  // namespace

ExternalPolicy::ExternalPolicy(std::string label, Open open, const scheduler::Snapshot& snapshot, std::uint64_t seed)
    : label_(std::move(label)), open_(std::move(open)), snapshot_(snapshot), seed_(seed) {}

JsonValue ExternalPolicy::ask(const std::string& line, const std::string& about) {
  std::string text;
  try {
    if (!channel_) channel_ = open_();
    text = channel_->ask(line);
  } catch (const PolicyFailure& e) {
    throw PolicyFailure(cat("policy \"", label_, "\", asked about ", about, ": ", e.what()));
  }
  digest_.add(text);
  const auto answer = codec::parse_json(text);
  if (!answer.ok() || !answer->is_object()) {
    throw PolicyFailure(cat("policy \"", label_, "\", asked about ", about, ": answered what is no JSON object: ", shown(text)));
  }
  return *answer;
}

void ExternalPolicy::introduce() {
  JsonValue hello = JsonValue::object(), nodes = JsonValue::array();
  hello.set("orrery", kProtocol);
  hello.set("seed", static_cast<std::int64_t>(seed_));
  for (const NodeInfo* n : snapshot_.nodes()) push(nodes, whole_node(*n));
  hello.set("nodes", std::move(nodes));
  const JsonValue answer = ask(hello.dump(), "the nodes");
  if (answer["orrery"].int_or(0) != kProtocol) {
    throw PolicyFailure(cat("policy \"", label_, "\": must answer {\"orrery\":", std::to_string(kProtocol), "} to the nodes, answered ",
                            shown(answer.dump())));
  }
  order_ = snapshot_.order_version();
  // Who has been told of a node takes it for empty.
  told_.assign(snapshot_.size(), 0);
}

JsonValue ExternalPolicy::changed_nodes() {
  JsonValue out = JsonValue::array();
  const std::vector<std::uint64_t>& now = snapshot_.generations();
  for (std::uint32_t i = 0; i < now.size(); ++i) {
    if (told_[i] == now[i]) continue;
    const NodeInfo& node = *snapshot_.nodes()[i];
    if (told_[i] != 0 || !node.pods().empty()) push(out, free_of(i, node));
    told_[i] = now[i];
  }
  return out;
}

std::vector<double> ExternalPolicy::read_answer(const JsonValue& answer, std::span<const std::uint32_t> fit, const std::string& about) const {
  const auto fail = [&](const std::string& what) {
    throw PolicyFailure(cat("policy \"", label_, "\", asked about ", about, ": ", what));
  };
  std::vector<double> out(fit.size(), 0);
  if (const JsonValue* node = answer.find("node")) {
    const std::int64_t place = node->int_or(-1);
    const auto at = std::lower_bound(fit.begin(), fit.end(), place);
    if (place < 0 || at == fit.end() || *at != place) fail(cat("\"node\" must be one of those that fit, is ", shown(node->dump())));
    out[static_cast<std::size_t>(at - fit.begin())] = 1;
    return out;
  }
  const JsonValue* scores = answer.find("scores");
  if (!scores || !scores->is_array()) fail(cat("answered neither \"node\" nor a list \"scores\": ", shown(answer.dump())));
  if (scores->items().size() != fit.size()) {
    fail(cat("answered ", std::to_string(scores->items().size()), " scores, ", std::to_string(fit.size()), " nodes fit"));
  }
  for (std::size_t i = 0; i < fit.size(); ++i) {
    out[i] = scores->items()[i].double_or(NAN);
    if (!std::isfinite(out[i])) fail(cat("score ", std::to_string(i + 1), " is no number: ", shown(scores->items()[i].dump())));
  }
  return out;
}

std::vector<double> ExternalPolicy::advise(const PodInfo& pod, std::span<const NodeInfo* const> feasible) {
  if (order_ != snapshot_.order_version() || told_.size() != snapshot_.size()) introduce();
  // The search may have begun in the middle of the nodes.
  std::vector<std::uint32_t> fit;
  for (const NodeInfo* n : feasible) fit.push_back(n->index());
  std::sort(fit.begin(), fit.end());
  JsonValue question = JsonValue::object();
  question.set("pod", pod_json(pod));
  question.set("free", changed_nodes());
  question.set("fit", ranges_of(fit));
  const std::string about = cat("pod ", pod.meta().name);
  const std::vector<double> by_place = read_answer(ask(question.dump(), about), fit, about);
  std::vector<double> out;
  for (const NodeInfo* n : feasible) {
    out.push_back(by_place[static_cast<std::size_t>(std::lower_bound(fit.begin(), fit.end(), n->index()) - fit.begin())]);
  }
  return out;
}

std::function<std::unique_ptr<scheduler::Adviser>(const scheduler::Snapshot&, std::uint64_t seed)> external_adviser(
    std::string label, ExternalCommand command, const Outside& outside) {
  return [label = std::move(label), command = std::move(command), start = outside.start](const scheduler::Snapshot& snapshot,
                                                                                         std::uint64_t seed) {
    return std::make_unique<ExternalPolicy>(label, [command, start] { return start(command); }, snapshot, seed);
  };
}

}  // namespace orrery::scenarios
