// Fields behind the untyped pointers that a description's walk hands out.
#pragma once

namespace orrery::codec {

template <class T>
T& as(void* p) {
  return *static_cast<T*>(p);
}

template <class T>
const T& as(const void* p) {
  return *static_cast<const T*>(p);
}

}  // namespace orrery::codec
