// Type and Field: the one description of every API type, from which all codecs, patches, comparison and schemas derive.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/api/int_or_string.h"
#include "model/api/quantity.h"
#include "model/api/time.h"
#include "model/base/cow.h"
#include "model/base/str.h"

namespace orrery::api {

using base::Box;
using base::Cow;
using base::List;
using base::Map;
using base::Str;

/// Arbitrary bytes; base64 in JSON.
struct Bytes {
  Str data;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

/// A JSON value kept as its canonical text (runtime.RawExtension and the like). Empty text is absent.
struct RawJson {
  Str text;
  friend bool operator==(const RawJson&, const RawJson&) = default;
};

/// metadata.resourceVersion: a store revision, a decimal string in JSON. 0 is absent.
struct Revision {
  std::int64_t value = 0;
  friend auto operator<=>(const Revision&, const Revision&) = default;
};

enum class TypeKind : std::uint8_t {
  kBool, kInt32, kInt64, kDouble, kString, kBytes, kRevision, kQuantity, kIntOrString, kTime, kMicroTime, kRawJson,
  kStruct, kList, kMap, kBox, kCow, kOpt,
};

struct Type;
using TypeFn = const Type& (*)();

/// How elements of a container or wrapper are reached. All pointers are to the value the Type describes.
struct WrapOps {
  std::size_t (*size)(const void* self);                       ///< list, map: entries; box, opt: 0 or 1; cow: 1
  bool (*is_nil)(const void* self);                            ///< list, map: never set; box, opt: absent
  const void* (*at)(const void* self, std::size_t index);      ///< value of entry `index`
  const Str* (*key_at)(const void* self, std::size_t index);   ///< map only
  void* (*edit_at)(void* self, std::size_t index);             ///< detaches, then as at()
  void* (*append)(void* self);                                 ///< list: a new last element; box, opt, cow: the value
  void* (*edit_key)(void* self, const Str& key);               ///< map: the value of key, created when absent
  void (*erase_at)(void* self, std::size_t index);             ///< list, map
  void (*make_empty)(void* self);                              ///< list, map: set and empty (not nil)
  void (*reserve)(void* self, std::size_t n);                  ///< list
  bool (*shares)(const void* a, const void* b);                ///< true: certainly equal, same storage
  base::PartFacts* (*facts)(const void* self) = nullptr;       ///< cow only; may answer null
};

/// Flags of a field.
enum FieldFlag : std::uint16_t {
  kOmitEmpty = 1,     ///< JSON omitempty: zero, nil and empty are not written
  kRequired = 2,      ///< validation: must be set
  kImmutable = 4,     ///< validation: may not change on update
  kInline = 8,        ///< JSON inline: the struct's fields stand in the parent; protobuf still nests it
  kNoProto = 16,      ///< has no protobuf number
  kAtomic = 32,       ///< a map or struct that server-side apply owns as one value (mapType, structType atomic)
};

enum class ListType : std::uint8_t { kAtomic, kSet, kMap };
enum class PatchStrategy : std::uint8_t { kReplace, kMerge, kMergeRetainKeys, kRetainKeys };

/// One field of a struct. Built with field() below and its setters.
struct Field {
  const char* json = "";
  std::uint16_t number = 0;           ///< upstream's protobuf field number
  std::uint16_t flags = 0;
  std::uint32_t offset = 0;
  TypeFn type = nullptr;
  ListType list_type = ListType::kAtomic;
  PatchStrategy patch = PatchStrategy::kReplace;
  const char* list_keys = "";         ///< comma separated, in upstream's order ("containerPort,protocol")
  const char* merge_key = "";         ///< strategic merge patch
  const char* default_text = nullptr; ///< constant default as JSON scalar text without quotes; null for none
  const char* one_of = nullptr;       ///< allowed values, comma separated; null for any
  std::int64_t min = INT64_MIN, max = INT64_MAX;

  constexpr Field omit() const { Field f = *this; f.flags |= kOmitEmpty; return f; }
  constexpr Field required() const { Field f = *this; f.flags |= kRequired; return f; }
  constexpr Field immutable() const { Field f = *this; f.flags |= kImmutable; return f; }
  constexpr Field inlined() const { Field f = *this; f.flags |= kInline; return f; }
  constexpr Field no_proto() const { Field f = *this; f.flags |= kNoProto; return f; }
  constexpr Field atomic() const { Field f = *this; f.flags |= kAtomic; return f; }
  constexpr Field set_list() const { Field f = *this; f.list_type = ListType::kSet; return f; }
  constexpr Field map_list(const char* keys) const { Field f = *this; f.list_type = ListType::kMap; f.list_keys = keys; return f; }
  /// Strategic merge patch: merge by `key` (empty for primitives).
  constexpr Field merge(const char* key) const { Field f = *this; f.patch = PatchStrategy::kMerge; f.merge_key = key; return f; }
  constexpr Field merge_retain_keys(const char* key) const { Field f = *this; f.patch = PatchStrategy::kMergeRetainKeys; f.merge_key = key; return f; }
  constexpr Field retain_keys() const { Field f = *this; f.patch = PatchStrategy::kRetainKeys; return f; }
  constexpr Field def(const char* text) const { Field f = *this; f.default_text = text; return f; }
  constexpr Field values(const char* allowed) const { Field f = *this; f.one_of = allowed; return f; }
  constexpr Field range(std::int64_t lo, std::int64_t hi) const { Field f = *this; f.min = lo; f.max = hi; return f; }
};

/// The description of one C++ type. There is exactly one Type object per type, so addresses may be compared.
struct Type {
  TypeKind kind;
  const char* name;                   ///< "Container", "string", "[]", "map"
  std::uint32_t size;
  void (*construct)(void* room);
  void (*destroy)(void* value);
  void (*assign)(void* to, const void* from);
  const Field* fields = nullptr;      ///< structs: in the order of JSON output
  std::uint32_t field_count = 0;
  TypeFn element = nullptr;           ///< lists, maps, wrappers
  const WrapOps* wrap = nullptr;

  const Field* begin() const { return fields; }
  const Field* end() const { return fields + field_count; }
  /// Null when there is no such field; looks into inlined structs only if the caller does.
  const Field* find(std::string_view json_name) const;
};

/// describe<T>(): the Type of T. Structs specialise it with ORRERY_STRUCT in the .cc of their header.
template <class T>
struct Describe;
template <class T>
const Type& describe() { return Describe<T>::type(); }

namespace detail {

template <class T>
constexpr Type scalar(TypeKind kind, const char* name) {
  return Type{kind, name, sizeof(T), [](void* p) { new (p) T(); }, [](void* p) { static_cast<T*>(p)->~T(); },
              [](void* to, const void* from) { *static_cast<T*>(to) = *static_cast<const T*>(from); }};
}

template <class W>
struct Wrap;

template <class T>
struct Wrap<List<T>> {
  using L = List<T>;
  static constexpr WrapOps kOps{
      [](const void* s) { return static_cast<const L*>(s)->size(); },
      [](const void* s) { return static_cast<const L*>(s)->is_nil(); },
      [](const void* s, std::size_t i) -> const void* { return &(*static_cast<const L*>(s))[i]; },
      nullptr,
      [](void* s, std::size_t i) -> void* { return &static_cast<L*>(s)->edit()[i]; },
      [](void* s) -> void* { return &static_cast<L*>(s)->edit().emplace_back(); },
      nullptr,
      [](void* s, std::size_t i) { auto& v = static_cast<L*>(s)->edit(); v.erase(v.begin() + static_cast<std::ptrdiff_t>(i)); },
      [](void* s) { static_cast<L*>(s)->edit().clear(); },
      [](void* s, std::size_t n) { static_cast<L*>(s)->edit().reserve(n); },
      [](const void* a, const void* b) { return static_cast<const L*>(a)->shares(*static_cast<const L*>(b)); }};
};

template <class V>
struct Wrap<Map<V>> {
  using M = Map<V>;
  static constexpr WrapOps kOps{
      [](const void* s) { return static_cast<const M*>(s)->size(); },
      [](const void* s) { return static_cast<const M*>(s)->is_nil(); },
      [](const void* s, std::size_t i) -> const void* { return &static_cast<const M*>(s)->begin()[i].second; },
      [](const void* s, std::size_t i) { return &static_cast<const M*>(s)->begin()[i].first; },
      [](void* s, std::size_t i) -> void* { auto* m = static_cast<M*>(s); const Str key = m->begin()[i].first; return &m->edit(key); },
      nullptr,
      [](void* s, const Str& key) -> void* { return &static_cast<M*>(s)->add(key); },
      [](void* s, std::size_t i) { auto* m = static_cast<M*>(s); const Str key = m->begin()[i].first; m->erase(key); },
      [](void* s) { auto* m = static_cast<M*>(s); m->set("x", V{}); m->erase("x"); },
      nullptr,
      [](const void* a, const void* b) { return static_cast<const M*>(a)->shares(*static_cast<const M*>(b)); }};
};

template <class T>
struct Wrap<Box<T>> {
  using B = Box<T>;
  static constexpr WrapOps kOps{
      [](const void* s) -> std::size_t { return static_cast<const B*>(s)->has_value(); },
      [](const void* s) { return !static_cast<const B*>(s)->has_value(); },
      [](const void* s, std::size_t) -> const void* { return static_cast<const B*>(s)->get(); },
      nullptr,
      [](void* s, std::size_t) -> void* { return &static_cast<B*>(s)->edit(); },
      [](void* s) -> void* { return &static_cast<B*>(s)->edit(); },
      nullptr, nullptr,
      [](void* s) { static_cast<B*>(s)->reset(); },
      nullptr,
      [](const void* a, const void* b) { return static_cast<const B*>(a)->shares(*static_cast<const B*>(b)); }};
};

template <class T>
struct Wrap<Cow<T>> {
  using C = Cow<T>;
  static constexpr WrapOps kOps{
      [](const void*) -> std::size_t { return 1; },
      [](const void*) { return false; },
      [](const void* s, std::size_t) -> const void* { return &**static_cast<const C*>(s); },
      nullptr,
      [](void* s, std::size_t) -> void* { return &static_cast<C*>(s)->edit(); },
      [](void* s) -> void* { return &static_cast<C*>(s)->edit(); },
      nullptr, nullptr,
      [](void* s) { *static_cast<C*>(s) = C(); },
      nullptr,
      [](const void* a, const void* b) { return static_cast<const C*>(a)->shares(*static_cast<const C*>(b)); },
      [](const void* s) { return static_cast<const C*>(s)->facts(); }};
};

template <class T>
struct Wrap<std::optional<T>> {
  using O = std::optional<T>;
  static constexpr WrapOps kOps{
      [](const void* s) -> std::size_t { return static_cast<const O*>(s)->has_value(); },
      [](const void* s) { return !static_cast<const O*>(s)->has_value(); },
      [](const void* s, std::size_t) -> const void* { return &**static_cast<const O*>(s); },
      nullptr,
      [](void* s, std::size_t) -> void* { auto* o = static_cast<O*>(s); if (!*o) o->emplace(); return &**o; },
      [](void* s) -> void* { auto* o = static_cast<O*>(s); if (!*o) o->emplace(); return &**o; },
      nullptr, nullptr,
      [](void* s) { static_cast<O*>(s)->reset(); },
      nullptr,
      [](const void*, const void*) { return false; }};
};

template <class W, class T>
Type wrapper(TypeKind kind, const char* name) {
  Type t = scalar<W>(kind, name);
  t.element = &describe<T>;
  t.wrap = &Wrap<W>::kOps;
  return t;
}

}  // namespace detail

#define ORRERY_DECLARE_SCALAR(T) \
  template <>                    \
  struct Describe<T> {           \
    static const Type& type();   \
  };
ORRERY_DECLARE_SCALAR(bool)
ORRERY_DECLARE_SCALAR(std::int32_t)
ORRERY_DECLARE_SCALAR(std::int64_t)
ORRERY_DECLARE_SCALAR(double)
ORRERY_DECLARE_SCALAR(Str)
ORRERY_DECLARE_SCALAR(Bytes)
ORRERY_DECLARE_SCALAR(Revision)
ORRERY_DECLARE_SCALAR(Quantity)
ORRERY_DECLARE_SCALAR(IntOrString)
ORRERY_DECLARE_SCALAR(Time)
ORRERY_DECLARE_SCALAR(MicroTime)
ORRERY_DECLARE_SCALAR(RawJson)
#undef ORRERY_DECLARE_SCALAR

template <class T>
struct Describe<List<T>> {
  static const Type& type() { static const Type kType = detail::wrapper<List<T>, T>(TypeKind::kList, "[]"); return kType; }
};
template <class V>
struct Describe<Map<V>> {
  static const Type& type() { static const Type kType = detail::wrapper<Map<V>, V>(TypeKind::kMap, "map"); return kType; }
};
template <class T>
struct Describe<Box<T>> {
  static const Type& type() { static const Type kType = detail::wrapper<Box<T>, T>(TypeKind::kBox, "*"); return kType; }
};
template <class T>
struct Describe<Cow<T>> {
  static const Type& type() { static const Type kType = detail::wrapper<Cow<T>, T>(TypeKind::kCow, "&"); return kType; }
};
template <class T>
struct Describe<std::optional<T>> {
  static const Type& type() { static const Type kType = detail::wrapper<std::optional<T>, T>(TypeKind::kOpt, "?"); return kType; }
};

/// In the header, after the struct: makes describe<S>() known.
#define ORRERY_DECLARE_STRUCT(S)                 \
  template <>                                    \
  struct Describe<S> {                           \
    static const ::orrery::api::Type& type();    \
  };

/// In the .cc: ORRERY_STRUCT(ContainerPort, FIELD(name, "name", 1).omit(), FIELD(...), ...)
#define ORRERY_STRUCT(S, ...)                                                                          \
  const ::orrery::api::Type& Describe<S>::type() {                                                     \
    using Self = S;                                                                                    \
    static constexpr ::orrery::api::Field kFields[] = {__VA_ARGS__};                                   \
    static constexpr ::orrery::api::Type kType = [] {                                                  \
      ::orrery::api::Type t = ::orrery::api::detail::scalar<Self>(::orrery::api::TypeKind::kStruct, #S); \
      t.fields = kFields;                                                                              \
      t.field_count = sizeof(kFields) / sizeof(kFields[0]);                                            \
      return t;                                                                                        \
    }();                                                                                               \
    return kType;                                                                                      \
  }
#define FIELD(member, json_name, number)                                                    \
  ::orrery::api::Field{json_name, number, 0, offsetof(Self, member),                        \
                       &::orrery::api::describe<decltype(Self::member)>}

/// Deep equality by description; shared storage short-cuts. Nil and empty lists and maps are equal (upstream's Semantic).
bool deep_equal(const Type& type, const void* a, const void* b);
/// A hash equal for deep_equal values. `hidden` is the address of one revision within that counts as absent, or null.
std::uint64_t deep_hash(const Type& type, const void* value, const void* hidden = nullptr);
/// The same of a struct whose first field is known to have the hash `first`.
std::uint64_t deep_hash_after(const Type& type, const void* value, std::uint64_t first);
/// True for the zero value: what omitempty leaves out.
bool is_empty(const Type& type, const void* value);

template <class T>
bool deep_equal(const T& a, const T& b) { return deep_equal(describe<T>(), &a, &b); }
template <class T>
std::uint64_t deep_hash(const T& v) { return deep_hash(describe<T>(), &v); }

}  // namespace orrery::api
