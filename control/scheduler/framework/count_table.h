// CountTable: counts by topology value, found by hash and listed in order of first appearance.
#pragma once
#include <vector>

#include "model/base/hash_map.h"
#include "model/base/str.h"

namespace orrery::scheduler {

class CountTable {
 public:
  struct Row {
    base::Str value;
    std::int64_t count = 0;
  };
  /// Created with 0 when absent.
  std::int64_t& at(const base::Str& value) {
    std::uint32_t& row = index_[value];
    if (row == 0) {
      rows_.push_back({value, 0});
      row = static_cast<std::uint32_t>(rows_.size());
    }
    return rows_[row - 1].count;
  }
  /// Null when absent.
  const std::int64_t* find(const base::Str& value) const {
    const std::uint32_t* row = index_.find(value);
    return row ? &rows_[*row - 1].count : nullptr;
  }
  std::int64_t* find(const base::Str& value) {
    return const_cast<std::int64_t*>(static_cast<const CountTable*>(this)->find(value));
  }
  const std::vector<Row>& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }

 private:
  base::HashMap<base::Str, std::uint32_t> index_;  // row + 1
  std::vector<Row> rows_;
};

}  // namespace orrery::scheduler
