// What a request costs the apiserver in CPU time, calibrated on Kubernetes 1.33 (GET about 1.2 ms,
// create about 1.4 ms, a list of 10,000 pods 0.36 s in protobuf, 16,000-19,000 watch events
// delivered per second on two cores).
#pragma once
#include "model/api/request.h"
#include "model/base/time.h"

namespace orrery::apiserver {

/// Multiplied by `permille` / 1000 where they are spent; 0 switches all costs off.
struct CostTable {
  base::Nanos get = 1'200 * base::kMicrosecond;
  base::Nanos create = 1'400 * base::kMicrosecond;
  base::Nanos update = 1'400 * base::kMicrosecond;
  base::Nanos remove = 1'400 * base::kMicrosecond;
  base::Nanos list = 1'200 * base::kMicrosecond;  ///< plus list_item each
  base::Nanos list_item = 36 * base::kMicrosecond;
  base::Nanos watch = 1'200 * base::kMicrosecond;
  base::Nanos watch_event = 100 * base::kMicrosecond;  ///< per event and watcher
  std::int64_t permille = 1000;

  base::Nanos of(api::Verb verb) const {
    switch (verb) {
      case api::Verb::kGet:
        return get * permille / 1000;
      case api::Verb::kList:
        return list * permille / 1000;
      case api::Verb::kWatch:
        return watch * permille / 1000;
      case api::Verb::kCreate:
        return create * permille / 1000;
      case api::Verb::kUpdate:
      case api::Verb::kPatch:
        return update * permille / 1000;
      case api::Verb::kDelete:
      case api::Verb::kDeleteCollection:
        return remove * permille / 1000;
    }
    return 0;
  }
  base::Nanos items(std::size_t n) const {
    return list_item * static_cast<std::int64_t>(n) * permille / 1000;
  }
  base::Nanos events(std::size_t n) const {
    return watch_event * static_cast<std::int64_t>(n) * permille / 1000;
  }
};

}  // namespace orrery::apiserver
