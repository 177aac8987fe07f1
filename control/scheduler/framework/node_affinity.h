// Node affinity, parsed: spec.nodeSelector, required and preferred terms (component-helpers/scheduling/corev1/nodeaffinity).
#pragma once
#include <string>
#include <vector>

#include "model/api/node.h"
#include "model/api/pod.h"
#include "model/api/selector.h"

namespace orrery::scheduler {

/// An AND of requirements on labels and fields. A term with errors matches nothing.
class NodeSelectorTerm {
 public:
  NodeSelectorTerm(const api::NodeSelectorTerm& term, const api::FieldPath& path, api::ErrorList& errors);
  bool matches(const api::Node& node) const;
  /// The requirements that the node does not meet, with what it has instead.
  std::string shortfall(const api::Node& node) const;

 private:
  bool broken_ = false, has_labels_ = false, has_fields_ = false;
  api::Selector labels_;
  api::FieldSelector fields_;
};

/// An OR of the terms that are not empty.
class NodeSelector {
 public:
  NodeSelector() = default;
  explicit NodeSelector(const api::NodeSelector& selector);
  bool matches(const api::Node& node) const;
  /// Of every term; "" when the node matches.
  std::string shortfall(const api::Node& node) const;

 private:
  std::vector<NodeSelectorTerm> terms_;
};

/// spec.nodeSelector and the required node affinity of a pod.
class RequiredNodeAffinity {
 public:
  explicit RequiredNodeAffinity(const api::Pod& pod);
  bool matches(const api::Node& node) const;
  std::string shortfall(const api::Node& node) const;
  bool empty() const { return labels_.empty() && !has_selector_; }

 private:
  api::Selector labels_;
  bool has_selector_ = false;
  NodeSelector selector_;
};

/// The preferred node affinity of a pod.
class PreferredNodeAffinity {
 public:
  using Terms = api::List<api::PreferredSchedulingTerm>;
  PreferredNodeAffinity() = default;
  /// `error` becomes the joined messages of terms that do not parse.
  PreferredNodeAffinity(const Terms& terms, std::string& error);
  bool empty() const { return terms_.empty(); }
  std::int64_t score(const api::Node& node) const;

 private:
  struct Term {
    NodeSelectorTerm term;
    std::int32_t weight;
  };
  std::vector<Term> terms_;
};

}  // namespace orrery::scheduler
