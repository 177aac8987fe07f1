#include "model/api/object.h"

#include "model/base/hash.h"

namespace orrery::api {

std::uint64_t Object::content_hash() const {
  if (hash_ == 0) {
    const std::uint64_t h = base::combine64(static_cast<std::uint64_t>(kind_->id),
                                            deep_hash(kind_->type(), value_, &meta().resource_version));
    hash_ = h ? h : 1;
  }
  return base::combine64(hash_, static_cast<std::uint64_t>(revision()));
}

void* edit_value(Object& object) {
  ORRERY_CHECK(object.use_count() <= 1, "edit of a shared object");
  object.hash_ = 0;
  object.encoded_size_ = 0;
  return object.value_;
}

base::Ref<Object> clone(const Object& object) {
  base::Ref<Object> copy(object.kind().make());
  object.kind().type().assign(edit_value(*copy), object.value());
  return copy;
}

ObjectRef sealed(ObjectRef object, std::int64_t revision) {
  if (object->revision() == revision) return object;
  if (object->revision() != 0) {
    base::Ref<Object> copy = clone(*object);
    static_cast<ObjectMeta*>(edit_value(*copy))->resource_version.value = revision;
    return copy;
  }
  // Hash and encoded size stand: both leave the object's own revision out.
  static_cast<ObjectMeta*>(const_cast<Object&>(*object).value_)->resource_version.value = revision;
  return object;
}

std::string key_of(const ObjectMeta& meta) {
  if (meta.namespace_.empty()) return meta.name.str();
  return base::cat(meta.namespace_, "/", meta.name);
}

}  // namespace orrery::api
