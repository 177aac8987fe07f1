#include "model/env/faults.h"

namespace orrery::env {
namespace {

constexpr std::string_view kNames[] = {
#define ORRERY_SITE_NAME(id, name, what, invariant) name,
    ORRERY_FAULT_SITES(ORRERY_SITE_NAME)
#undef ORRERY_SITE_NAME
};

}  // namespace

std::string_view site_name(Site site) {
  return site < Site::kCount ? kNames[static_cast<unsigned>(site)] : std::string_view();
}

bool parse_site(std::string_view name, Site& site) {
  for (unsigned i = 0; i < static_cast<unsigned>(Site::kCount); ++i) {
    if (kNames[i] != name) continue;
    site = static_cast<Site>(i);
    return true;
  }
  return false;
}

}  // namespace orrery::env
