#include <algorithm>

#include "model/codec/go_type.h"
#include "model/codec/json_reader.h"

namespace orrery::codec {

using api::Type;
using api::TypeKind;

namespace {

constexpr std::size_t kMaxProblems = 100;  // as sigs.k8s.io/json

}  // namespace

/// spec.containers[0].ports
void JsonReader::append_path(const Place& at, std::string& out) {
  if (at.parent) append_path(*at.parent, out);
  if (at.index >= 0) {
    out += base::cat("[", std::to_string(at.index), "]");
  } else if (!at.name.empty()) {
    if (!out.empty()) out += '.';
    out += at.name;
  }
}

void JsonReader::problem(const char* what, const Place& at, std::string_view name) {
  if (problems_.size() >= kMaxProblems) return;
  std::string path;
  append_path(at, path);
  if (!path.empty()) path += '.';
  std::string text = base::cat(what, " field \"", path, name, "\"");
  if (std::find(problems_.begin(), problems_.end(), text) == problems_.end())
    problems_.push_back(std::move(text));
}

bool JsonReader::mismatch(std::string_view what, const Type& type, const Place& at) {
  if (!type_error_.empty()) return lexer_.ok();
  // Go names the innermost struct and the fields that lead to the value, without indexes and keys of maps.
  std::string path;
  const Type* owner = nullptr;
  for (const Place* p = &at; p; p = p->parent) {
    if (!p->owner) continue;
    if (!owner) owner = p->owner;
    path = path.empty() ? std::string(p->name) : base::cat(p->name, ".", path);
  }
  if (owner)
    type_error_ = base::cat("json: cannot unmarshal ", what, " into Go struct field ", owner->name, ".", path,
                            " of type ", go_decoded_type(type));
  else type_error_ = base::cat("json: cannot unmarshal ", what, " into Go value of type ", go_decoded_type(type));
  type_error_at_ = lexer_.offset();
  return lexer_.ok();
}

bool JsonReader::custom_error(const std::string& message) {
  if (custom_failed_) return lexer_.ok();
  custom_failed_ = true;
  type_error_ = message;
  type_error_at_ = lexer_.offset();
  return lexer_.ok();
}

}  // namespace orrery::codec
