// Taints of nodes as controllers write them (pkg/controller/util/node, pkg/util/taints).
#pragma once
#include <vector>

#include "control/client/client.h"
#include "model/api/node.h"

namespace orrery::controllers {

using base::Str;

/// Same key and effect: what makes two taints the same one.
bool same_taint(const api::Taint& a, const api::Taint& b);
bool has_taint(const api::Node& node, const api::Taint& taint);
/// The taints after adding (or replacing) and removing.
std::vector<api::Taint> with_taints(const base::List<api::Taint>& present,
                                    const std::vector<api::Taint>& add,
                                    const std::vector<api::Taint>& remove);
/// A strategic merge patch that holds only for this revision of the node.
Str taint_patch(std::int64_t revision, const std::vector<api::Taint>& taints);

/// Adds and removes taints, each in a patch of its own; `add` get the present time. Up to 5
/// attempts on conflicts. Asks nothing when the node, as last seen, has none of `remove`. False
/// when it failed.
env::Task<bool> swap_taints(env::Environment& env, client::Client& client, client::ObjectRef node,
                            std::vector<api::Taint> add, std::vector<api::Taint> remove);

/// Sets labels by a strategic merge patch.
Str label_patch(const std::vector<std::pair<Str, Str>>& labels);

}  // namespace orrery::controllers
