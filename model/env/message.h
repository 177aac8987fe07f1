// Bodies: immutable values that travel in messages and stand in logs, as a handle plus an exact encoded length.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/base/ref.h"
#include "model/base/result.h"

namespace orrery::env {

class Body;

/// What kind of body a message carries. One static const instance per C++ type.
struct BodyType {
  std::uint16_t id;        ///< stable number, unique in the program; stands on the wire and in logs
  const char* name;
  /// Inverse of Body::encode. Fails with kCorrupt on anything encode() cannot have written.
  base::Result<base::Ref<const Body>> (*decode)(std::string_view bytes);
};

/// An immutable value. Nothing reachable from it may point into memory that a process owns.
class Body : public base::RefCounted {
 public:
  virtual ~Body() = default;
  virtual const BodyType& type() const = 0;
  /// Exactly the number of bytes that encode() appends, computed without encoding.
  virtual std::size_t encoded_size() const = 0;
  virtual void encode(std::string& out) const = 0;
  /// A hash of the content that is equal for equal content; enters the digest of a run.
  virtual std::uint64_t content_hash() const = 0;
};

using BodyRef = base::Ref<const Body>;

/// Casts after comparing types; null when `body` is null or of another type.
template <class T>
const T* body_as(const Body* body) {
  return body && &body->type() == &T::kType ? static_cast<const T*>(body) : nullptr;
}

/// A message: the handle, or null for an empty one.
struct Message {
  BodyRef body;
  std::size_t encoded_size() const { return body ? body->encoded_size() : 0; }
};

}  // namespace orrery::env
