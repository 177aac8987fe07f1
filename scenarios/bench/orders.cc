#include "scenarios/bench/orders.h"

#include <algorithm>
#include <charconv>

#include "model/base/str.h"
#include "scenarios/bench/csv.h"

namespace orrery::scenarios::bench {
namespace {

constexpr const char* kPodOrder = "pod_order_as_index_into_name_sorted_pod_list";
constexpr const char* kNodeOrder = "node_order_as_index_into_name_sorted_node_list";

std::vector<std::uint32_t> read_indices(const CsvTable& csv, std::size_t row, const char* column, std::size_t size) {
  std::vector<std::uint32_t> out;
  for (std::string_view rest = csv.text(row, column); !rest.empty();) {
    const std::size_t space = rest.find(' ');
    const std::string_view word = rest.substr(0, space);
    std::uint32_t index = 0;
    const auto r = std::from_chars(word.data(), word.data() + word.size(), index);
    if (r.ec != std::errc() || r.ptr != word.data() + word.size()) {
      csv.fail(row, column, base::cat("\"", word, "\" is not an index; write indices with one space between them"));
    }
    if (index >= size) {
      csv.fail(row, column, base::cat("index ", word, " is beyond the list of ", std::to_string(size),
                                      "; the orders belong to other files of pods or nodes"));
    }
    out.push_back(index);
    rest.remove_prefix(space == rest.npos ? rest.size() : space + 1);
  }
  return out;
}

}  // namespace

std::vector<ArrivalOrder> read_orders(const std::string& file, std::size_t pods, std::size_t nodes) {
  const CsvTable csv(file, {"seed", "n_pods", kPodOrder, kNodeOrder});
  std::vector<ArrivalOrder> out;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    ArrivalOrder order;
    order.seed = static_cast<std::uint64_t>(csv.integer(row, "seed", 0, INT64_MAX));
    order.pods = read_indices(csv, row, kPodOrder, pods);
    order.nodes = read_indices(csv, row, kNodeOrder, nodes);
    if (csv.integer(row, "n_pods", 0, INT32_MAX) != static_cast<std::int64_t>(order.pods.size())) {
      csv.fail(row, "n_pods", base::cat("the row lists ", std::to_string(order.pods.size()), " pods"));
    }
    std::vector<bool> seen(nodes);
    for (const std::uint32_t i : order.nodes) {
      if (seen[i]) csv.fail(row, kNodeOrder, base::cat("node ", std::to_string(i), " is there twice"));
      seen[i] = true;
    }
    if (order.nodes.size() != nodes) {
      csv.fail(row, kNodeOrder, base::cat("lists ", std::to_string(order.nodes.size()), " of ", std::to_string(nodes), " nodes"));
    }
    out.push_back(std::move(order));
  }
  return out;
}

}  // namespace orrery::scenarios::bench
