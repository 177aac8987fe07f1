#include "model/codec/json_write.h"

#include "model/codec/embedded_kind.h"
#include "model/codec/json_text.h"
#include "model/codec/untyped.h"

namespace orrery::codec {

using api::Field;
using api::Type;
using api::TypeKind;

namespace {

void write_fields(const Type& type, const void* value, bool& first, std::string& out) {
  for (const Field& f : type) {
    const void* member = member_of(f, value);
    const Type& t = f.type();
    if (f.flags & api::kInline) {
      const bool wrapped = t.kind == TypeKind::kCow;
      write_fields(wrapped ? t.element() : t, wrapped ? t.wrap->at(member, 0) : member, first, out);
      continue;
    }
    if (omitted(f, member)) continue;
    out += first ? "\"" : ",\"";
    first = false;
    out += f.json;
    out += "\":";
    write_json(t, member, out);
  }
}

void write_entries(const Type& type, const void* value, std::string& out) {
  const api::WrapOps& ops = *type.wrap;
  const Type& element = type.element();
  const bool map = ops.key_at != nullptr;
  if (ops.is_nil(value)) {
    out += "null";
    return;
  }
  const std::size_t n = ops.size(value);
  out += map ? '{' : '[';
  for (std::size_t i = 0; i < n; ++i) {
    if (i) out += ',';
    if (map) {
      append_json_string(*ops.key_at(value, i), out);
      out += ':';
    }
    write_json(element, ops.at(value, i), out);
  }
  out += map ? '}' : ']';
}

template <class T>
void write_time(const T& time, std::string& out) {
  if (time.is_zero()) {
    out += "null";
    return;
  }
  out += '"';
  time.append_to(out);
  out += '"';
}

void write_int_or_string(const api::IntOrString& v, std::string& out) {
  if (v.is_int()) append_int(v.number(), out);
  else append_json_string(v.text(), out);
}

void write_type_meta(const api::Kind& kind, std::string& out) {
  out += "\"kind\":\"";
  out += kind.kind;
  out += "\",\"apiVersion\":\"";
  if (*kind.group) {
    out += kind.group;
    out += '/';
  }
  out += kind.version;
  out += '"';
}

}  // namespace

bool omitted(const Field& field, const void* member) {
  if (!(field.flags & api::kOmitEmpty)) return false;
  const Type& t = field.type();
  // A Go struct by value is never empty for encoding/json.
  if (t.kind == TypeKind::kStruct || t.kind == TypeKind::kCow) return false;
  return api::is_empty(t, member);
}

void write_json(const Type& type, const void* v, std::string& out) {
  switch (type.kind) {
    case TypeKind::kBool: out += as<bool>(v) ? "true" : "false"; return;
    case TypeKind::kInt32: append_int(as<std::int32_t>(v), out); return;
    case TypeKind::kInt64: append_int(as<std::int64_t>(v), out); return;
    case TypeKind::kDouble: append_json_double(as<double>(v), out); return;
    case TypeKind::kString: append_json_string(as<api::Str>(v), out); return;
    case TypeKind::kBytes:
      out += '"';
      append_base64(as<api::Bytes>(v).data, out);
      out += '"';
      return;
    case TypeKind::kRevision:
      out += '"';
      if (as<api::Revision>(v).value) append_int(as<api::Revision>(v).value, out);
      out += '"';
      return;
    case TypeKind::kQuantity:
      out += '"';
      as<api::Quantity>(v).append_to(out);
      out += '"';
      return;
    case TypeKind::kIntOrString: write_int_or_string(as<api::IntOrString>(v), out); return;
    case TypeKind::kTime: write_time(as<api::Time>(v), out); return;
    case TypeKind::kMicroTime: write_time(as<api::MicroTime>(v), out); return;
    case TypeKind::kRawJson:
      out += as<api::RawJson>(v).text.empty() ? "null" : as<api::RawJson>(v).text.view();
      return;
    case TypeKind::kStruct: {
      const api::Kind* kind = kind_of_type(type);
      bool first = kind == nullptr;
      out += '{';
      if (kind) write_type_meta(*kind, out);
      write_fields(type, v, first, out);
      out += '}';
      return;
    }
    case TypeKind::kList:
    case TypeKind::kMap: write_entries(type, v, out); return;
    case TypeKind::kCow: write_json(type.element(), type.wrap->at(v, 0), out); return;
    case TypeKind::kBox:
    case TypeKind::kOpt:
      if (type.wrap->is_nil(v)) out += "null";
      else write_json(type.element(), type.wrap->at(v, 0), out);
      return;
  }
}

void write_json(const api::Object& object, std::string& out) {
  out += '{';
  write_type_meta(object.kind(), out);
  bool first = false;
  write_fields(object.kind().type(), object.value(), first, out);
  out += '}';
}

std::string to_json(const api::Object& object) {
  std::string out;
  out.reserve(1024);
  write_json(object, out);
  return out;
}

}  // namespace orrery::codec
