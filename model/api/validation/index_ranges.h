// Sets of job indexes as their text: "1,3-5,7". Source: k8s.io/kubernetes pkg/apis/batch/validation.
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "model/base/result.h"

namespace orrery::api {

class IndexRanges {
 public:
  /// Ranges in ascending order, all below `completions`. Fails with upstream's texts.
  static base::Result<IndexRanges> parse(std::string_view text, std::int32_t completions);
  std::int64_t count() const;
  /// The first index that both contain, or -1.
  std::int64_t first_common(const IndexRanges& other) const;

 private:
  std::vector<std::pair<std::int32_t, std::int32_t>> ranges_;  // both ends included
};

}  // namespace orrery::api
