#include <algorithm>
#include <charconv>
#include <vector>

#include "model/api/path.h"
#include "model/codec/patch.h"

namespace orrery::codec {

using base::cat;
using base::Error;
using base::ErrorCode;
using base::invalid;
using base::Result;
using base::Status;

namespace {

constexpr std::string_view kMissing = "missing value";

/// The reference tokens of a JSON pointer, unescaped. Only "" and "/..." are pointers.
struct Pointer {
  std::vector<std::string> tokens;
  bool valid = false;
};

Pointer parse_pointer(std::string_view text) {
  Pointer p;
  p.valid = text.empty() || text[0] == '/';
  if (!p.valid || text.empty()) return p;
  for (std::size_t i = 1;;) {
    const std::size_t end = std::min(text.find('/', i), text.size());
    std::string token;
    for (; i < end; ++i) {
      const bool escape = text[i] == '~' && i + 1 < end && (text[i + 1] == '0' || text[i + 1] == '1');
      token += escape ? (text[i + 1] == '0' ? '~' : '/') : text[i];
      i += escape;
    }
    p.tokens.push_back(std::move(token));
    if (end == text.size()) return p;
    i = end + 1;
  }
}

/// An index below `bound`.
Result<std::size_t> parse_index(std::string_view token, std::size_t bound) {
  std::size_t index = 0;
  const char* end = token.data() + token.size();
  const auto r = std::from_chars(token.data(), end, index);
  if (r.ec == std::errc::result_out_of_range && r.ptr == end)
    return invalid(cat("strconv.Atoi: parsing ", api::go_quote(token), ": value out of range"));
  const bool negative =
      token.size() > 1 && token[0] == '-' &&
      std::all_of(token.begin() + 1, token.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (negative) return invalid(cat("Unable to access invalid index: ", token, ": invalid index referenced"));
  if (r.ec != std::errc() || r.ptr != end || (token.size() > 1 && token[0] == '0'))
    return invalid(cat("strconv.Atoi: parsing ", api::go_quote(token), ": invalid syntax"));
  if (index >= bound)
    return invalid(cat("Unable to access invalid index: ", token, ": invalid index referenced"));
  return index;
}

std::size_t depth_of(const JsonValue& value) {
  std::size_t deepest = 0;
  for (const JsonValue& v : value.items()) deepest = std::max(deepest, depth_of(v));
  for (const JsonMember& m : value.members()) deepest = std::max(deepest, depth_of(m.value));
  return deepest + (value.is_array() || value.is_object());
}

class JsonPatcher {
 public:
  JsonPatcher(JsonValue& document, const PatchLimits& limits)
      : document_(document), limits_(limits), depth_bound_(depth_of(document)) {}

  Status apply(const JsonValue& op) {
    const std::string_view kind = op["op"].text_or("unknown");
    if (kind == "add") return add(op);
    if (kind == "remove") return remove(op);
    if (kind == "replace") return replace(op);
    if (kind == "move") return move(op);
    if (kind == "test") return test(op);
    if (kind == "copy") return copy(op);
    return invalid(cat("Unexpected kind: ", kind));
  }

 private:
  struct Place {
    Pointer pointer;
    std::string text;
  };

  static Result<Place> place(const JsonValue& op, const char* member, const char* verb) {
    const JsonValue* v = op.find(member);
    if (!v || !v->is_string())
      return invalid(cat(verb, " operation failed to decode ", member, ": operation missing ", member,
                         " field: ", kMissing));
    Place p{parse_pointer(v->text_or("")), std::string(v->text_or(""))};
    return p;
  }

  static Result<JsonValue> value_of(const JsonValue& op) {
    const JsonValue* v = op.find("value");
    if (!v) return invalid(cat("operation, missing value field: ", kMissing));
    return *v;
  }

  /// The container that holds the last token; null when the path leads nowhere. `pointer` is not "".
  JsonValue* container(const Pointer& pointer) {
    if (!pointer.valid) return nullptr;
    JsonValue* at = &document_;
    for (std::size_t i = 0; i + 1 < pointer.tokens.size(); ++i) {
      const std::string& token = pointer.tokens[i];
      if (at->is_object()) {
        if (!at->find(token)) return nullptr;
        at = &at->edit_members().edit(token);
      } else if (at->is_array()) {
        const Result<std::size_t> index = parse_index(token, at->items().size());
        if (!index) return nullptr;
        at = &at->edit_items()[*index];
      } else {
        return nullptr;
      }
    }
    return at->is_object() || at->is_array() ? at : nullptr;
  }

  static Result<const JsonValue*> get(const JsonValue& in, const std::string& token) {
    if (in.is_object()) {
      const JsonValue* v = in.find(token);
      if (!v) return invalid(cat("unable to get nonexistent key: ", token, ": ", kMissing));
      return v;
    }
    const Result<std::size_t> index = parse_index(token, in.items().size());
    if (!index) return index.error();
    return &in.items()[*index];
  }

  static Status insert(JsonValue& in, const std::string& token, JsonValue value) {
    if (in.is_object()) {
      in.edit_members().set(token, std::move(value));
      return base::ok_status();
    }
    std::vector<JsonValue>& items = in.edit_items();
    if (token == "-") {
      items.push_back(std::move(value));
      return base::ok_status();
    }
    const Result<std::size_t> index = parse_index(token, items.size() + 1);
    if (!index) {
      const std::string& why = index.error().message;
      return invalid(
          why.starts_with("strconv") ? cat("value was not a proper array index: '", token, "': ", why) : why);
    }
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return base::ok_status();
  }

  static Status erase(JsonValue& in, const std::string& token) {
    if (in.is_object()) {
      if (!in.edit_members().erase(token))
        return invalid(cat("Unable to remove nonexistent key: ", token, ": ", kMissing));
      return base::ok_status();
    }
    const Result<std::size_t> index = parse_index(token, in.items().size());
    if (!index) return index.error();
    std::vector<JsonValue>& items = in.edit_items();
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(*index));
    return base::ok_status();
  }

  static Error wrap(std::string_view what, const std::string& path, const Error& cause) {
    return invalid(cat(what, " '", path, "': ", cause.message));
  }

  Status add(const JsonValue& op) {
    const Result<Place> p = place(op, "path", "add");
    if (!p) return p.error();
    Result<JsonValue> value = value_of(op);
    if (!value) return wrap("error in add for path:", p->text, value.error());
    const std::size_t depth = depth_of(*value);
    return add_at(*p, *std::move(value), depth, "add operation does not apply: doc is missing path: \"", "\"",
                  "error in add for path:");
  }

  /// `depth` is at least that of the value.
  Status add_at(const Place& p, JsonValue value, std::size_t depth, std::string_view missing,
                std::string_view missing_end, std::string_view failed) {
    if (p.pointer.valid && p.pointer.tokens.empty()) {
      document_ = std::move(value);
      return deepen(depth);
    }
    JsonValue* in = container(p.pointer);
    if (!in) return invalid(cat(missing, p.text, missing_end, ": ", kMissing));
    const Status done = insert(*in, p.pointer.tokens.back(), std::move(value));
    if (!done) return wrap(failed, p.text, done.error());
    return deepen(p.pointer.tokens.size() + depth);
  }

  /// Keeps recursion over documents safe. The bound is cheap to keep and only sometimes has to be made exact.
  Status deepen(std::size_t depth) {
    depth_bound_ = std::max(depth_bound_, depth);
    if (depth_bound_ <= JsonValue::kMaxDepth) return base::ok_status();
    depth_bound_ = depth_of(document_);
    if (depth_bound_ <= JsonValue::kMaxDepth) return base::ok_status();
    return Error{ErrorCode::kLimit, "exceeded max depth"};
  }

  Status remove(const JsonValue& op) {
    const Result<Place> p = place(op, "path", "remove");
    if (!p) return p.error();
    JsonValue* in = p->pointer.tokens.empty() ? nullptr : container(p->pointer);
    if (!in)
      return invalid(
          cat("remove operation does not apply: doc is missing path: \"", p->text, "\": ", kMissing));
    const Status done = erase(*in, p->pointer.tokens.back());
    if (!done) return wrap("error in remove for path:", p->text, done.error());
    return base::ok_status();
  }

  Status replace(const JsonValue& op) {
    const Result<Place> p = place(op, "path", "replace");
    if (!p) return p.error();
    Result<JsonValue> value = value_of(op);
    if (!value) return wrap("error in replace for path:", p->text, value.error());
    const std::size_t depth = depth_of(*value);
    if (p->pointer.valid && p->pointer.tokens.empty()) {
      document_ = *std::move(value);
      return deepen(depth);
    }
    JsonValue* in = container(p->pointer);
    if (!in)
      return invalid(cat("replace operation does not apply: doc is missing path: ", p->text, ": ", kMissing));
    const std::string& token = p->pointer.tokens.back();
    if (!get(*in, token))
      return invalid(cat("replace operation does not apply: doc is missing key: ", p->text, ": ", kMissing));
    if (in->is_object()) in->edit_members().set(token, *std::move(value));
    else in->edit_items()[*parse_index(token, in->items().size())] = *std::move(value);
    return deepen(p->pointer.tokens.size() + depth);
  }

  /// The value at `from` for move and copy.
  Result<JsonValue> source(const Place& from, std::string_view verb) {
    if (from.pointer.valid && from.pointer.tokens.empty()) return document_;
    const JsonValue* in = container(from.pointer);
    if (!in)
      return invalid(
          cat(verb, " operation does not apply: doc is missing from path: ", from.text, ": ", kMissing));
    const Result<const JsonValue*> value = get(*in, from.pointer.tokens.back());
    if (!value)
      return wrap(verb == "move" ? "error in move for path:" : "error in copy for from:", from.text,
                  value.error());
    return **value;
  }

  Status move(const JsonValue& op) {
    const Result<Place> from = place(op, "from", "move");
    if (!from) return from.error();
    const Result<Place> to = place(op, "path", "move");
    if (!to) return to.error();
    Result<JsonValue> value = source(*from, "move");
    if (!value) return value.error();
    if (!from->pointer.tokens.empty()) {
      const Status gone = erase(*container(from->pointer), from->pointer.tokens.back());
      if (!gone) return wrap("error in move for path:", from->text, gone.error());
    } else if (!to->pointer.tokens.empty()) {
      return invalid(
          cat("move operation does not apply: doc is missing destination path: ", to->text, ": ", kMissing));
    }
    return add_at(*to, *std::move(value), depth_bound_,
                  "move operation does not apply: doc is missing destination path: ", "",
                  "error in move for path:");
  }

  Status copy(const JsonValue& op) {
    const Result<Place> from = place(op, "from", "copy");
    if (!from) return from.error();
    const Result<Place> to = place(op, "path", "copy");
    if (!to) return to.error();
    Result<JsonValue> value = source(*from, "copy");
    if (!value) return value.error();
    copied_ += static_cast<std::int64_t>(value->dump().size());
    if (copied_ > limits_.max_copy_bytes)
      return Error{
          ErrorCode::kLimit,
          cat("Unable to complete the copy, the accumulated size increase of copy is ",
              std::to_string(copied_), ", exceeding the limit ", std::to_string(limits_.max_copy_bytes))};
    return add_at(*to, *std::move(value), depth_bound_,
                  "copy operation does not apply: doc is missing destination path: ", "",
                  "error while adding value during copy:");
  }

  Status test(const JsonValue& op) {
    const Result<Place> p = place(op, "path", "test");
    if (!p) return p.error();
    const Result<JsonValue> expected = value_of(op);
    if (!expected) return wrap("error in test for path:", p->text, expected.error());
    const JsonValue* actual = &document_;
    if (!p->pointer.valid || !p->pointer.tokens.empty()) {
      const JsonValue* in = container(p->pointer);
      if (!in)
        return invalid(cat("test operation does not apply: is missing path: ", p->text, ": ", kMissing));
      const Result<const JsonValue*> value = get(*in, p->pointer.tokens.back());
      if (!value) return wrap("error in test for path:", p->text, value.error());
      actual = *value;
    }
    if (!(*actual == *expected)) return invalid(cat("testing value ", p->text, " failed: test failed"));
    return base::ok_status();
  }

  JsonValue& document_;
  const PatchLimits& limits_;
  std::size_t depth_bound_;  // the document is at most this deep
  std::int64_t copied_ = 0;
};

}  // namespace

Result<JsonValue> apply_json_patch(JsonValue document, const JsonValue& patch, const PatchLimits& limits) {
  if (!patch.is_array())
    return invalid(cat("json: cannot unmarshal ",
                       patch.is_object()   ? "object"
                       : patch.is_string() ? "string"
                       : patch.is_number() ? "number"
                                           : "bool",
                       " into Go value of type jsonpatch.Patch"));
  if (patch.items().size() > limits.max_operations)
    return Error{ErrorCode::kLimit,
                 cat("The allowed maximum operations in a JSON patch is ",
                     std::to_string(limits.max_operations), ", got ", std::to_string(patch.items().size()))};
  JsonPatcher patcher(document, limits);
  for (const JsonValue& op : patch.items()) {
    const Status done = patcher.apply(op);
    if (!done) return done.error();
  }
  return document;
}

}  // namespace orrery::codec
