#include <algorithm>

#include "model/codec/field_access.h"
#include "model/codec/json_write.h"

namespace orrery::codec {

using api::Field;
using api::Type;
using api::TypeKind;
using base::cat;

namespace {

class Differ {
 public:
  explicit Differ(std::size_t max_lines) : max_lines_(max_lines) {}

  /// A null pointer is an absent value.
  void value(const Type& type, const void* a, const void* b, std::string& path) {
    if (a && b && api::deep_equal(type, a, b)) return;
    if (!a && !b) return;
    switch (type.kind) {
      case TypeKind::kBox:
      case TypeKind::kOpt:
      case TypeKind::kCow: {
        const auto inner = [&](const void* v) -> const void* {
          return v && type.wrap->size(v) ? type.wrap->at(v, 0) : nullptr;
        };
        return value(type.element(), inner(a), inner(b), path);
      }
      case TypeKind::kStruct: return a && b ? fields(type, a, b, path) : line(type, a, b, path);
      case TypeKind::kMap: return entries(type, a, b, path);
      case TypeKind::kList: return items(type, a, b, path);
      default: return line(type, a, b, path);
    }
  }

  std::vector<std::string> finish() {
    if (count_ > max_lines_) lines_.push_back(cat("... and ", std::to_string(count_ - max_lines_), " more"));
    return std::move(lines_);
  }

 private:
  void fields(const Type& type, const void* a, const void* b, std::string& path) {
    for (const Field& f : type) {
      const std::size_t size = path.size();
      if (!(f.flags & api::kInline)) path += cat(size ? "." : "", f.json);
      value(f.type(), member_of(f, a), member_of(f, b), path);
      path.resize(size);
    }
  }

  /// Both maps are sorted: one walk over both.
  void entries(const Type& type, const void* a, const void* b, std::string& path) {
    const api::WrapOps& ops = *type.wrap;
    const std::size_t n = a ? ops.size(a) : 0, m = b ? ops.size(b) : 0;
    for (std::size_t i = 0, j = 0; i < n || j < m;) {
      const bool left = j == m || (i < n && *ops.key_at(a, i) <= *ops.key_at(b, j));
      const bool right = i == n || (j < m && *ops.key_at(b, j) <= *ops.key_at(a, i));
      const api::Str& key = left ? *ops.key_at(a, i) : *ops.key_at(b, j);
      const std::size_t size = path.size();
      path += cat("['", key, "']");
      value(type.element(), left ? ops.at(a, i) : nullptr, right ? ops.at(b, j) : nullptr, path);
      path.resize(size);
      i += left;
      j += right;
    }
  }

  void items(const Type& type, const void* a, const void* b, std::string& path) {
    const std::size_t n = a ? type.wrap->size(a) : 0, m = b ? type.wrap->size(b) : 0;
    for (std::size_t i = 0; i < std::max(n, m); ++i) {
      const std::size_t size = path.size();
      path += cat("[", std::to_string(i), "]");
      value(type.element(), i < n ? type.wrap->at(a, i) : nullptr, i < m ? type.wrap->at(b, i) : nullptr,
            path);
      path.resize(size);
    }
  }

  static std::string text(const Type& type, const void* v) {
    std::string s = v ? field_text(FieldRef{&type, v}) : "";
    return s.empty() ? "-" : s;
  }

  void line(const Type& type, const void* a, const void* b, const std::string& path) {
    if (++count_ <= max_lines_) lines_.push_back(cat(path, ": ", text(type, a), " -> ", text(type, b)));
  }

  std::size_t max_lines_;
  std::size_t count_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> diff_values(const Type& type, const void* before, const void* after,
                                     std::size_t max_lines) {
  Differ differ(max_lines);
  std::string path;
  differ.value(type, before, after, path);
  return differ.finish();
}

std::vector<std::string> diff_objects(const api::Object& before, const api::Object& after,
                                      std::size_t max_lines) {
  if (before.kind_id() != after.kind_id())
    return {cat("kind: ", before.kind().kind, " -> ", after.kind().kind)};
  return diff_values(before.kind().type(), before.value(), after.value(), max_lines);
}

}  // namespace orrery::codec
