// Str: an immutable counted string of one pointer, so that objects are small and copies of them cost no allocation.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace orrery::base {

/// Empty is a null pointer. The count is not atomic: a Str stays on the logic thread; other threads receive std::string.
class Str {
 public:
  Str() = default;
  Str(std::string_view s) : p_(make(s)) {}                       // NOLINT: implicit on purpose
  Str(const char* s) : Str(std::string_view(s)) {}               // NOLINT: implicit on purpose
  Str(const std::string& s) : Str(std::string_view(s)) {}        // NOLINT: implicit on purpose
  [[gnu::always_inline]] Str(const Str& o) noexcept : p_(o.p_) { if (p_) ++p_->count; }
  [[gnu::always_inline]] Str(Str&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  [[gnu::always_inline]] Str& operator=(const Str& o) noexcept { Str(o).swap(*this); return *this; }
  [[gnu::always_inline]] Str& operator=(Str&& o) noexcept { Str(std::move(o)).swap(*this); return *this; }
  [[gnu::always_inline]] ~Str() { if (p_ && --p_->count == 0) destroy(p_); }
  [[gnu::always_inline]] void swap(Str& o) noexcept { std::swap(p_, o.p_); }

  std::string_view view() const { return p_ ? std::string_view(p_->text(), p_->size) : std::string_view(); }
  operator std::string_view() const { return view(); }           // NOLINT: implicit on purpose
  std::string str() const { return std::string(view()); }
  /// NUL-terminated.
  const char* c_str() const { return p_ ? p_->text() : ""; }
  std::size_t size() const { return p_ ? p_->size : 0; }
  bool empty() const { return p_ == nullptr; }
  /// True when both share one buffer: a fast answer to "certainly equal".
  bool same_buffer(const Str& o) const { return p_ == o.p_; }

  friend bool operator==(const Str& a, const Str& b) { return a.p_ == b.p_ || a.view() == b.view(); }
  friend auto operator<=>(const Str& a, const Str& b) { return a.view() <=> b.view(); }
  friend bool operator==(const Str& a, std::string_view b) { return a.view() == b; }
  friend auto operator<=>(const Str& a, std::string_view b) { return a.view() <=> b; }
  friend auto operator<=>(const Str& a, const std::string& b) { return a.view() <=> std::string_view(b); }
  friend auto operator<=>(const Str& a, const char* b) { return a.view() <=> std::string_view(b); }
  friend bool operator==(const Str& a, const char* b) { return a.view() == std::string_view(b); }
  friend bool operator==(const Str& a, const std::string& b) { return a.view() == std::string_view(b); }

 private:
  struct Rep {
    std::uint32_t count;
    std::uint32_t size;
    char* text() { return reinterpret_cast<char*>(this + 1); }
    const char* text() const { return reinterpret_cast<const char*>(this + 1); }
  };
  static Rep* make(std::string_view s);
  static void destroy(Rep* p);

  Rep* p_ = nullptr;
};

/// Concatenation of any mixture of strings; one allocation.
template <class... S>
std::string cat(const S&... parts) {
  std::string out;
  out.reserve((std::string_view(parts).size() + ... + 0));
  (out.append(std::string_view(parts)), ...);
  return out;
}

}  // namespace orrery::base
