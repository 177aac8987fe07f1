// Object as a Body: its storage form.
#include "model/codec/proto.h"

namespace orrery::api {
namespace {

base::Result<env::BodyRef> decode_object(std::string_view bytes) {
  base::Result<base::Ref<Object>> object = codec::read_envelope(bytes);
  if (!object) return base::Error{base::ErrorCode::kCorrupt, object.error().message};
  // Catches what a tolerant reader lets pass: unknown fields, other spellings of the same value.
  if ((*object)->encoded_size() != bytes.size())
    return base::Error{base::ErrorCode::kCorrupt, "object bytes are not in canonical form"};
  return env::BodyRef(*std::move(object));
}

}  // namespace

const env::BodyType Object::kType{10, "object", &decode_object};

std::size_t Object::encoded_size() const {
  if (meta_size_ == 0) meta_size_ = static_cast<std::uint32_t>(codec::meta_size(*this, codec::RevisionForm::kStorage));
  if (encoded_size_ == 0) encoded_size_ = static_cast<std::uint32_t>(codec::envelope_size(*this, meta_size_));
  return encoded_size_;
}

void Object::encode(std::string& out) const {
  codec::write_envelope(*this, out, codec::RevisionForm::kStorage, encoded_size());
}

}  // namespace orrery::api
