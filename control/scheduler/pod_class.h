// PodClass: pods that no filter or score can tell apart, and what is known about every node for them. Verdicts and raw scores
// of a node are kept until its generation changes; what depends on more than one node is kept by ClassViews. The answers
// are those of the plain cycle (cycle.h), which stays the definition.
#pragma once
#include <list>
#include <memory>

#include "control/scheduler/framework/framework.h"
#include "control/scheduler/framework/pages.h"
#include "model/base/hash_map.h"

namespace orrery::scheduler {

/// What a cycle finds by a class. Nodes are named by their positions.
struct ClassSearch {
  std::vector<std::uint32_t> feasible, rejected;
  std::vector<std::int32_t> totals;   ///< of the feasible
  std::size_t evaluated = 0;
};

class PodClass {
 public:
  /// What is known about one node.
  struct Row {
    std::uint64_t generation = 0;    ///< of the node; 0: nothing is known
    std::int32_t score = 0;          ///< weighted sum of the scores that are not normalised
    std::uint32_t rejection = 0;     ///< 0: it passes the filters that look at one node only
  };

  /// `framework` and `snapshot` outlive the class; `pod` stands for all of it.
  PodClass(const Framework& framework, const Snapshot& snapshot, PodInfoRef pod);

  /// Follows the snapshot; before each cycle. False: the plain cycle must decide, as things are.
  bool refresh();

  /// Looks at nodes from `first` on, in turn, until `wanted` and one more are feasible or all were looked at. False when a
  /// filter or score fails to answer: only the plain cycle can tell then.
  bool search(std::uint32_t first, std::size_t wanted, ClassSearch& out);

  /// Whether the node at `position` passes all filters. Sets broken() when a filter or score fails to answer.
  bool feasible(std::uint32_t position) {
    const Row& row = rows_.edit(position);
    if (row.generation != generations_[position]) look(position);
    if (row.rejection != 0) return false;
    return !views_filter_ || passes_views(position);
  }
  bool broken() const { return broken_; }
  /// Of a node that feasible() was asked about: what totals() starts from.
  std::int32_t node_score(std::uint32_t position) const { return rows_.get(position).score; }
  /// Of a node that is not feasible: what the first filter that rejects it says.
  const Status& rejection(std::uint32_t position) const;

  /// Completes the totals of the feasible nodes, less a constant that all share. False as for search().
  bool complete(ClassSearch& search);

 private:
  struct Filter {
    const FilterPlugin* point;
    std::uint32_t order;             // among the filters of the framework
  };
  struct Score {
    const ScorePlugin* point;
    std::int32_t weight;
  };
  /// A score that is normalised over the feasible nodes.
  struct Ranked {
    const NormalizeScorePlugin* point;
    std::int32_t weight;
    Pages<std::int64_t> raw;         // by position
  };
  struct View {
    std::unique_ptr<ClassView> view;
    std::uint32_t order;             // of its filter
    std::int32_t weight;             // of its score; 0: none
    bool stale;                      // it must be rebuilt
  };
  struct Rejection {
    Status status;
    std::uint32_t order;
  };

  bool take_plugins();
  bool take_states();
  void start_over();
  void follow_log();
  void look(std::uint32_t position);
  std::uint32_t known_rejection(Status status, std::uint32_t order);
  bool passes_views(std::uint32_t position) const;
  bool add_ranked(const Ranked& ranked, ClassSearch& search);

  const Framework& framework_;
  const Snapshot& snapshot_;
  PodInfoRef pod_;
  CycleState state_;                 // of the plugins that look at one node only
  std::vector<Filter> filters_;
  std::vector<Score> scores_;
  std::vector<Ranked> ranked_;
  std::vector<View> views_;
  std::vector<Rejection> rejections_;
  Pages<Row> rows_;                  // by position
  const std::uint64_t* generations_ = nullptr;
  bool plain_ = false, views_filter_ = false, broken_ = false;
  std::uint64_t order_version_ = 0, label_version_ = 0, log_ = 0;
  std::vector<std::int32_t> view_scores_;            // scratch, per feasible node
  std::vector<std::int64_t> normal_;
  std::vector<const NodeInfo*> nodes_;
};

/// The classes of one scheduler, found by class_key(). They are for at most kMaxRows nodes together; the class used longest
/// ago goes first.
class PodClasses {
 public:
  static constexpr std::size_t kMaxRows = std::size_t{1} << 21, kMinClasses = 16;

  PodClasses(const Framework& framework, const Snapshot& snapshot);
  /// The class of the pod, up to date; null when the plain cycle must decide. Valid until the next call.
  PodClass* of(const PodInfoRef& pod);

  ClassSearch search;                   ///< scratch of a cycle

 private:
  bool possible(const PodInfo& pod) const;
  void evict();

  const Framework& framework_;
  const Snapshot& snapshot_;
  std::vector<const Plugin*> unkept_;   // whose answers are never kept
  struct Entry {
    Str key;
    PodClass pod_class;
  };
  using Entries = std::list<Entry>;
  Entries entries_;                     // the one used last stands first
  base::HashMap<Str, Entries::iterator> by_key_;
  std::string key_;                     // scratch
};

}  // namespace orrery::scheduler
