// What a pod takes in all, from what its containers take (k8s.io/component-helpers/resource).
#pragma once
#include "model/api/pod.h"
#include "model/api/quantity.h"

namespace orrery::api {

/// An init container that goes on running beside those after it.
inline bool is_sidecar(const Container& init_container) {
  return init_container.restart_policy && *init_container.restart_policy == "Always";
}

/// into += list, name by name.
void add_to(ResourceList& into, const ResourceList& list);
/// into = max(into, list), name by name.
void raise_to(ResourceList& into, const ResourceList& list);

/// Containers and sidecars summed, against the largest step of initialising: an init container with the sidecars before it.
/// `amounts(container, is_init)` says what one container takes. Overhead is not in it.
template <class Amounts>
ResourceList total_of_containers(const PodSpec& spec, Amounts amounts) {
  ResourceList total, sidecars, initialising;
  for (const Container& c : spec.containers) add_to(total, amounts(c, false));
  for (const Container& c : spec.init_containers) {
    ResourceList step = amounts(c, true);
    if (is_sidecar(c)) {
      add_to(total, step);
      add_to(sidecars, step);
      raise_to(initialising, sidecars);
    } else {
      add_to(step, sidecars);
      raise_to(initialising, step);
    }
  }
  raise_to(total, initialising);
  return total;
}

}  // namespace orrery::api
