// Priorities as a cluster wants them: the API refuses numbers in pods, which name a PriorityClass instead.
#pragma once
#include "model/api/object.h"
#include "model/api/pod.h"

namespace orrery::scenarios::bench {

/// The class of that value: priority-10, priority-minus-5.
api::ObjectRef make_priority_class(std::int32_t value);
/// A number in the pod's spec becomes the name of its class. Returns it; 0, which needs none, when there is no number.
std::int32_t name_priority(api::Pod& pod);
/// The pod with that done; anything else as it is.
api::ObjectRef with_class(const api::ObjectRef& object);

}  // namespace orrery::scenarios::bench
