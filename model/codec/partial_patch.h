// Patching a struct in place: only the fields that a patch names go through JSON.
#pragma once
#include "model/api/type.h"
#include "model/codec/json_value.h"

namespace orrery::codec {

enum class PartialPatch : std::uint8_t { kMerge, kStrategic };

/// Applies an RFC 7386 or a strategic merge patch to the struct. When true, the result is that of patching the whole document
/// (patch.h) and reading it back. False when the patch may need all of it, or fails: directives, names that are no fields of
/// the struct itself, values of a wrong type, unknown fields further down. Then `value` is half-changed and to be thrown away.
bool patch_fields(const api::Type& type, void* value, const JsonValue& patch, PartialPatch how);

}  // namespace orrery::codec
