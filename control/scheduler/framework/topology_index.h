// TopologyIndex: the values of one label of all nodes as small numbers, so that counts by topology are arrays.
#pragma once
#include <vector>

#include "model/base/str.h"

namespace orrery::scheduler {

class NodeInfo;

class TopologyIndex {
 public:
  /// Of a node that lacks the label.
  static constexpr std::uint32_t kMissing = 0;

  void build(const std::vector<const NodeInfo*>& nodes, std::string_view key);
  /// By position of the node in Snapshot::nodes().
  std::uint32_t value(std::uint32_t position) const { return values_[position]; }
  const std::vector<std::uint32_t>& values() const { return values_; }
  /// Values are below this.
  std::size_t bound() const { return bound_; }
  /// How many different values nodes have; lacking the label counts as one.
  std::size_t distinct() const { return bound_ - 1 + (any_missing_ ? 1 : 0); }
  bool has_missing() const { return any_missing_; }
  /// Some node has the label with an empty value, which upstream mixes up with missing ones here and there.
  bool has_empty_value() const { return has_empty_value_; }

 private:
  std::vector<std::uint32_t> values_;
  std::size_t bound_ = 1;
  bool has_empty_value_ = false, any_missing_ = false;
};

}  // namespace orrery::scheduler
