// What a namespace that is being deleted says about it; pure (pkg/controller/namespace/deletion).
#pragma once
#include <string>
#include <vector>

#include "model/api/namespace.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

using base::Str;

/// What one attempt to empty a namespace left.
struct NamespaceRemains {
  std::int64_t estimate = 0;                   ///< seconds until the rest should be gone
  base::SortedMap<std::string, int> resources;  ///< by "pods.", "jobs.batch"
  base::SortedMap<Str, int> finalizers;
  std::vector<std::string> errors;
};

/// Sets the five conditions. False when nothing changed.
bool set_deletion_conditions(api::NamespaceStatus& status, const NamespaceRemains& left,
                             api::Time now);

}  // namespace orrery::controllers
