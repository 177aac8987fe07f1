#include "model/api/pod_resources.h"

namespace orrery::api {

void add_to(ResourceList& into, const ResourceList& list) {
  if (into.empty()) {
    into = list;
    return;
  }
  for (const auto& [name, quantity] : list) into.add(name).add(quantity);
}

void raise_to(ResourceList& into, const ResourceList& list) {
  for (const auto& [name, quantity] : list) {
    const Quantity* present = into.find(name);
    if (!present || *present < quantity) into.set(name, quantity);
  }
}

}  // namespace orrery::api
