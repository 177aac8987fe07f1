#include <algorithm>
#include <array>
#include <cstring>

#include "model/codec/json_text.h"
#include "model/codec/json_write.h"
#include "model/codec/proto.h"
#include "model/codec/untyped.h"
#include "model/codec/varint.h"

namespace orrery::codec {

using api::Field;
using api::Type;
using api::TypeKind;

namespace {

constexpr std::uint64_t kNanosPerMicro = 1000;
constexpr std::int64_t kMicros = 1'000'000;

/// Seconds and nanoseconds of a MicroTime, rounded towards the past.
std::pair<std::int64_t, std::uint64_t> split_micros(std::int64_t micros) {
  std::int64_t seconds = micros / kMicros, rest = micros % kMicros;
  if (rest < 0) {
    rest += kMicros;
    --seconds;
  }
  return {seconds, static_cast<std::uint64_t>(rest) * kNanosPerMicro};
}

std::uint64_t sign_extended(std::int32_t v) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(v));
}

/// `hidden` is the one revision that is written empty, or null.
std::string revision_text(const void* revision, const void* hidden) {
  std::string text;
  const std::int64_t value = as<api::Revision>(revision).value;
  if (revision != hidden && value) append_int(value, text);
  return text;
}

/// Storage hides the revision of the object itself, not those inside templates.
const void* hidden_revision(const api::Object& object, RevisionForm form) {
  return form == RevisionForm::kStorage ? &object.meta().resource_version : nullptr;
}

/// True when the field is a Go pointer that is nil (or has no number): nothing is written.
bool absent(const Field& f, const Type& type, const void* member) {
  if (f.number == 0 || (f.flags & api::kNoProto)) return true;
  if (!(f.flags & api::kOmitEmpty)) return false;
  switch (type.kind) {
    case TypeKind::kTime:
    case TypeKind::kMicroTime:
    case TypeKind::kRawJson:
    case TypeKind::kBytes: return api::is_empty(type, member);
    default: return false;
  }
}

/// Sizes: one walk down, no allocation. Those of shared parts are kept with them.
struct Sizer {
  const void* hidden;

  std::size_t message(const Type& type, const void* value) const { return fields(type, value, 0); }

  /// Those of a struct from `from` on.
  std::size_t fields(const Type& type, const void* value, std::uint32_t from) const {
    std::size_t n = 0;
    for (std::uint32_t i = from; i < type.field_count; ++i) {
      const Field& f = type.fields[i];
      const void* member = member_of(f, value);
      const Type& t = f.type();
      if (t.kind == TypeKind::kString && !(f.flags & api::kNoProto) && f.number != 0) {
        n += bytes_size(f.number, as<api::Str>(member).size());
      } else if (!unset(t.kind, member) && !absent(f, t, member)) {
        n += field(f.number, t, member);
      }
    }
    return n;
  }

  /// Lists, maps and boxes are one pointer each; null writes nothing.
  static bool unset(TypeKind kind, const void* member) {
    if (kind != TypeKind::kList && kind != TypeKind::kMap && kind != TypeKind::kBox) return false;
    const void* p;
    std::memcpy(&p, member, sizeof p);
    return p == nullptr;
  }

  std::size_t field(std::uint32_t number, const Type& t, const void* v) const {
    switch (t.kind) {
      case TypeKind::kBool: return tag_size(number) + 1;
      case TypeKind::kInt32: return tag_size(number) + varint_size(sign_extended(as<std::int32_t>(v)));
      case TypeKind::kInt64:
        return tag_size(number) + varint_size(static_cast<std::uint64_t>(as<std::int64_t>(v)));
      case TypeKind::kDouble: return tag_size(number) + 8;
      case TypeKind::kBox:
      case TypeKind::kOpt: return t.wrap->is_nil(v) ? 0 : field(number, t.element(), t.wrap->at(v, 0));
      case TypeKind::kCow: return bytes_size(number, part(t, v));
      case TypeKind::kList: {
        std::size_t n = 0;
        const std::size_t count = t.wrap->size(v);
        for (std::size_t i = 0; i < count; ++i) n += field(number, t.element(), t.wrap->at(v, i));
        return n;
      }
      case TypeKind::kMap: {
        std::size_t n = 0;
        const std::size_t count = t.wrap->size(v);
        for (std::size_t i = 0; i < count; ++i) n += bytes_size(number, entry(t, v, i));
        return n;
      }
      default: return bytes_size(number, content(t, v));
    }
  }

  std::size_t part(const Type& cow, const void* v) const {
    base::PartFacts* facts = cow.wrap->facts(v);
    if (facts && facts->proto_size) return facts->proto_size;
    const std::size_t n = content(cow.element(), cow.wrap->at(v, 0));
    if (facts) facts->proto_size = static_cast<std::uint32_t>(n);
    return n;
  }

  std::size_t entry(const Type& map, const void* v, std::size_t i) const {
    return bytes_size(1, map.wrap->key_at(v, i)->size()) + field(2, map.element(), map.wrap->at(v, i));
  }

  /// The bytes after the length of a length-delimited value.
  std::size_t content(const Type& t, const void* v) const {
    switch (t.kind) {
      case TypeKind::kString: return as<api::Str>(v).size();
      case TypeKind::kBytes: return as<api::Bytes>(v).data.size();
      case TypeKind::kRevision:
        return v == hidden || as<api::Revision>(v).value == 0 ? 0 : revision_text(v, hidden).size();
      case TypeKind::kQuantity: return bytes_size(1, as<api::Quantity>(v).str().size());
      case TypeKind::kIntOrString: {
        const auto& x = as<api::IntOrString>(v);
        return 2 + 1 + varint_size(sign_extended(x.is_int() ? x.number() : 0)) +
               bytes_size(3, x.is_int() ? 0 : x.text().size());
      }
      case TypeKind::kTime: {
        const auto& x = as<api::Time>(v);
        return x.is_zero() ? 0 : 3 + varint_size(static_cast<std::uint64_t>(x.seconds));
      }
      case TypeKind::kMicroTime: {
        const auto& x = as<api::MicroTime>(v);
        if (x.is_zero()) return 0;
        const auto [seconds, nanos] = split_micros(x.micros);
        return 2 + varint_size(static_cast<std::uint64_t>(seconds)) + varint_size(nanos);
      }
      case TypeKind::kRawJson: {
        const std::size_t n = as<api::RawJson>(v).text.size();
        return n ? bytes_size(1, n) : 0;
      }
      default: return message(t, v);
    }
  }
};

/// Writes from the end towards the front, so that every length is known when it is written.
struct BackWriter {
  char* p;
  const void* hidden;

  void varint(std::uint64_t v) {
    p -= varint_size(v);
    char* q = p;
    for (; v >= 0x80; v >>= 7) *q++ = static_cast<char>(v | 0x80);
    *q = static_cast<char>(v);
  }
  void tag(std::uint32_t number, Wire wire) {
    varint(std::uint64_t{number} << 3 | static_cast<std::uint64_t>(wire));
  }
  void bytes(std::string_view s) {
    if (s.empty()) return;
    p -= s.size();
    std::memcpy(p, s.data(), s.size());
  }
  void string_field(std::uint32_t number, std::string_view s) {
    bytes(s);
    varint(s.size());
    tag(number, Wire::kBytes);
  }
  void varint_field(std::uint32_t number, std::uint64_t v) {
    varint(v);
    tag(number, Wire::kVarint);
  }

  void message(const Type& type, const void* value) {
    const std::uint32_t n = type.field_count;
    bool sorted = true;
    for (std::uint32_t i = 1; i < n && sorted; ++i)
      sorted = type.fields[i - 1].number < type.fields[i].number;
    if (sorted) {
      for (std::uint32_t i = n; i-- > 0;) one(type.fields[i], value);
      return;
    }
    std::array<std::uint16_t, 256> order;
    ORRERY_CHECK(n <= order.size(), "a struct with more than 256 fields");
    for (std::uint32_t i = 0; i < n; ++i) order[i] = static_cast<std::uint16_t>(i);
    std::sort(order.begin(), order.begin() + n, [&](std::uint16_t a, std::uint16_t b) {
      return type.fields[a].number > type.fields[b].number;
    });
    for (std::uint32_t i = 0; i < n; ++i) one(type.fields[order[i]], value);
  }

  void one(const Field& f, const void* value) {
    const void* member = member_of(f, value);
    const Type& t = f.type();
    if (!absent(f, t, member)) field(f.number, t, member);
  }

  void field(std::uint32_t number, const Type& t, const void* v) {
    switch (t.kind) {
      case TypeKind::kBool: return varint_field(number, as<bool>(v));
      case TypeKind::kInt32: return varint_field(number, sign_extended(as<std::int32_t>(v)));
      case TypeKind::kInt64: return varint_field(number, static_cast<std::uint64_t>(as<std::int64_t>(v)));
      case TypeKind::kDouble: return fixed64(number, as<double>(v));
      case TypeKind::kBox:
      case TypeKind::kOpt:
        if (!t.wrap->is_nil(v)) field(number, t.element(), t.wrap->at(v, 0));
        return;
      case TypeKind::kCow: return field(number, t.element(), t.wrap->at(v, 0));
      case TypeKind::kList:
        for (std::size_t i = t.wrap->size(v); i-- > 0;) field(number, t.element(), t.wrap->at(v, i));
        return;
      case TypeKind::kMap:
        for (std::size_t i = t.wrap->size(v); i-- > 0;) {
          const char* end = p;
          field(2, t.element(), t.wrap->at(v, i));
          string_field(1, *t.wrap->key_at(v, i));
          close(number, end);
        }
        return;
      default: {
        const char* end = p;
        content(t, v);
        close(number, end);
      }
    }
  }

  void close(std::uint32_t number, const char* end) {
    varint(static_cast<std::uint64_t>(end - p));
    tag(number, Wire::kBytes);
  }

  void fixed64(std::uint32_t number, double d) {
    std::uint64_t bits;
    std::memcpy(&bits, &d, 8);
    p -= 8;
    for (int i = 0; i < 8; ++i) p[i] = static_cast<char>(bits >> (8 * i));
    tag(number, Wire::kFixed64);
  }

  void timestamp(std::int64_t seconds, std::uint64_t nanos) {
    varint_field(2, nanos);
    varint_field(1, static_cast<std::uint64_t>(seconds));
  }

  void content(const Type& t, const void* v) {
    switch (t.kind) {
      case TypeKind::kString: return bytes(as<api::Str>(v));
      case TypeKind::kBytes: return bytes(as<api::Bytes>(v).data);
      case TypeKind::kRevision: return bytes(revision_text(v, hidden));
      case TypeKind::kQuantity: return string_field(1, as<api::Quantity>(v).str());
      case TypeKind::kIntOrString: {
        const auto& x = as<api::IntOrString>(v);
        string_field(3, x.is_int() ? std::string_view() : x.text().view());
        varint_field(2, sign_extended(x.is_int() ? x.number() : 0));
        return varint_field(1, x.is_string());
      }
      case TypeKind::kTime:
        if (!as<api::Time>(v).is_zero()) timestamp(as<api::Time>(v).seconds, 0);
        return;
      case TypeKind::kMicroTime:
        if (!as<api::MicroTime>(v).is_zero()) {
          const auto [seconds, nanos] = split_micros(as<api::MicroTime>(v).micros);
          timestamp(seconds, nanos);
        }
        return;
      case TypeKind::kRawJson:
        if (!as<api::RawJson>(v).text.empty()) string_field(1, as<api::RawJson>(v).text);
        return;
      default: return message(t, v);
    }
  }
};

/// typeMeta of runtime.Unknown.
std::size_t type_meta_size(const api::Kind& kind) {
  const std::size_t group = std::strlen(kind.group);
  const std::size_t api_version = (group ? group + 1 : 0) + std::strlen(kind.version);
  return bytes_size(1, api_version) + bytes_size(2, std::strlen(kind.kind));
}

constexpr std::string_view kMagic("k8s\0", 4);

}  // namespace

std::size_t proto_size(const Type& type, const void* value) { return Sizer{nullptr}.message(type, value); }

void write_proto(const Type& type, const void* value, std::string& out) {
  const std::size_t n = proto_size(type, value);
  out.resize(out.size() + n);
  BackWriter writer{out.data() + out.size(), nullptr};
  writer.message(type, value);
  ORRERY_CHECK(writer.p == out.data() + out.size() - n, "protobuf size and bytes disagree");
}

std::size_t meta_size(const api::Object& object, RevisionForm form) {
  return Sizer{hidden_revision(object, form)}.message(api::describe<api::ObjectMeta>(), &object.meta());
}

std::size_t envelope_size(const api::Object& object, std::size_t meta) {
  const Type& type = object.kind().type();
  const std::size_t body = bytes_size(type.fields[0].number, meta) + Sizer{nullptr}.fields(type, object.value(), 1);
  return kMagic.size() + bytes_size(1, type_meta_size(object.kind())) + bytes_size(2, body) + bytes_size(3, 0) +
         bytes_size(4, 0);
}

void write_envelope(const api::Object& object, std::string& out, RevisionForm form, std::size_t n) {
  const std::string api_version = object.kind().api_version();
  out.resize(out.size() + n);
  char* const end = out.data() + out.size();
  BackWriter writer{end, hidden_revision(object, form)};
  writer.string_field(4, {});
  writer.string_field(3, {});
  const char* mark = writer.p;
  writer.message(object.kind().type(), object.value());
  writer.close(2, mark);
  mark = writer.p;
  writer.string_field(2, object.kind().kind);
  writer.string_field(1, api_version);
  writer.close(1, mark);
  writer.bytes(kMagic);
  ORRERY_CHECK(writer.p == end - n, "protobuf size and bytes disagree");
}

}  // namespace orrery::codec
