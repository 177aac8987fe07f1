#include "model/api/node_selector.h"

namespace orrery::api {

ORRERY_STRUCT(NodeSelectorRequirement,
  FIELD(key, "key", 1).required(),
  FIELD(operator_, "operator", 2).required().values("In,NotIn,Exists,DoesNotExist,Gt,Lt"),
  FIELD(values, "values", 3).omit())

ORRERY_STRUCT(NodeSelectorTerm,
  FIELD(match_expressions, "matchExpressions", 1).omit(),
  FIELD(match_fields, "matchFields", 2).omit())

ORRERY_STRUCT(NodeSelector,
  FIELD(node_selector_terms, "nodeSelectorTerms", 1).required())

ORRERY_STRUCT(PreferredSchedulingTerm,
  FIELD(weight, "weight", 1).range(1, 100),
  FIELD(preference, "preference", 2))

}  // namespace orrery::api
