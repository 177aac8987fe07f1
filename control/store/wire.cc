#include "control/store/wire.h"

#include <array>

#include "control/raft/conf_change.h"
#include "control/store/disk_format.h"
#include "model/api/object.h"

namespace orrery::store {
namespace {

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) ? 0x82f63b78u ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  return table;
}();

base::Result<env::BodyRef> decode_bytes(std::string_view bytes) {
  return env::BodyRef(base::make_ref<Bytes>(Bytes::kType.id, std::string(bytes)));
}

}  // namespace

const env::BodyType Bytes::kType{104, "store.bytes", decode_bytes};

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) {
  crc = ~crc;
  for (const char c : bytes) crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

const env::BodyType* find_body_type(std::uint16_t id) {
  static const std::array<const env::BodyType*, 8> kTypes = {
      &Proposal::kType, &TxnRequest::kType,   &ControlRequest::kType, &raft::ConfChange::kType,
      &Bytes::kType,    &SnapshotHead::kType, &SnapshotPiece::kType,  &api::Object::kType};
  for (const env::BodyType* type : kTypes) {
    if (type->id == id) return type;
  }
  return nullptr;
}

base::Result<env::BodyRef> decode_body(std::uint16_t id, std::string_view bytes) {
  if (const env::BodyType* type = find_body_type(id)) return type->decode(bytes);
  return env::BodyRef(base::make_ref<Bytes>(id, std::string(bytes)));
}

env::BodyRef text_value(std::string text) {
  return base::make_ref<Bytes>(Bytes::kType.id, std::move(text));
}

void Writer::body(const env::Body* b) {
  if (b == nullptr) {
    out_.append(6, '\0');
    return;
  }
  const Bytes* opaque = env::body_as<Bytes>(b);
  scalar(opaque ? opaque->value_type() : b->type().id);
  scalar(static_cast<std::uint32_t>(b->encoded_size()));
  b->encode(out_);
}

void Hasher::body(const env::Body* b) {
  if (b == nullptr) {
    add(0);
    return;
  }
  const bool own = b->type().id >= 100 && b->type().id < 120 && &b->type() != &Bytes::kType;
  add(own ? b->content_hash() : b->encoded_size());
}

std::uint64_t Reader::take(std::size_t n) {
  if (!ok_ || bytes_.size() < n) {
    ok_ = false;
    return 0;
  }
  std::uint64_t v = 0;
  for (std::size_t i = n; i > 0; --i) v = v << 8 | static_cast<unsigned char>(bytes_[i - 1]);
  bytes_.remove_prefix(n);
  return v;
}

std::string_view Reader::text() {
  const std::uint64_t n = take(4);
  if (!ok_ || bytes_.size() < n) {
    ok_ = false;
    return {};
  }
  const std::string_view s = bytes_.substr(0, n);
  bytes_.remove_prefix(n);
  return s;
}

void Reader::operator()(env::BodyRef& b) {
  const auto type = static_cast<std::uint16_t>(take(2));
  const std::string_view bytes = text();
  if (!ok_) return;
  if (type == 0) {
    ok_ = bytes.empty();
    return;
  }
  auto body = decode_body(type, bytes);
  if (body.ok()) b = std::move(*body);
  else ok_ = false;
}

}  // namespace orrery::store
