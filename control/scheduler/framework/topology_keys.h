// The labels by which nodes and volumes tell their zone and region (k8s.io/api/core/v1, well_known_labels.go).
#pragma once
#include <string_view>

namespace orrery::scheduler {

struct TopologyKeys {
  std::string_view zone, region;
};
inline constexpr TopologyKeys kTopologyKeys{"topology.kubernetes.io/zone", "topology.kubernetes.io/region"};
/// Those that they replaced.
inline constexpr TopologyKeys kBetaTopologyKeys{"failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"};

}  // namespace orrery::scheduler
