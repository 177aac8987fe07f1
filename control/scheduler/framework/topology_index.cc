#include "control/scheduler/framework/topology_index.h"

#include "control/scheduler/framework/node_info.h"
#include "model/base/hash_map.h"

namespace orrery::scheduler {

void TopologyIndex::build(const std::vector<const NodeInfo*>& nodes, std::string_view key) {
  base::HashMap<Str, std::uint32_t> numbers;
  values_.assign(nodes.size(), kMissing);
  bound_ = 1;
  has_empty_value_ = any_missing_ = false;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Str* value = nodes[i]->labels().find(key);
    if (!value) {
      any_missing_ = true;
      continue;
    }
    has_empty_value_ = has_empty_value_ || value->empty();
    std::uint32_t& number = numbers[*value];
    if (number == kMissing) number = static_cast<std::uint32_t>(bound_++);
    values_[i] = number;
  }
}

}  // namespace orrery::scheduler
