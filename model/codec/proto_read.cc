#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "model/codec/json_lexer.h"
#include "model/codec/json_write.h"
#include "model/codec/map_builder.h"
#include "model/codec/proto.h"
#include "model/codec/untyped.h"
#include "model/codec/varint.h"

namespace orrery::codec {

using api::Field;
using api::Type;
using api::TypeKind;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr int kMaxDepth = 100;  // our types nest far less

/// One field of a message as it stands on the wire.
struct Item {
  std::uint32_t number = 0;
  Wire wire = Wire::kVarint;
  std::uint64_t number_value = 0;  // varint, fixed
  std::string_view bytes;
};

/// Skips the rest of a group whose start tag was read.
bool skip_group(ByteReader& in) {
  for (int depth = 1; depth > 0;) {
    std::uint64_t tag, ignored;
    std::string_view bytes;
    if (!in.varint(tag)) return false;
    switch (tag & 7) {
      case 0:
        if (!in.varint(ignored)) return false;
        break;
      case 1:
        if (!in.take(8, bytes)) return false;
        break;
      case 2:
        if (!in.bytes(bytes)) return false;
        break;
      case 3:
        if (++depth > kMaxDepth) return false;
        break;
      case 4: --depth; break;
      case 5:
        if (!in.take(4, bytes)) return false;
        break;
      default: return false;
    }
  }
  return true;
}

/// The next field; a group is skipped and comes as number 0.
bool next(ByteReader& in, Item& item) {
  std::uint64_t tag;
  std::string_view raw;
  if (!in.varint(tag) || tag >> 3 == 0 || tag >> 32 != 0) return false;
  item.number = static_cast<std::uint32_t>(tag >> 3);
  switch (tag & 7) {
    case 0: item.wire = Wire::kVarint; return in.varint(item.number_value);
    case 1: item.wire = Wire::kFixed64; return in.fixed64(item.number_value);
    case 2: item.wire = Wire::kBytes; return in.bytes(item.bytes);
    case 3: item.number = 0; return skip_group(in);
    case 5: item.wire = Wire::kFixed32; return in.take(4, raw);
    default: return false;
  }
}

const Field* find_number(const Type& type, std::uint32_t number, std::uint32_t& hint) {
  const std::uint32_t n = type.field_count;
  for (std::uint32_t k = 0, i = hint < n ? hint : 0; k < n; ++k, i = i + 1 == n ? 0 : i + 1) {
    const Field& f = type.fields[i];
    if (f.number != number || (f.flags & api::kNoProto)) continue;
    // Lists repeat, so the same field is tried first again.
    hint = i;
    return &f;
  }
  return nullptr;
}

class ProtoReader {
 public:
  bool message(const Type& type, void* value, std::string_view bytes, int depth) {
    if (depth > kMaxDepth) return false;
    ByteReader in(bytes);
    Item item;
    std::uint32_t hint = 0;
    Maps maps;
    std::array<std::uint64_t, 4> met{};
    while (!in.done()) {
      if (!next(in, item)) return false;
      const Field* f = item.number ? find_number(type, item.number, hint) : nullptr;
      if (!f) continue;
      const Type& t = f->type();
      void* member = member_of(*f, value);
      if (t.kind == TypeKind::kMap) {
        if (item.wire != Wire::kBytes || !entry(t, builder_of(maps, t, member), item.bytes, depth))
          return false;
        continue;
      }
      if (t.kind != TypeKind::kList) {
        // No writer repeats a single field; merging repeated messages would cost time out of proportion.
        std::uint64_t& word = met[hint / 64 % met.size()];
        const std::uint64_t bit = std::uint64_t{1} << hint % 64;
        if (word & bit) return false;
        word |= bit;
      }
      if (!field(t, member, item, depth)) return false;
    }
    std::vector<api::Str> duplicates;
    for (const auto& [member, builder] : maps) builder->finish(duplicates);
    return true;
  }

 private:
  /// The maps of one message that are being filled: entries of several may come in turn.
  using Maps = std::vector<std::pair<const void*, std::unique_ptr<MapBuilder>>>;

  static MapBuilder& builder_of(Maps& maps, const Type& t, void* map) {
    for (const auto& [member, builder] : maps)
      if (member == map) return *builder;
    return *maps.emplace_back(map, std::make_unique<MapBuilder>(t, map)).second;
  }

  bool field(const Type& t, void* v, const Item& item, int depth) {
    switch (t.kind) {
      case TypeKind::kBool:
      case TypeKind::kInt32:
      case TypeKind::kInt64:
        if (item.wire != Wire::kVarint) return false;
        integer(t, v, item.number_value);
        return true;
      case TypeKind::kDouble:
        if (item.wire != Wire::kFixed64) return false;
        std::memcpy(v, &item.number_value, 8);
        return true;
      case TypeKind::kBox:
      case TypeKind::kOpt:
      case TypeKind::kCow: return field(t.element(), t.wrap->append(v), item, depth);
      case TypeKind::kList: return list_item(t, v, item, depth);
      case TypeKind::kMap: return false;  // a list or a pointer to maps: no type has one
      default: return item.wire == Wire::kBytes && content(t, v, item.bytes, depth);
    }
  }

  static void integer(const Type& t, void* v, std::uint64_t n) {
    if (t.kind == TypeKind::kBool) as<bool>(v) = n != 0;
    else if (t.kind == TypeKind::kInt32) as<std::int32_t>(v) = static_cast<std::int32_t>(n);
    else as<std::int64_t>(v) = static_cast<std::int64_t>(n);
  }

  bool list_item(const Type& t, void* v, const Item& item, int depth) {
    const Type& element = t.element();
    const bool number = element.kind == TypeKind::kBool || element.kind == TypeKind::kInt32 ||
                        element.kind == TypeKind::kInt64;
    if (!number || item.wire != Wire::kBytes) return field(element, t.wrap->append(v), item, depth);
    ByteReader packed(item.bytes);
    std::uint64_t n;
    while (!packed.done()) {
      if (!packed.varint(n)) return false;
      integer(element, t.wrap->append(v), n);
    }
    return true;
  }

  bool entry(const Type& t, MapBuilder& builder, std::string_view bytes, int depth) {
    ByteReader in(bytes);
    Item item, value;
    std::string_view key;
    while (!in.done()) {
      if (!next(in, item)) return false;
      if (item.number == 1) {
        if (item.wire != Wire::kBytes) return false;
        key = item.bytes;
      } else if (item.number == 2) {
        value = item;
      }
    }
    bool duplicate = false;
    void* room = builder.add(api::Str(key), duplicate);
    return value.number == 0 || field(t.element(), room, value, depth);
  }

  /// Seconds and nanoseconds; empty is the zero time.
  static bool timestamp(std::string_view bytes, std::int64_t& seconds, std::int64_t& nanos) {
    ByteReader in(bytes);
    Item item;
    while (!in.done()) {
      if (!next(in, item)) return false;
      if (item.number != 1 && item.number != 2) continue;
      if (item.wire != Wire::kVarint) return false;
      (item.number == 1 ? seconds : nanos) = static_cast<std::int64_t>(item.number_value);
    }
    // Beyond the years that a text can show; also keeps arithmetic on times from overflowing.
    constexpr std::int64_t kLast = 253402300799;
    return seconds >= api::kZeroTimeSeconds && seconds <= kLast && nanos >= 0 && nanos < 1'000'000'000;
  }

  /// The string field 1 of a message with nothing else of interest.
  static bool inner_string(std::string_view bytes, std::string_view& text) {
    ByteReader in(bytes);
    Item item;
    while (!in.done()) {
      if (!next(in, item)) return false;
      if (item.number != 1) continue;
      if (item.wire != Wire::kBytes) return false;
      text = item.bytes;
    }
    return true;
  }

  static bool int_or_string(std::string_view bytes, api::IntOrString& out) {
    ByteReader in(bytes);
    Item item;
    std::uint64_t kind = 0;
    std::int32_t number = 0;
    std::string_view text;
    while (!in.done()) {
      if (!next(in, item)) return false;
      if (item.number == 0 || item.number > 3) continue;
      if (item.wire != (item.number == 3 ? Wire::kBytes : Wire::kVarint)) return false;
      if (item.number == 1) kind = item.number_value;
      else if (item.number == 2) number = static_cast<std::int32_t>(item.number_value);
      else text = item.bytes;
    }
    if (kind > 1) return false;
    out = kind ? api::IntOrString(api::Str(text)) : api::IntOrString(number);
    return true;
  }

  bool content(const Type& t, void* v, std::string_view bytes, int depth) {
    std::int64_t seconds = 0, nanos = 0;
    std::string_view text;
    switch (t.kind) {
      case TypeKind::kString: as<api::Str>(v) = api::Str(bytes); return true;
      case TypeKind::kBytes: as<api::Bytes>(v).data = api::Str(bytes); return true;
      case TypeKind::kRevision: return revision(bytes, as<api::Revision>(v));
      case TypeKind::kQuantity: {
        if (!inner_string(bytes, text)) return false;
        if (text.empty()) return true;
        Result<api::Quantity> q = api::Quantity::parse(text);
        if (q) as<api::Quantity>(v) = *std::move(q);
        return q.ok();
      }
      case TypeKind::kIntOrString: return int_or_string(bytes, as<api::IntOrString>(v));
      case TypeKind::kTime:
        if (bytes.empty()) return true;
        if (!timestamp(bytes, seconds, nanos)) return false;
        as<api::Time>(v).seconds = seconds;
        return true;
      case TypeKind::kMicroTime:
        if (bytes.empty()) return true;
        if (!timestamp(bytes, seconds, nanos)) return false;
        as<api::MicroTime>(v).micros = seconds * 1'000'000 + nanos / 1000;
        return true;
      case TypeKind::kRawJson: return raw_json(bytes, as<api::RawJson>(v));
      case TypeKind::kStruct: return message(t, v, bytes, depth + 1);
      default: return false;
    }
  }

  static bool revision(std::string_view text, api::Revision& out) {
    std::int64_t value = 0;
    if (text.size() > 18) return false;
    for (const char c : text) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    out.value = value;
    return true;
  }

  /// Kept in canonical form, whatever the writer made of it.
  static bool raw_json(std::string_view bytes, api::RawJson& out) {
    std::string_view text;
    if (!inner_string(bytes, text)) return false;
    if (text.empty()) return true;
    JsonLexer lexer(text);
    std::string canonical;
    if (!lexer.peek_value() || !lexer.skip(&canonical) || !lexer.finish()) return false;
    out.text = canonical == "null" ? api::Str() : api::Str(canonical);
    return true;
  }
};

Error corrupt(const char* what) { return {ErrorCode::kCorrupt, what}; }

}  // namespace

base::Status read_proto(const Type& type, void* value, std::string_view bytes) {
  if (!ProtoReader().message(type, value, bytes, 0)) return corrupt("proto: malformed message");
  return base::ok_status();
}

Result<base::Ref<api::Object>> read_envelope(std::string_view bytes) {
  if (bytes.substr(0, 4) != std::string_view("k8s\0", 4))
    return corrupt("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  ByteReader in(bytes.substr(4));
  Item item;
  std::string_view meta, raw, api_version, kind_name;
  while (!in.done()) {
    if (!next(in, item)) return corrupt("proto: malformed envelope");
    if (item.number >= 1 && item.number <= 4 && item.wire != Wire::kBytes)
      return corrupt("proto: malformed envelope");
    if (item.number == 1) meta = item.bytes;
    else if (item.number == 2) raw = item.bytes;
  }
  for (ByteReader fields(meta); !fields.done();) {
    if (!next(fields, item) || (item.number <= 2 && item.wire != Wire::kBytes))
      return corrupt("proto: malformed type");
    if (item.number == 1) api_version = item.bytes;
    else if (item.number == 2) kind_name = item.bytes;
  }
  const api::Kind* kind = api::find_kind(api_version, kind_name);
  if (!kind)
    return base::invalid(
        base::cat("no kind \"", kind_name, "\" is registered for version \"", api_version, "\""));
  base::Ref<api::Object> object(kind->make());
  const base::Status status = read_proto(kind->type(), api::edit_value(*object), raw);
  if (!status) return status.error();
  return object;
}

}  // namespace orrery::codec
