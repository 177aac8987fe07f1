#include "control/scheduler/explain/report.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

constexpr std::size_t kMostRows = 50;   // of a kind; a big cluster has thousands alike

std::string counted(std::size_t n, std::string_view what) { return base::cat(std::to_string(n), " ", what, n == 1 ? "" : "s"); }

template <class Texts>
std::string listed(const Texts& texts) {
  std::string out;
  for (const auto& t : texts) out += base::cat(out.empty() ? "" : ", ", t);
  return out;
}

std::string padded(std::string_view text, std::size_t width) {
  return base::cat(text, std::string(width > text.size() ? width - text.size() : 0, ' '));
}

std::string plugin_and_reasons(const Status& s) {
  const std::string reasons = listed(s.reasons());
  return s.plugin().empty() ? reasons : base::cat(s.plugin(), ": ", reasons);
}

class TextReport {
 public:
  TextReport(const ExplainedPod& pod, const Explanation& explanation) : pod_(pod), e_(explanation) {
    for (const NodeVerdict& v : e_.nodes) {
      width_ = std::max(width_, v.node.size());
      (v.feasible ? feasible_ : rejected_).push_back(&v);
    }
    std::stable_sort(feasible_.begin(), feasible_.end(), [](const NodeVerdict* a, const NodeVerdict* b) { return a->total > b->total; });
  }

  std::string str() {
    add_head();
    add_feasible();
    add_rejected();
    add_choice();
    add_preemption();
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { out_ += base::cat(text, "\n"); }

  void add_head() {
    line(base::cat("pod ", api::key_of(pod_.pod->meta()), ", scheduler ", pod_.scheduler_name, ": ",
                   pod_.gated.empty() ? to_string(e_.outcome) : "gated"));
    if (!pod_.bound_to.empty()) line(base::cat("it is on ", pod_.bound_to, " now; this is where it would go if it was not there"));
    if (!pod_.gated.empty()) line(base::cat("it is not tried: ", pod_.gated, "; this is what would happen if it was"));
  }

  void add_feasible() {
    if (feasible_.empty()) return;
    line(base::cat("\n", counted(feasible_.size(), "feasible node"), feasible_.size() == 1 ? " (not scored, as there is no choice)" : "",
                   ":"));
    const NodeVerdict& best = *feasible_[0];
    for (std::size_t i = 0; i < std::min(feasible_.size(), kMostRows); ++i) {
      const NodeVerdict& v = *feasible_[i];
      std::string row = base::cat("  ", padded(v.node, width_));
      if (!v.scores.empty()) row += base::cat("  ", padded(std::to_string(v.total), 5), " = ", sum(v));
      line(row);
      if (v.total < best.total) line(base::cat("  ", std::string(width_, ' '), "  ", behind(v, best)));
    }
    add_rest(feasible_.size());
  }

  static std::string sum(const NodeVerdict& v) {
    std::string out;
    for (const PluginScore& s : v.scores) {
      out += base::cat(out.empty() ? "" : " + ", s.plugin, " ", std::to_string(s.weighted));
      if (s.weight != 1) out += base::cat(" (", std::to_string(s.normalized), " x ", std::to_string(s.weight), ")");
    }
    return out;
  }
  static std::string behind(const NodeVerdict& v, const NodeVerdict& best) {
    std::string out;
    for (std::size_t i = 0; i < v.scores.size(); ++i) {
      const std::int64_t gain = v.scores[i].weighted - best.scores[i].weighted;
      if (gain != 0) out += base::cat(out.empty() ? "" : ", ", v.scores[i].plugin, " ", gain > 0 ? "+" : "", std::to_string(gain));
    }
    return base::cat(std::to_string(best.total - v.total), " behind ", best.node, ": ", out);
  }

  void add_rejected() {
    if (rejected_.empty()) return;
    line(base::cat("\n", counted(rejected_.size(), "rejected node"), ", with what would have to differ:"));
    for (std::size_t i = 0; i < std::min(rejected_.size(), kMostRows); ++i) add_rejection(*rejected_[i]);
    add_rest(rejected_.size());
  }
  void add_rejection(const NodeVerdict& v) {
    std::string row = base::cat("  ", padded(v.node, width_), "  ");
    const std::string indent(row.size(), ' ');
    const bool first = !v.objections.empty() && v.objections[0].plugin == v.status.plugin();
    if (!first) line(base::cat(row, v.status.ok() ? "not looked at" : plugin_and_reasons(v.status)));
    for (std::size_t i = 0; i < v.objections.size(); ++i) {
      const Objection& o = v.objections[i];
      const bool starts = first && i == 0;
      line(base::cat(starts ? row : base::cat(indent, "also "), plugin_and_reasons(o.status),
                     o.shortfall.empty() ? "" : base::cat(" - ", o.shortfall)));
    }
    if (!v.no_preemption.ok()) line(base::cat(indent, "preemption: ", listed(v.no_preemption.reasons())));
  }
  void add_rest(std::size_t n) {
    if (n > kMostRows) line(base::cat("  and ", std::to_string(n - kMostRows), " more (--json has them all)"));
  }

  void add_choice() {
    line("");
    if (e_.chosen.empty()) return line(base::cat("chosen: none. ", e_.message));
    if (!pod_.settled_on.empty()) {
      return line(base::cat("a round over all pods that waited chose ", pod_.settled_on, "; alone the pod would go to ", e_.chosen));
    }
    if (e_.tied.empty()) return line(base::cat("chosen: ", e_.chosen));
    constexpr std::size_t kMostNames = 10;
    const std::vector<Str> shown(e_.tied.begin(), e_.tied.begin() + static_cast<std::ptrdiff_t>(std::min(e_.tied.size(), kMostNames)));
    const std::string names = base::cat(listed(shown), e_.tied.size() > kMostNames ? ", ..." : "");
    const std::string tied = base::cat(std::to_string(e_.tied.size()), " with the same total");
    if (pod_.tie_break.empty()) return line(base::cat("chosen: any of ", tied, ", drawn with the same chance: ", names));
    line(base::cat("chosen: ", e_.chosen, ", ", pod_.tie_break, " of ", tied, ": ", names));
  }

  void add_preemption() {
    for (const ExplainedCandidate& c : e_.candidates) {
      const bool chosen = c.node == e_.nominated;
      line(base::cat(chosen ? "preemption chooses " : "preemption could choose ", c.node, ", removing ", listed(c.victims),
                     c.pdb_violations == 0 ? "" : base::cat(" (", counted(static_cast<std::size_t>(c.pdb_violations), "violation"),
                                                            " of disruption budgets)")));
    }
  }

  const ExplainedPod& pod_;
  const Explanation& e_;
  std::vector<const NodeVerdict*> feasible_, rejected_;
  std::size_t width_ = 0;
  std::string out_;
};

}  // namespace

std::string to_text(const ExplainedPod& pod, const Explanation& e) { return TextReport(pod, e).str(); }

}  // namespace orrery::scheduler
