// References to objects as events and volumes hold them (client-go tools/reference).
#pragma once
#include "model/api/object.h"
#include "model/api/reference.h"

namespace orrery::api {

/// Kind, apiVersion, namespace, name, uid, and the resourceVersion unless it is 0.
ObjectReference reference_to(const Kind& kind, const ObjectMeta& meta);

template <class T>
ObjectReference reference_to(const T& value) {
  return reference_to(kind_of(KindOf<T>::kId), value.metadata);
}

}  // namespace orrery::api
