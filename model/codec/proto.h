// Protobuf as upstream's generated (gogo, proto2) code writes it: scalars by value always, pointers when set,
// fields in the order of their numbers, maps sorted by key. Source: the generated.proto and generated.pb.go
// next to upstream's types.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "model/api/object.h"
#include "model/base/result.h"

namespace orrery::codec {

/// The exact length of what write_proto appends.
std::size_t proto_size(const api::Type& type, const void* value);
/// Appends a struct as a message.
void write_proto(const api::Type& type, const void* value, std::string& out);
/// Reads a message into a fresh struct. Unknown fields are skipped; a repeated single field is an error.
/// Fails with kCorrupt, never reads out of bounds, and takes time and memory in proportion to the input.
base::Status read_proto(const api::Type& type, void* value, std::string_view bytes);

/// kStorage writes the object's own metadata.resourceVersion empty, as upstream does before it stores: the
/// store's revision stands for it.
enum class RevisionForm : unsigned char { kWritten, kStorage };

/// "k8s\0" and runtime.Unknown{typeMeta, raw, contentEncoding, contentType}: the form of objects in storage
/// and, with kWritten, in HTTP bodies of application/vnd.kubernetes.protobuf.
void write_envelope(const api::Object& object, std::string& out, RevisionForm form, std::size_t size);
/// The `size` of that, from the bytes of the metadata, which every kind has first.
std::size_t envelope_size(const api::Object& object, std::size_t meta_size);
std::size_t meta_size(const api::Object& object, RevisionForm form);
inline void write_envelope(const api::Object& object, std::string& out, RevisionForm form) {
  write_envelope(object, out, form, envelope_size(object, meta_size(object, form)));
}
/// Tolerates unknown fields, so that it reads what newer upstream versions have stored. Fails with kCorrupt
/// on bytes that are damaged and kInvalid on a kind that is not known.
base::Result<base::Ref<api::Object>> read_envelope(std::string_view bytes);

}  // namespace orrery::codec
