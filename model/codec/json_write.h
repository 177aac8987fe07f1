// Objects to JSON text, byte for byte as Go's encoding/json prints upstream's types.
#pragma once
#include <string>

#include "model/api/object.h"
#include "model/api/type.h"

namespace orrery::codec {

/// Appends the JSON text of a value. omitempty follows Go: it drops zero scalars, empty lists and maps and
/// absent pointers but never a struct by value; a Time, MicroTime or RawJson field counts as a pointer when
/// it has kOmitEmpty, and prints null otherwise. Map keys come in byte order. The struct of a kind starts
/// with kind and apiVersion, as upstream declares its types.
void write_json(const api::Type& type, const void* value, std::string& out);

/// {"kind":...,"apiVersion":...,"metadata":...}. No line end.
void write_json(const api::Object& object, std::string& out);
std::string to_json(const api::Object& object);

template <class T>
std::string to_json(const T& value) {
  std::string out;
  write_json(api::describe<T>(), &value, out);
  return out;
}

/// True when `field` of the struct is left out of JSON.
bool omitted(const api::Field& field, const void* member);

/// The address of a field's value inside its struct.
inline const void* member_of(const api::Field& field, const void* parent) {
  return static_cast<const char*>(parent) + field.offset;
}
inline void* member_of(const api::Field& field, void* parent) {
  return static_cast<char*>(parent) + field.offset;
}

}  // namespace orrery::codec
