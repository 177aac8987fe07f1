#include "model/codec/json_reader.h"

#include <charconv>
#include <cstring>

#include "model/codec/embedded_kind.h"
#include "model/codec/json_text.h"
#include "model/codec/json_write.h"
#include "model/codec/map_builder.h"
#include "model/codec/untyped.h"

namespace orrery::codec {

using api::Field;
using api::Type;
using api::TypeKind;

namespace {

const char* name_of_value(char first) {
  switch (first) {
    case '{': return "object";
    case '[': return "array";
    case '"': return "string";
    case 't':
    case 'f': return "bool";
    default: return "number";
  }
}

bool same_name(const char* name, std::string_view key) {
  return std::strncmp(name, key.data(), key.size()) == 0 && name[key.size()] == '\0';
}

template <class Int>
bool parse_int(std::string_view text, Int& out) {
  const auto r = std::from_chars(text.data(), text.data() + text.size(), out);
  return r.ec == std::errc() && r.ptr == text.data() + text.size();
}

}  // namespace

JsonReader::JsonReader(std::string_view text, const ReadOptions& options, ReadReport* report)
    : lexer_(text, options.max_depth), options_(options), report_(report) {}

base::Status JsonReader::run(const Type& type, void* value) {
  const Place root;
  std::size_t offset = 0;
  std::string error;
  if (lexer_.text_size() > options_.max_size) {
    return base::Error{base::ErrorCode::kLimit,
                       "the text is larger than " + std::to_string(options_.max_size) + " bytes"};
  }
  const char first = lexer_.peek_value();
  if (first) read(type, value, root);
  lexer_.finish();
  if (!lexer_.ok()) {
    error = lexer_.error();
    offset = lexer_.offset();
  } else if (!type_error_.empty()) {
    error = type_error_;
    offset = type_error_at_;
  } else if (options_.validation == api::FieldValidation::kStrict && !problems_.empty()) {
    error = "strict decoding error: ";
    for (std::size_t i = 0; i < problems_.size(); ++i) error += (i ? ", " : "") + problems_[i];
  }
  if (report_) {
    report_->problems = std::move(problems_);
    report_->error_offset = offset;
  }
  if (!error.empty()) return base::invalid(std::move(error));
  return base::ok_status();
}

bool JsonReader::read(const Type& type, void* value, const Place& at) {
  const char first = lexer_.peek_value();
  if (!first) return false;
  if (first == 'n') return lexer_.literal() && read_null(type, value);
  switch (type.kind) {
    case TypeKind::kStruct:
      return first == '{' ? read_struct(type, value, at) : wrong_bracket(type, value, first, at);
    case TypeKind::kList:
      return first == '[' ? read_list(type, value, at) : wrong_bracket(type, value, first, at);
    case TypeKind::kMap:
      return first == '{' ? read_map(type, value, at) : wrong_bracket(type, value, first, at);
    case TypeKind::kBox:
    case TypeKind::kOpt:
    case TypeKind::kCow: return read(type.element(), type.wrap->append(value), at);
    case TypeKind::kRawJson: {
      std::string text;
      if (!lexer_.skip(&text)) return false;
      as<api::RawJson>(value).text = api::Str(text);
      return true;
    }
    default: return read_scalar(type, value, first, at);
  }
}

bool JsonReader::read_null(const Type& type, void* value) {
  switch (type.kind) {
    case TypeKind::kBox:
    case TypeKind::kOpt:
    case TypeKind::kList:
    case TypeKind::kMap:
    case TypeKind::kTime:
    case TypeKind::kMicroTime:
    case TypeKind::kRawJson:
    case TypeKind::kQuantity:
    case TypeKind::kBytes:
      type.destroy(value);
      type.construct(value);
      return true;
    default: return true;
  }
}

bool JsonReader::read_scalar(const Type& type, void* value, char first, const Place& at) {
  if (first == '"') return read_string(type, value, at);
  if (first == '-' || (first >= '0' && first <= '9')) return read_number(type, value, at);
  if (first == '{' || first == '[') return wrong_bracket(type, value, first, at);
  if (!lexer_.literal()) return false;
  if (type.kind == TypeKind::kBool) {
    as<bool>(value) = first == 't';
    return true;
  }
  if (type.kind == TypeKind::kQuantity)
    return read_custom(type, value, first == 't' ? "true" : "false", false, at);
  return mismatch("bool", type, at);
}

bool JsonReader::read_number(const Type& type, void* value, const Place& at) {
  std::string_view text;
  if (!lexer_.number(text)) return false;
  bool fits = false;
  switch (type.kind) {
    case TypeKind::kInt32: fits = parse_int(text, as<std::int32_t>(value)); break;
    case TypeKind::kInt64: fits = parse_int(text, as<std::int64_t>(value)); break;
    case TypeKind::kDouble: fits = parse_int(text, as<double>(value)); break;
    case TypeKind::kQuantity: return read_custom(type, value, text, false, at);
    case TypeKind::kIntOrString: {
      std::int32_t number = 0;
      fits = parse_int(text, number);
      if (fits) as<api::IntOrString>(value) = api::IntOrString(number);
      break;
    }
    default: return mismatch("number", type, at);
  }
  return fits || mismatch(base::cat("number ", text), type, at);
}

bool JsonReader::read_string(const Type& type, void* value, const Place& at) {
  std::string_view text;
  if (!lexer_.string(text)) return false;
  switch (type.kind) {
    case TypeKind::kString: as<api::Str>(value) = api::Str(text); return true;
    case TypeKind::kIntOrString: as<api::IntOrString>(value) = api::IntOrString(api::Str(text)); return true;
    case TypeKind::kBytes: {
      base::Result<std::string> bytes = parse_base64(text);
      if (!bytes) return custom_error(bytes.error().message);
      as<api::Bytes>(value).data = api::Str(*bytes);
      return true;
    }
    case TypeKind::kQuantity:
    case TypeKind::kTime:
    case TypeKind::kMicroTime:
    case TypeKind::kRevision: return read_custom(type, value, text, true, at);
    default: return mismatch("string", type, at);
  }
}

bool JsonReader::read_custom(const Type& type, void* value, std::string_view text, bool quoted,
                             const Place&) {
  const auto take = [&](auto&& result, auto& to) {
    if (!result) return custom_error(result.error().message);
    to = *std::move(result);
    return true;
  };
  switch (type.kind) {
    case TypeKind::kTime: return take(api::Time::parse(text), as<api::Time>(value));
    case TypeKind::kMicroTime: return take(api::MicroTime::parse(text), as<api::MicroTime>(value));
    case TypeKind::kQuantity:
      return take(
          quoted ? api::Quantity::parse_json(base::cat("\"", text, "\"")) : api::Quantity::parse_json(text),
          as<api::Quantity>(value));
    default: break;
  }
  std::int64_t revision = 0;
  if (!text.empty() && (!parse_int(text, revision) || revision < 0))
    return custom_error(base::cat("invalid resource version \"", text, "\""));
  as<api::Revision>(value).value = revision;
  return true;
}

bool JsonReader::find_in(const Type& type, void* value, std::string_view key, std::uint32_t& ordinal,
                         Found& found) {
  for (const Field& f : type) {
    void* member = member_of(f, value);
    if (f.flags & api::kInline) {
      const Type& t = f.type();
      const bool wrapped = t.kind == TypeKind::kCow;
      if (find_in(wrapped ? t.element() : t, wrapped ? t.wrap->edit_at(member, 0) : member, key, ordinal,
                  found))
        return true;
      continue;
    }
    if (same_name(f.json, key)) {
      found = {&f, member, ordinal};
      return true;
    }
    ++ordinal;
  }
  return false;
}

/// `hint` is the index of the field that is expected next: texts usually keep the order of the struct.
JsonReader::Found JsonReader::find(const Type& type, void* value, std::string_view key, std::uint32_t& hint) {
  const std::uint32_t n = type.field_count;
  bool inlined = false;
  for (std::uint32_t k = 0, i = hint; k < n; ++k, i = i + 1 == n ? 0 : i + 1) {
    const Field& f = type.fields[i];
    if (f.flags & api::kInline) {
      inlined = true;
      continue;
    }
    if (f.json[0] == key[0] && same_name(f.json, key)) {
      hint = i + 1 == n ? 0 : i + 1;
      return {&f, member_of(f, value), i};
    }
  }
  Found found;
  if (!inlined) return found;
  std::uint32_t ordinal = n;
  for (const Field& f : type) {
    if (!(f.flags & api::kInline)) continue;
    const Type& t = f.type();
    void* member = member_of(f, value);
    const bool wrapped = t.kind == TypeKind::kCow;
    if (find_in(wrapped ? t.element() : t, wrapped ? t.wrap->edit_at(member, 0) : member, key, ordinal,
                found))
      break;
  }
  return found;
}

bool JsonReader::read_type_name(std::string_view key) {
  const char first = lexer_.peek_value();
  std::string_view ignored;
  if (first == '"') return lexer_.string(ignored);
  if (first == 'n') return lexer_.literal();
  const Place place{nullptr, key == "kind" ? "kind" : "apiVersion"};
  return first && lexer_.skip() && mismatch(name_of_value(first), api::describe<api::Str>(), place);
}

bool JsonReader::read_struct(const Type& type, void* value, const Place& at) {
  if (!lexer_.open()) return false;
  const bool check = options_.validation != api::FieldValidation::kIgnore;
  Seen seen{};
  const bool typed = kind_of_type(type) != nullptr;
  bool seen_kind = false, seen_version = false;
  std::uint32_t hint = 0;
  std::string_view key;
  for (bool first = true; lexer_.next_member(first, key); first = false) {
    if (typed && (key == "kind" || key == "apiVersion")) {
      bool& met = key == "kind" ? seen_kind : seen_version;
      if (met && check) problem("duplicate", at, key);
      met = true;
      read_type_name(key);
      continue;
    }
    const Found found = key.empty() ? Found{} : find(type, value, key, hint);
    if (!found.field) {
      if (check) problem("unknown", at, key);
      if (lexer_.peek_value()) lexer_.skip();
      continue;
    }
    std::uint64_t& word = seen[found.ordinal / 64 % seen.size()];
    const std::uint64_t bit = std::uint64_t{1} << found.ordinal % 64;
    if ((word & bit) && check) problem("duplicate", at, found.field->json);
    word |= bit;
    read(found.field->type(), found.member, Place{&at, found.field->json, -1, &type});
  }
  return lexer_.ok();
}

bool JsonReader::read_list(const Type& type, void* value, const Place& at) {
  if (!lexer_.open()) return false;
  type.wrap->make_empty(value);
  const Type& element = type.element();
  std::int64_t index = 0;
  for (; lexer_.next_element(index == 0); ++index) {
    if (!lexer_.peek_value()) return false;
    read(element, type.wrap->append(value), Place{&at, {}, index, nullptr});
  }
  return lexer_.ok();
}

bool JsonReader::read_map(const Type& type, void* value, const Place& at) {
  if (!lexer_.open()) return false;
  if (type.wrap->is_nil(value)) type.wrap->make_empty(value);
  const bool check = options_.validation != api::FieldValidation::kIgnore;
  MapBuilder builder(type, value);
  std::string_view key;
  for (bool first = true; lexer_.next_member(first, key); first = false) {
    const api::Str name(key);
    bool duplicate = false;
    void* entry = builder.add(name, duplicate);
    if (duplicate && check) problem("duplicate", at, name);
    read(type.element(), entry, Place{&at, name.view(), -1, nullptr});
  }
  std::vector<api::Str> duplicates;
  builder.finish(duplicates);
  for (const api::Str& name : duplicates)
    if (check) problem("duplicate", at, name);
  return lexer_.ok();
}

bool JsonReader::wrong_bracket(const Type& type, void* value, char first, const Place& at) {
  if (!lexer_.skip()) return false;
  if (type.kind == TypeKind::kQuantity) return read_custom(type, value, "{", false, at);
  return mismatch(name_of_value(first), type, at);
}

}  // namespace orrery::codec
