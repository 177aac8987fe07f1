// Object: an immutable API object behind a counted handle, whatever its kind.
#pragma once
#include <string>
#include <utility>

#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/env/message.h"

namespace orrery::api {

/// Immutable once shared, except that its resourceVersion is set exactly once, when the store commits it (sealed()), and
/// that encodings are cached. As a Body it encodes to its storage form: a format byte, apiVersion, kind, protobuf.
class Object : public env::Body {
 public:
  static const env::BodyType kType;
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override;
  void encode(std::string& out) const override;
  std::uint64_t content_hash() const override;
  /// Takes what `other` knows of its metadata when both share every part of it (all but the revision): the successor of an
  /// object need not be walked again where it did not change.
  void share_meta_facts(const Object& other) const;

  const Kind& kind() const { return *kind_; }
  KindId kind_id() const { return kind_->id; }
  const ObjectMeta& meta() const { return *static_cast<const ObjectMeta*>(value_); }
  /// The struct of kind().type().
  const void* value() const { return value_; }
  std::int64_t revision() const { return meta().resource_version.value; }
  template <class T>
  const T& as() const {
    ORRERY_CHECK(kind_->id == KindOf<T>::kId, "object of another kind");
    return *static_cast<const T*>(value_);
  }

 protected:
  Object(const Kind& kind, void* value) : kind_(&kind), value_(value) {}

 private:
  friend base::Ref<const Object> sealed(base::Ref<const Object> object, std::int64_t revision);
  friend void* edit_value(Object& object);
  const Kind* kind_;
  void* value_;
  std::uint64_t meta_hash() const;
  // Of all but the revision; 0: not computed.
  mutable std::uint64_t hash_ = 0, meta_hash_ = 0;
  mutable std::uint32_t encoded_size_ = 0, meta_size_ = 0;
};

using ObjectRef = base::Ref<const Object>;

/// The concrete holder; `T`'s first member is `ObjectMeta metadata`.
template <class T>
class ObjectOf final : public Object {
 public:
  explicit ObjectOf(T value) : Object(kind_of(KindOf<T>::kId), &value_storage_), value_storage_(std::move(value)) {}
  const T& get() const { return value_storage_; }

 private:
  T value_storage_;
};

/// Takes ownership of a value as a shared immutable object.
template <class T>
ObjectRef make_object(T value) {
  return ObjectRef(new ObjectOf<T>(std::move(value)));
}

template <class T>
Object* make_empty_object() {
  return new ObjectOf<T>(T{});
}

/// For decoders and the request pipeline only: the value of an object that nobody else holds yet (use_count <= 1). Clears
/// the caches.
void* edit_value(Object& object);

/// A private copy that may be edited through edit_value; shares all parts until they are edited.
base::Ref<Object> clone(const Object& object);

/// The object with metadata.resourceVersion = revision: the same handle when it had none or that one, else a copy.
ObjectRef sealed(ObjectRef object, std::int64_t revision);

/// A typed handle; null only when default-constructed.
template <class T>
class Handle {
 public:
  Handle() = default;
  explicit Handle(ObjectRef object) : object_(std::move(object)) { if (object_) value_ = &object_->template as<T>(); }
  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_; }
  explicit operator bool() const { return value_ != nullptr; }
  const ObjectRef& object() const { return object_; }

 private:
  ObjectRef object_;
  const T* value_ = nullptr;
};

/// "namespace/name", or "name" for an object without namespace.
std::string key_of(const ObjectMeta& meta);

}  // namespace orrery::api
