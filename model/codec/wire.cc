#include "model/codec/wire.h"

namespace orrery::codec {

namespace {

std::size_t object_size(const api::Object& o) {
  return varint_size(static_cast<std::uint64_t>(o.revision())) + o.encoded_size();
}

}  // namespace

void WireSize::object(std::uint8_t, const api::ObjectRef& o) {
  if (o) part(object_size(*o));
}

void WireBytes::object(std::uint8_t tag, const api::ObjectRef& o) {
  if (!o) return;
  header(tag, object_size(*o));
  varint(static_cast<std::uint64_t>(o->revision()));
  o->encode(out_);
}

void WireHash::object(std::uint8_t tag, const api::ObjectRef& o) {
  if (!o) return;
  digest_.add(tag);
  digest_.add(o->content_hash());
}

std::uint8_t WireReader::next() {
  std::string_view tag;
  if (!ok_ || in_.done() || !in_.take(1, tag)) return 0;
  const auto n = static_cast<std::uint8_t>(tag[0]);
  if (n == 0 || n < last_) {
    ok_ = false;
    return 0;
  }
  last_ = n;
  return n;
}

std::uint64_t WireReader::number(std::uint64_t max) {
  std::uint64_t v = 0;
  if (!in_.varint(v) || v > max || v == 0) ok_ = false;
  return ok_ ? v : 0;
}

std::string_view WireReader::text() {
  std::string_view s;
  if (!in_.bytes(s)) ok_ = false;
  return s;
}

api::ObjectRef WireReader::object() {
  const std::string_view bytes = text();
  ByteReader in(bytes);
  std::uint64_t revision;
  std::string_view body;
  if (!ok_ || !in.varint(revision) || revision > INT64_MAX || !in.take(in.left(), body)) {
    ok_ = false;
    return {};
  }
  base::Result<base::Ref<api::Object>> object = read_envelope(body);
  if (!object || (*object)->encoded_size() != body.size()) {
    ok_ = false;
    return {};
  }
  auto* meta = static_cast<api::ObjectMeta*>(api::edit_value(**object));
  meta->resource_version.value = static_cast<std::int64_t>(revision);
  return *std::move(object);
}

}  // namespace orrery::codec
