// Orders: for each seed the order in which pods arrive and in which nodes are tried, as the FGD publication drew them
// (columns seed, n_pods, pod_order_as_index_into_name_sorted_pod_list, node_order_as_index_into_name_sorted_node_list).
// A pod may arrive several times (the workload was scaled up) or not at all (it was scaled down).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace orrery::scenarios::bench {

struct ArrivalOrder {
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> pods, nodes;    ///< indices into the lists sorted by name; nodes is a permutation
};

/// Every index is checked against the sizes of the lists. Throws InputError.
std::vector<ArrivalOrder> read_orders(const std::string& file, std::size_t pods, std::size_t nodes);

}  // namespace orrery::scenarios::bench
