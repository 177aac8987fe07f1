#include "model/api/object.h"

#include "model/base/hash.h"

namespace orrery::api {

namespace {

/// True when the same storage holds both; false says nothing.
bool shares_meta(const ObjectMeta& a, const ObjectMeta& b) {
  return a.name.same_buffer(b.name) && a.uid.same_buffer(b.uid) && a.namespace_.same_buffer(b.namespace_) &&
         a.generate_name.same_buffer(b.generate_name) && a.generation == b.generation &&
         a.creation_timestamp == b.creation_timestamp && a.deletion_timestamp == b.deletion_timestamp &&
         a.deletion_grace_period_seconds == b.deletion_grace_period_seconds && a.labels.shares(b.labels) &&
         a.annotations.shares(b.annotations) && a.owner_references.shares(b.owner_references) &&
         a.finalizers.shares(b.finalizers) && a.managed_fields.shares(b.managed_fields);
}

}  // namespace

std::uint64_t Object::meta_hash() const {
  if (meta_hash_ == 0) meta_hash_ = deep_hash(describe<ObjectMeta>(), &meta(), &meta().resource_version);
  return meta_hash_;
}

std::uint64_t Object::content_hash() const {
  if (hash_ == 0) {
    const std::uint64_t h = base::combine64(static_cast<std::uint64_t>(kind_->id),
                                            deep_hash_after(kind_->type(), value_, meta_hash()));
    hash_ = h ? h : 1;
  }
  return base::combine64(hash_, static_cast<std::uint64_t>(revision()));
}

void Object::share_meta_facts(const Object& other) const {
  if (!shares_meta(meta(), other.meta())) return;
  meta_hash_ = other.meta_hash_;
  meta_size_ = other.meta_size_;
}

void* edit_value(Object& object) {
  ORRERY_CHECK(object.use_count() <= 1, "edit of a shared object");
  object.hash_ = object.meta_hash_ = 0;
  object.encoded_size_ = object.meta_size_ = 0;
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
