#include "model/api/type.h"

#include <cstring>

#include "model/base/hash.h"

namespace orrery::api {

#define ORRERY_SCALAR(T, kind, name)                               \
  const Type& Describe<T>::type() {                                \
    static constexpr Type kType = detail::scalar<T>(kind, name);   \
    return kType;                                                  \
  }
ORRERY_SCALAR(bool, TypeKind::kBool, "bool")
ORRERY_SCALAR(std::int32_t, TypeKind::kInt32, "int32")
ORRERY_SCALAR(std::int64_t, TypeKind::kInt64, "int64")
ORRERY_SCALAR(double, TypeKind::kDouble, "double")
ORRERY_SCALAR(Str, TypeKind::kString, "string")
ORRERY_SCALAR(Bytes, TypeKind::kBytes, "bytes")
ORRERY_SCALAR(Revision, TypeKind::kRevision, "revision")
ORRERY_SCALAR(Quantity, TypeKind::kQuantity, "Quantity")
ORRERY_SCALAR(IntOrString, TypeKind::kIntOrString, "IntOrString")
ORRERY_SCALAR(Time, TypeKind::kTime, "Time")
ORRERY_SCALAR(MicroTime, TypeKind::kMicroTime, "MicroTime")
ORRERY_SCALAR(RawJson, TypeKind::kRawJson, "RawJson")
#undef ORRERY_SCALAR

const Field* Type::find(std::string_view json_name) const {
  for (const Field& f : *this)
    if (json_name == f.json) return &f;
  return nullptr;
}

namespace {

template <class T>
const T& as(const void* p) { return *static_cast<const T*>(p); }
const void* member(const void* value, const Field& f) { return static_cast<const char*>(value) + f.offset; }

bool equal_entries(const Type& type, const void* a, const void* b) {
  const WrapOps& ops = *type.wrap;
  if (ops.shares(a, b)) return true;
  const std::size_t n = ops.size(a);
  if (n != ops.size(b)) return false;
  const Type& element = type.element();
  for (std::size_t i = 0; i < n; ++i) {
    if (ops.key_at && !(*ops.key_at(a, i) == *ops.key_at(b, i))) return false;
    if (!deep_equal(element, ops.at(a, i), ops.at(b, i))) return false;
  }
  return true;
}

/// Strings, lists, maps and boxes are one pointer each, null when empty; their hash is 0 then.
bool is_null(TypeKind kind, const void* member) {
  static_assert(sizeof(Str) == sizeof(void*) && sizeof(List<Str>) == sizeof(void*) &&
                sizeof(Map<Str>) == sizeof(void*) && sizeof(Box<Str>) == sizeof(void*));
  const bool pointer = kind == TypeKind::kString || kind == TypeKind::kList || kind == TypeKind::kMap ||
                       kind == TypeKind::kBox;
  if (!pointer) return false;
  const void* p;
  std::memcpy(&p, member, sizeof p);
  return p == nullptr;
}

std::uint64_t hash_double(double d) {
  std::uint64_t bits;
  std::memcpy(&bits, &d, 8);
  return bits;
}

}  // namespace

bool deep_equal(const Type& type, const void* a, const void* b) {
  switch (type.kind) {
    case TypeKind::kBool: return as<bool>(a) == as<bool>(b);
    case TypeKind::kInt32: return as<std::int32_t>(a) == as<std::int32_t>(b);
    case TypeKind::kInt64: return as<std::int64_t>(a) == as<std::int64_t>(b);
    case TypeKind::kDouble: return as<double>(a) == as<double>(b);
    case TypeKind::kString: return as<Str>(a) == as<Str>(b);
    case TypeKind::kBytes: return as<Bytes>(a) == as<Bytes>(b);
    case TypeKind::kRevision: return as<Revision>(a) == as<Revision>(b);
    case TypeKind::kQuantity: return as<Quantity>(a) == as<Quantity>(b);
    case TypeKind::kIntOrString: return as<IntOrString>(a) == as<IntOrString>(b);
    case TypeKind::kTime: return as<Time>(a) == as<Time>(b);
    case TypeKind::kMicroTime: return as<MicroTime>(a) == as<MicroTime>(b);
    case TypeKind::kRawJson: return as<RawJson>(a) == as<RawJson>(b);
    case TypeKind::kStruct:
      for (const Field& f : type)
        if (!deep_equal(f.type(), member(a, f), member(b, f))) return false;
      return true;
    case TypeKind::kList: case TypeKind::kMap: case TypeKind::kBox: case TypeKind::kCow: case TypeKind::kOpt:
      return equal_entries(type, a, b);
  }
  return false;
}

namespace {

/// Goes on from `h` with the fields of a struct from `from` on.
std::uint64_t hash_fields(const Type& type, const void* v, std::uint32_t from, std::uint64_t h, const void* hidden) {
  for (std::uint32_t i = from; i < type.field_count; ++i) {
    const Type& t = type.fields[i].type();
    const void* m = member(v, type.fields[i]);
    h = base::combine64(h, is_null(t.kind, m) ? 0 : deep_hash(t, m, hidden));
  }
  return h;
}

}  // namespace

std::uint64_t deep_hash_after(const Type& type, const void* value, std::uint64_t first) {
  return hash_fields(type, value, 1, base::combine64(type.field_count, first), nullptr);
}

std::uint64_t deep_hash(const Type& type, const void* v, const void* hidden) {
  switch (type.kind) {
    case TypeKind::kBool: return as<bool>(v);
    case TypeKind::kInt32: return static_cast<std::uint64_t>(as<std::int32_t>(v));
    case TypeKind::kInt64: return static_cast<std::uint64_t>(as<std::int64_t>(v));
    case TypeKind::kDouble: return hash_double(as<double>(v));
    case TypeKind::kString: return base::hash_bytes(as<Str>(v));
    case TypeKind::kBytes: return base::hash_bytes(as<Bytes>(v).data);
    case TypeKind::kRevision: return v == hidden ? 0 : static_cast<std::uint64_t>(as<Revision>(v).value);
    case TypeKind::kQuantity: return base::hash_bytes(as<Quantity>(v).str());
    case TypeKind::kIntOrString: return base::hash_bytes(as<IntOrString>(v).str());
    case TypeKind::kTime: return static_cast<std::uint64_t>(as<Time>(v).seconds);
    case TypeKind::kMicroTime: return static_cast<std::uint64_t>(as<MicroTime>(v).micros);
    case TypeKind::kRawJson: return base::hash_bytes(as<RawJson>(v).text);
    case TypeKind::kStruct: return hash_fields(type, v, 0, type.field_count, hidden);
    case TypeKind::kCow: {
      base::PartFacts* facts = type.wrap->facts(v);
      if (facts && facts->hash) return facts->hash;
      const std::uint64_t h = base::combine64(1, deep_hash(type.element(), type.wrap->at(v, 0), nullptr));
      if (facts) facts->hash = h;
      return h;
    }
    case TypeKind::kList: case TypeKind::kMap: case TypeKind::kBox: case TypeKind::kOpt: {
      const WrapOps& ops = *type.wrap;
      const std::size_t n = ops.size(v);
      std::uint64_t h = n;
      for (std::size_t i = 0; i < n; ++i) {
        if (ops.key_at) h = base::combine64(h, base::hash_bytes(*ops.key_at(v, i)));
        h = base::combine64(h, deep_hash(type.element(), ops.at(v, i), hidden));
      }
      return h;
    }
  }
  return 0;
}

bool is_empty(const Type& type, const void* v) {
  switch (type.kind) {
    case TypeKind::kBool: return !as<bool>(v);
    case TypeKind::kInt32: return as<std::int32_t>(v) == 0;
    case TypeKind::kInt64: return as<std::int64_t>(v) == 0;
    case TypeKind::kDouble: return as<double>(v) == 0;
    case TypeKind::kString: return as<Str>(v).empty();
    case TypeKind::kBytes: return as<Bytes>(v).data.empty();
    case TypeKind::kRevision: return as<Revision>(v).value == 0;
    case TypeKind::kRawJson: return as<RawJson>(v).text.empty();
    case TypeKind::kTime: return as<Time>(v).is_zero();
    case TypeKind::kMicroTime: return as<MicroTime>(v).is_zero();
    case TypeKind::kList: case TypeKind::kMap: return type.wrap->size(v) == 0;
    case TypeKind::kBox: case TypeKind::kOpt: return type.wrap->is_nil(v);
    case TypeKind::kQuantity: case TypeKind::kIntOrString: return false;
    case TypeKind::kStruct:
      for (const Field& f : type)
        if (!is_empty(f.type(), member(v, f))) return false;
      return true;
    case TypeKind::kCow: return is_empty(type.element(), type.wrap->at(v, 0));
  }
  return false;
}

}  // namespace orrery::api
