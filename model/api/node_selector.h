// Which nodes: selectors over labels and fields of nodes. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/type.h"

namespace orrery::api {

struct NodeSelectorRequirement {
  Str key, operator_;
  List<Str> values;
};

/// An AND of requirements; matches nothing when empty.
struct NodeSelectorTerm {
  List<NodeSelectorRequirement> match_expressions, match_fields;
};

/// An OR of terms.
struct NodeSelector {
  List<NodeSelectorTerm> node_selector_terms;
};

struct PreferredSchedulingTerm {
  std::int32_t weight = 0;
  NodeSelectorTerm preference;
};

ORRERY_DECLARE_STRUCT(NodeSelectorRequirement)
ORRERY_DECLARE_STRUCT(NodeSelectorTerm)
ORRERY_DECLARE_STRUCT(NodeSelector)
ORRERY_DECLARE_STRUCT(PreferredSchedulingTerm)

}  // namespace orrery::api
