#include "control/scheduler/pod_class.h"

#include <algorithm>

#include "control/scheduler/class_key.h"

namespace orrery::scheduler {
namespace {

/// Beyond these the sums of a row might not fit, or rejections pile up.
constexpr std::int64_t kMaxWeights = 1'000'000;
constexpr std::size_t kMaxRejections = 1024;

}  // namespace

PodClass::PodClass(const Framework& framework, const Snapshot& snapshot, PodInfoRef pod)
    : framework_(framework), snapshot_(snapshot), pod_(std::move(pod)) {
  plain_ = !take_states() || !take_plugins();
}

/// PreFilter and PreScore of the plugins that look at one node only. False when that decides more than states.
bool PodClass::take_states() {
  for (const auto& at : framework_.pre_filters()) {
    if (at.plugin->reach() != Reach::kNode) continue;
    NodeNames names;
    const Status s = at.point->pre_filter(state_, *pod_, names);
    if (s.skipped()) state_.skip_filter |= 1u << at.plugin->slot();
    else if (!s.ok()) return false;
    if (names) return false;
  }
  for (const auto& at : framework_.pre_scores()) {
    if (at.plugin->reach() != Reach::kNode) continue;
    const Status s = at.point->pre_score(state_, *pod_, {});
    if (s.skipped()) state_.skip_score |= 1u << at.plugin->slot();
    else if (!s.ok()) return false;
  }
  return true;
}

bool PodClass::take_plugins() {
  std::int64_t weights = 0;
  const auto view_of = [&](const Plugin* plugin, std::uint32_t order, std::int64_t weight) {
    std::unique_ptr<ClassView> view = plugin->make_view(pod_);
    if (!view) return false;
    views_.push_back({std::move(view), order, static_cast<std::int32_t>(weight), false});
    return true;
  };
  const auto weight_of = [&](const Plugin* plugin) -> std::int64_t {
    for (const auto& at : framework_.scorers()) {
      if (at.plugin == plugin) return at.weight;
    }
    return 0;
  };
  std::uint32_t order = 0;
  std::uint32_t viewed = 0;
  for (const auto& at : framework_.filters()) {
    const std::uint32_t mine = order++;
    const std::uint32_t bit = 1u << at.plugin->slot();
    const bool by_node = at.plugin->reach() == Reach::kNode && at.plugin->concerns(*pod_);
    if (by_node && !(state_.skip_filter & bit)) filters_.push_back({at.point, mine});
    if (at.plugin->reach() != Reach::kView) continue;
    viewed |= bit;
    if (!view_of(at.plugin, mine, weight_of(at.plugin))) return false;
  }
  for (const auto& at : framework_.scorers()) {
    const std::uint32_t bit = 1u << at.plugin->slot();
    weights += at.weight;
    if (at.weight < 0 || weights > kMaxWeights) return false;
    const auto weight = static_cast<std::int32_t>(at.weight);
    if (at.plugin->reach() == Reach::kNode && !(state_.skip_score & bit) && at.plugin->concerns(*pod_)) {
      if (at.normalize) ranked_.push_back({at.normalize, weight, {}});
      else scores_.push_back({at.point, weight});
    }
    if (at.plugin->reach() == Reach::kView && !(viewed & bit) && !view_of(at.plugin, order, at.weight)) return false;
  }
  return true;
}

void PodClass::start_over() {
  if (order_version_ != snapshot_.order_version() || rejections_.size() > kMaxRejections) {
    rows_.reset(snapshot_.size());
    for (Ranked& r : ranked_) r.raw.reset(snapshot_.size());
    rejections_.assign(1, Rejection());
  }
  order_version_ = snapshot_.order_version();
  label_version_ = snapshot_.label_version();
  log_ = snapshot_.groups().changes();
  for (View& v : views_) v.view->rebuild();
}

/// What has happened to pods since the last cycle, told to the views that were right until then.
void PodClass::follow_log() {
  const PodGroups& groups = snapshot_.groups();
  for (; log_ != groups.changes(); ++log_) {
    const PodGroups::Change& change = groups.change(log_);
    for (View& v : views_) {
      if (!v.stale) v.view->pods_changed(*change.group, *change.node, change.delta);
    }
  }
  for (View& v : views_) {
    if (v.stale) v.view->rebuild();
  }
}

bool PodClass::refresh() {
  if (plain_) return false;
  generations_ = snapshot_.generations().data();
  broken_ = false;
  for (View& v : views_) v.stale = !v.view->current();
  const bool same_cluster = order_version_ == snapshot_.order_version() && label_version_ == snapshot_.label_version();
  const bool log_reaches = snapshot_.groups().changes() - log_ <= PodGroups::kRemembered;
  if (same_cluster && log_reaches && rejections_.size() <= kMaxRejections) follow_log();
  else start_over();
  views_filter_ = false;
  for (const View& v : views_) {
    if (!v.view->usable()) return false;
    views_filter_ = views_filter_ || v.view->filters();
  }
  return true;
}

std::uint32_t PodClass::known_rejection(Status status, std::uint32_t order) {
  for (std::size_t i = 1; i < rejections_.size() && i < 32; ++i) {
    const Status& known = rejections_[i].status;
    if (rejections_[i].order == order && known.code() == status.code() && known.reasons() == status.reasons()) {
      return static_cast<std::uint32_t>(i);
    }
  }
  rejections_.push_back({std::move(status), order});
  return static_cast<std::uint32_t>(rejections_.size() - 1);
}

void PodClass::look(std::uint32_t position) {
  const NodeInfo& node = *snapshot_.nodes()[position];
  Row& row = rows_.edit(position);
  row = {node.generation(), 0, 0};
  for (const Filter& f : filters_) {
    Status s = f.point->filter(state_, *pod_, node);
    if (s.ok()) continue;
    if (!s.rejected()) {
      broken_ = true;
      row.generation = 0;
    }
    row.rejection = known_rejection(std::move(s), f.order);
    return;
  }
  for (View& v : views_) v.view->node_changed(node);
  for (const Score& s : scores_) {
    const std::int64_t score = s.point->score(state_, *pod_, node);
    if (score < 0 || score > kMaxNodeScore) {
      broken_ = true;
      row.generation = 0;
      return;
    }
    row.score += static_cast<std::int32_t>(score) * s.weight;
  }
  for (Ranked& r : ranked_) r.raw.set(position, r.point->score(state_, *pod_, node));
}

bool PodClass::passes_views(std::uint32_t position) const {
  return std::all_of(views_.begin(), views_.end(),
                     [&](const View& v) { return !v.view->filters() || v.view->filter(position) == nullptr; });
}

const Status& PodClass::rejection(std::uint32_t position) const {
  const std::uint32_t known = rows_.get(position).rejection;
  const std::uint32_t order = known != 0 ? rejections_[known].order : UINT32_MAX;
  for (const View& v : views_) {
    if (v.order > order || !v.view->filters()) continue;
    if (const Status* s = v.view->filter(position)) return *s;
  }
  return rejections_[known].status;
}

bool PodClass::search(std::uint32_t first, std::size_t wanted, ClassSearch& out) {
  const auto size = static_cast<std::uint32_t>(snapshot_.size());
  out.feasible.resize(wanted);
  out.totals.resize(wanted);
  out.rejected.clear();
  std::uint32_t* const feasible = out.feasible.data();
  std::int32_t* const totals = out.totals.data();
  const bool views_filter = views_filter_;
  std::size_t found = 0;
  bool one_more = false;
  for (const auto& [begin, end] : {std::pair{first, size}, std::pair{0u, first}}) {
    for (std::uint32_t at = begin; at < end && !one_more;) {
      Row* const rows = rows_.page(at);
      const std::uint32_t page = at - at % Pages<Row>::kPage;
      const std::uint32_t stop = std::min<std::uint32_t>(end, page + Pages<Row>::kPage);
      const std::uint64_t* const generations = generations_;
      for (; at < stop; ++at) {
        const Row& row = rows[at - page];
        if (row.generation != generations[at]) look(at);
        if (row.rejection != 0 || (views_filter && !passes_views(at))) {
          out.rejected.push_back(at);
          continue;
        }
        one_more = found == wanted;
        if (one_more) break;
        feasible[found] = at;
        totals[found++] = row.score;
      }
    }
  }
  out.feasible.resize(found);
  out.totals.resize(found);
  out.evaluated = found + out.rejected.size() + (one_more ? 1 : 0);
  return !broken_;
}

bool PodClass::add_ranked(const Ranked& ranked, ClassSearch& search) {
  if (ranked.raw.untouched()) return true;  // zero for all
  const std::int64_t first = ranked.raw.get(search.feasible[0]);
  std::int64_t differ = 0;
  for (const std::uint32_t at : search.feasible) differ |= ranked.raw.get(at) ^ first;
  if (differ == 0) return true;
  normal_.clear();
  nodes_.clear();
  for (const std::uint32_t at : search.feasible) {
    normal_.push_back(ranked.raw.get(at));
    nodes_.push_back(snapshot_.nodes()[at]);
  }
  ranked.point->normalize(state_, *pod_, nodes_, normal_);
  for (std::size_t j = 0; j < normal_.size(); ++j) {
    if (normal_[j] < 0 || normal_[j] > kMaxNodeScore) return false;
    search.totals[j] += static_cast<std::int32_t>(normal_[j]) * ranked.weight;
  }
  return true;
}

bool PodClass::complete(ClassSearch& search) {
  for (const Ranked& r : ranked_) {
    if (!add_ranked(r, search)) return false;
  }
  const std::size_t n = search.feasible.size();
  if (view_scores_.size() < n) view_scores_.resize(n);
  for (View& v : views_) {
    if (v.weight == 0 || !v.view->score(search.feasible, std::span(view_scores_.data(), n))) continue;
    for (std::size_t j = 0; j < n; ++j) search.totals[j] += view_scores_[j] * v.weight;
  }
  return true;
}

PodClasses::PodClasses(const Framework& framework, const Snapshot& snapshot) : framework_(framework), snapshot_(snapshot) {
  const auto note = [&](const auto& points) {
    for (const auto& at : points) {
      const bool known = std::find(unkept_.begin(), unkept_.end(), at.plugin) != unkept_.end();
      if (at.plugin->reach() == Reach::kAnything && !known) unkept_.push_back(at.plugin);
    }
  };
  note(framework.pre_filters());
  note(framework.filters());
  note(framework.pre_scores());
  note(framework.scorers());
}

/// A nominated pod looks at its node first, which the plain cycle does.
bool PodClasses::possible(const PodInfo& pod) const {
  if (snapshot_.size() == 0 || !pod.pod().status->nominated_node_name.empty()) return false;
  return std::none_of(unkept_.begin(), unkept_.end(), [&](const Plugin* p) { return p->concerns(pod); });
}

void PodClasses::evict() {
  while (entries_.size() > kMinClasses && entries_.size() * snapshot_.size() > kMaxRows) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

PodClass* PodClasses::of(const PodInfoRef& pod) {
  if (!possible(*pod)) return nullptr;
  key_.clear();
  append_class_key(*pod, key_);
  if (const Entries::iterator* known = by_key_.find(std::string_view(key_))) {
    entries_.splice(entries_.begin(), entries_, *known);
  } else {
    entries_.push_front(Entry{key_, PodClass(framework_, snapshot_, pod)});
    by_key_[entries_.front().key] = entries_.begin();
    evict();
  }
  PodClass& found = entries_.front().pod_class;
  return found.refresh() ? &found : nullptr;
}

}  // namespace orrery::scheduler
