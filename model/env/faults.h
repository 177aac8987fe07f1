// Faults: named sites in product code where a planted bug can be switched on. The real world answers false.
#pragma once
#include <cstdint>
#include <string_view>

#include "model/env/fault_sites.h"

namespace orrery::env {

class Faults {
 public:
  virtual ~Faults() = default;
  /// True when the bug planted at `site` is switched on for this run. Costs one load and a mask.
  bool here(Site site) const { return (enabled_[static_cast<unsigned>(site) / 64] >> (static_cast<unsigned>(site) % 64)) & 1; }

 protected:
  std::uint64_t enabled_[2] = {0, 0};
};

/// The site's name in scenarios and on the command line ("ack-before-sync"); empty for an unknown value.
std::string_view site_name(Site site);
/// False when there is no such site.
bool parse_site(std::string_view name, Site& site);

}  // namespace orrery::env
