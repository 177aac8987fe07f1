#include "tests/codec/random_value.h"

namespace orrery::codec {

using api::TypeKind;

namespace {

template <class T>
T& as(void* p) {
  return *static_cast<T*>(p);
}

}  // namespace

std::string RandomValue::text() {
  std::string s;
  const std::uint64_t n = random_.below(6);
  for (std::uint64_t i = 0; i < n; ++i)
    s += pick({"a", "Z", "0", "-", " ", "\"", "\\", "\n", "\t", "<", "&", "\x01", "\u00e9", "\u2028",
               "\u20ac", "\U0001F600", ":", "#"});
  return s;
}

void RandomValue::fill_scalar(const api::Type& type, void* v) {
  switch (type.kind) {
    case TypeKind::kBool: as<bool>(v) = random_.below(2) != 0; return;
    case TypeKind::kInt32:
      as<std::int32_t>(v) = pick<std::int32_t>({0, 1, -1, 127, 128, 65535, INT32_MAX, INT32_MIN});
      return;
    case TypeKind::kInt64:
      as<std::int64_t>(v) = pick<std::int64_t>({0, 1, -1, 300, std::int64_t{1} << 53, INT64_MAX, INT64_MIN});
      return;
    case TypeKind::kDouble: as<double>(v) = pick({0.0, 1.0, -2.5, 1e-7, 1e21, 0.1, 123456789.125}); return;
    case TypeKind::kString: as<api::Str>(v) = api::Str(text()); return;
    case TypeKind::kBytes: as<api::Bytes>(v).data = api::Str(text()); return;
    case TypeKind::kRevision:
      as<api::Revision>(v).value = pick<std::int64_t>({0, 1, 99, 123456789012});
      return;
    case TypeKind::kQuantity:
      as<api::Quantity>(v) =
          api::Quantity::must_parse(pick({"0", "1", "100m", "1Gi", "1500m", "128974848", "2k", "-5"}));
      return;
    case TypeKind::kIntOrString:
      as<api::IntOrString>(v) = random_.below(2) ? api::IntOrString(api::Str(pick({"http", "25%", ""})))
                                                 : api::IntOrString(pick({0, 80, -1}));
      return;
    case TypeKind::kTime:
      as<api::Time>(v) =
          api::Time(pick<std::int64_t>({0, 1735689600, -1, 4102444800, api::kZeroTimeSeconds}));
      return;
    case TypeKind::kMicroTime:
      as<api::MicroTime>(v) =
          api::MicroTime(pick<std::int64_t>({0, 1735689600123456, -1, api::MicroTime::kZero}));
      return;
    case TypeKind::kRawJson:
      as<api::RawJson>(v).text = pick({"", "{\"a\":[1,2.5,null]}", "{}", "[]", "\"x\\u003c\"", "true"});
      return;
    default: ORRERY_CHECK(false, "not a scalar");
  }
}

void RandomValue::fill(const api::Type& type, void* value, int depth) {
  switch (type.kind) {
    case TypeKind::kStruct:
      for (const api::Field& f : type)
        if (!(f.flags & api::kNoProto)) fill(f.type(), static_cast<char*>(value) + f.offset, depth + 1);
      return;
    case TypeKind::kCow: fill(type.element(), type.wrap->append(value), depth); return;
    case TypeKind::kBox:
    case TypeKind::kOpt:
      if (random_.below(depth > 6 ? 5 : 2) == 0) fill(type.element(), type.wrap->append(value), depth);
      return;
    case TypeKind::kList: {
      const std::uint64_t n = random_.below(depth > 4 ? 2 : 3);
      for (std::uint64_t i = 0; i < n; ++i) fill(type.element(), type.wrap->append(value), depth + 1);
      return;
    }
    case TypeKind::kMap: {
      const std::uint64_t n = random_.below(3);
      for (std::uint64_t i = 0; i < n; ++i) {
        const std::string key = text();
        fill(type.element(), type.wrap->edit_key(value, api::Str(key)), depth + 1);
      }
      return;
    }
    default: fill_scalar(type, value);
  }
}

}  // namespace orrery::codec
