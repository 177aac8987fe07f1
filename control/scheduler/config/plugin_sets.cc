#include "control/scheduler/config/plugin_sets.h"

#include <algorithm>
#include <climits>

#include "model/base/btree_map.h"

namespace orrery::scheduler {
namespace {

using base::cat;
using Entries = std::vector<PluginLayout::Entry>;

constexpr std::string_view kRemoved[] = {"AzureDiskLimits", "CinderLimits", "EBSLimits", "GCEPDLimits"};
/// Go's names of the interfaces, as upstream's errors tell them.
constexpr const char* kInterfaces[kPoints] = {"PreEnqueuePlugin", "QueueSortPlugin", "PreFilterPlugin", "FilterPlugin",
                                              "PostFilterPlugin", "PreScorePlugin",  "ScorePlugin",     "ReservePlugin",
                                              "PermitPlugin",     "PreBindPlugin",   "BindPlugin",      "PostBindPlugin"};
/// These find out at the later point what they have not prepared at the earlier one.
constexpr std::string_view kSelfReliant[] = {"NodeAffinity", "NodeResourcesFit", "NodeResourcesBalancedAllocation"};

const v1::PluginSet& set_at(const v1::Plugins& p, std::size_t point) {
  const v1::PluginSet* const sets[kPoints] = {&p.pre_enqueue, &p.queue_sort, &p.pre_filter, &p.filter,  &p.post_filter, &p.pre_score,
                                              &p.score,       &p.reserve,    &p.permit,     &p.pre_bind, &p.bind,        &p.post_bind};
  return *sets[point];
}

bool lists(const Entries& entries, std::string_view name) {
  return std::any_of(entries.begin(), entries.end(), [&](const PluginLayout::Entry& e) { return e.plugin == name; });
}

bool disables(const v1::PluginSet& set, std::string_view name) {
  return std::any_of(set.disabled.begin(), set.disabled.end(), [&](const v1::PluginRef& r) { return r.name == name; });
}

PluginLayout::Entry entry_of(const v1::PluginRef& r) { return {r.name, r.weight.value_or(0)}; }

/// The default plugins, less those disabled; those enabled by name take the place of their default.
Entries merged_multi_point(const v1::PluginSet& custom) {
  Entries out;
  std::vector<bool> used(custom.enabled.size());
  for (const PluginKind& k : known_plugins()) {
    if (!k.by_default || disables(custom, "*") || disables(custom, k.name)) continue;
    PluginLayout::Entry entry{Str(k.name), k.default_weight};
    std::size_t again = custom.enabled.size();
    for (std::size_t i = 0; i < custom.enabled.size(); ++i) {
      if (custom.enabled[i].name == k.name) again = i;
    }
    if (again < custom.enabled.size()) {
      entry = entry_of(custom.enabled[again]);
      used[again] = true;
    }
    out.push_back(std::move(entry));
  }
  for (std::size_t i = 0; i < custom.enabled.size(); ++i) {
    if (!used[i]) out.push_back(entry_of(custom.enabled[i]));
  }
  return out;
}

class Builder {
 public:
  Builder(const v1::Plugins& plugins, const std::string& path, const Str& scheduler_name, const PluginCatalogue& catalogue, Problems& problems)
      : plugins_(plugins), path_(path), scheduler_name_(scheduler_name), catalogue_(catalogue), problems_(problems) {}

  PluginLayout build() {
    check_names(plugins_.multi_point, cat(path_, ".multiPoint"));
    multi_point_ = merged_multi_point(plugins_.multi_point);
    for (std::size_t p = 0; p < kPoints && problems_.none(); ++p) {
      check_names(set_at(plugins_, p), path_of(p));
      if (problems_.none()) out_.points[p] = entries_at(p);
    }
    if (problems_.none()) set_weights();
    if (problems_.none()) check_whole();
    return std::move(out_);
  }

 private:
  std::string path_of(std::size_t point) const { return cat(path_, ".", to_string(static_cast<Point>(point))); }
  static std::string at_enabled(const std::string& path, std::size_t i) { return cat(path, ".enabled[", std::to_string(i), "]"); }

  void check_names(const v1::PluginSet& set, const std::string& path) {
    for (std::size_t i = 0; i < set.enabled.size(); ++i) {
      const std::string where = at_enabled(path, i);
      const std::string why = why_unusable(set.enabled[i].name, catalogue_);
      if (!why.empty()) problems_.add(cat(where, ".name"), why);
      if (set.enabled[i].weight.value_or(0) < 0) problems_.add(cat(where, ".weight"), "must not be negative");
    }
  }

  /// expandMultiPointPlugins: named here and in multiPoint, then those of multiPoint alone, then those named here alone.
  Entries entries_at(std::size_t p) {
    const v1::PluginSet& set = set_at(plugins_, p);
    const Point point = static_cast<Point>(p);
    Entries named;
    for (std::size_t i = 0; i < set.enabled.size(); ++i) {
      const Str& name = set.enabled[i].name;
      const std::string where = cat(at_enabled(path_of(p), i), ".name");
      if (!catalogue_.find(name)->extends(point)) {
        problems_.add(where, cat("plugin \"", name, "\" does not extend ", kInterfaces[p], " plugin"));
      }
      if (lists(named, name)) problems_.add(where, cat("plugin \"", name, "\" already registered as \"", kInterfaces[p], "\""));
      named.push_back(entry_of(set.enabled[i]));
    }
    if (disables(set, "*")) return named;
    Entries overrides, implied;
    for (const PluginLayout::Entry& e : multi_point_) {
      if (!catalogue_.find(e.plugin)->extends(point) || disables(set, e.plugin)) continue;
      if (lists(named, e.plugin)) {
        overrides.push_back(e);
      } else if (lists(implied, e.plugin)) {
        problems_.add(cat(path_, ".multiPoint.enabled"), cat("plugin \"", e.plugin, "\" already registered as \"", kInterfaces[p], "\""));
      } else {
        implied.push_back(e);
      }
    }
    Entries out;
    for (const PluginLayout::Entry& e : named) {
      if (lists(overrides, e.plugin)) out.push_back(e);
    }
    out.insert(out.end(), implied.begin(), implied.end());
    for (const PluginLayout::Entry& e : named) {
      if (!lists(overrides, e.plugin)) out.push_back(e);
    }
    return out;
  }

  /// A weight that is not given is 1, also where it overrides another.
  void set_weights() {
    std::int64_t total = 0;
    for (PluginLayout::Entry& e : out_.at(Point::kScore)) {
      if (e.weight == 0) e.weight = 1;
      total += e.weight * kMaxNodeScore;   // far from overflowing: a weight has 32 bits, and there are few plugins
      if (total > INT32_MAX) {
        problems_.add(cat(path_, ".score"), "total score of Score plugins could overflow: weights may add up to 21474836");
      }
    }
  }

  void check_whole() {
    const std::size_t sorts = out_.at(Point::kQueueSort).size();
    if (sorts != 1) {
      problems_.add(cat(path_, ".queueSort"), cat("only one queue sort plugin required for profile with scheduler name \"", scheduler_name_,
                                                 "\", but got ", std::to_string(sorts)));
    }
    if (out_.at(Point::kBind).empty()) {
      problems_.add(cat(path_, ".bind"), cat("at least one bind plugin is needed for profile with scheduler name \"", scheduler_name_, "\""));
    }
    check_prepared(Point::kFilter, Point::kPreFilter);
    check_prepared(Point::kScore, Point::kPreScore);
    check_prepared(Point::kPreBind, Point::kReserve);
    if (out_.plugins().size() > std::size_t{kMaxPlugins}) {
      problems_.add(path_, cat("names ", std::to_string(out_.plugins().size()), " plugins; a profile can have ", std::to_string(kMaxPlugins)));
    }
  }
  void check_prepared(Point point, Point before) {
    for (const PluginLayout::Entry& e : out_.at(point)) {
      if (!catalogue_.find(e.plugin)->extends(before) || out_.has(before, e.plugin)) continue;
      if (std::find(std::begin(kSelfReliant), std::end(kSelfReliant), e.plugin) != std::end(kSelfReliant)) continue;
      problems_.add(path_of(static_cast<std::size_t>(point)),
                    cat("plugin \"", e.plugin, "\" is called here but not at ", to_string(before),
                        ", without which it fails every pod; enable or disable it at both"));
    }
  }

  const v1::Plugins& plugins_;
  const std::string& path_;
  const Str& scheduler_name_;
  const PluginCatalogue& catalogue_;
  Problems& problems_;
  Entries multi_point_;
  PluginLayout out_;
};

}  // namespace

std::string why_unusable(std::string_view plugin, const PluginCatalogue& catalogue) {
  if (catalogue.find(plugin)) return {};
  if (std::find(std::begin(kRemoved), std::end(kRemoved), plugin) != std::end(kRemoved)) {
    return cat("Invalid value: \"", plugin, "\": was invalid in version \"kubescheduler.config.k8s.io/v1\" (KubeSchedulerConfiguration is "
               "version \"kubescheduler.config.k8s.io/v1\")");
  }
  if (plugin == "DynamicResources") return "DynamicResources is not there yet; leave it out to schedule without resource claims";
  return cat("plugin \"", plugin, "\" does not exist (there are ", catalogue.names(), ")");
}

PluginLayout layout_of(const v1::Plugins& plugins, const std::string& path, const base::Str& scheduler_name,
                       const PluginCatalogue& catalogue, Problems& problems) {
  return Builder(plugins, path, scheduler_name, catalogue, problems).build();
}

}  // namespace orrery::scheduler
