#include "model/codec/json_read.h"

#include "model/codec/json_reader.h"

namespace orrery::codec {

using base::invalid;
using base::Result;

base::Status read_json(const api::Type& type, void* value, std::string_view text, const ReadOptions& options,
                       ReadReport* report) {
  return JsonReader(text, options, report).run(type, value);
}

Result<TypeMeta> read_type_meta(std::string_view text) {
  TypeMeta meta;
  JsonLexer lexer(text);
  const auto failed = [&](std::string_view why) {
    return invalid(base::cat("couldn't get version/kind; json parse error: ", why));
  };
  const char first = lexer.peek_value();
  if (lexer.ok() && first != '{') {
    const char* what = first == '['                   ? "array"
                       : first == '"'                 ? "string"
                       : first == 't' || first == 'f' ? "bool"
                                                      : "number";
    return failed(
        base::cat("json: cannot unmarshal ", what,
                  " into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; "
                  "Kind string \"json:\\\"kind,omitempty\\\"\" }"));
  }
  lexer.open();
  bool has_version = false, has_kind = false;
  std::string_view key, word;
  for (bool start = true; !(has_version && has_kind) && lexer.next_member(start, key); start = false) {
    const bool version = key == "apiVersion";
    if (!version && key != "kind") {
      if (lexer.peek_value()) lexer.skip();
      continue;
    }
    const char c = lexer.peek_value();
    if (c == '"') {
      if (!lexer.string(word)) break;
      (version ? meta.api_version : meta.kind) = std::string(word);
      (version ? has_version : has_kind) = true;
    } else if (c == 'n') {
      lexer.literal();
    } else if (c) {
      const char* what = c == '{' ? "object" : c == '[' ? "array" : c == 't' || c == 'f' ? "bool" : "number";
      return failed(base::cat("json: cannot unmarshal ", what, " into Go struct field .",
                              version ? "apiVersion" : "kind", " of type string"));
    }
  }
  if (!lexer.ok()) return failed(lexer.error());
  return meta;
}

Result<base::Ref<api::Object>> read_object_as(const api::Kind& kind, std::string_view text,
                                              const ReadOptions& options, ReadReport* report) {
  base::Ref<api::Object> object(kind.make());
  const base::Status status = JsonReader(text, options, report).run(kind.type(), api::edit_value(*object));
  if (!status) return status.error();
  return object;
}

Result<base::Ref<api::Object>> read_object(std::string_view text, const ReadOptions& options,
                                           ReadReport* report) {
  const Result<TypeMeta> meta = read_type_meta(text);
  if (!meta) return meta.error();
  if (meta->kind.empty()) return invalid(base::cat("Object 'Kind' is missing in '", text, "'"));
  if (meta->api_version.empty()) return invalid(base::cat("Object 'apiVersion' is missing in '", text, "'"));
  const api::Kind* kind = api::find_kind(meta->api_version, meta->kind);
  if (!kind)
    return invalid(
        base::cat("no kind \"", meta->kind, "\" is registered for version \"", meta->api_version, "\""));
  return read_object_as(*kind, text, options, report);
}

}  // namespace orrery::codec
