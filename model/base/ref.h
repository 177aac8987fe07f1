// Ref<T>: a counted handle to an immutable or component-owned value. Counts are not atomic: handles stay on one thread.
#pragma once
#include <cstdint>
#include <type_traits>
#include <utility>

namespace orrery::base {

/// Base of everything held by Ref. Copying a counted value gives a fresh count.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) noexcept {}
  RefCounted& operator=(const RefCounted&) noexcept { return *this; }
  void retain() const noexcept { ++count_; }
  bool release() const noexcept { return --count_ == 0; }
  std::uint32_t use_count() const noexcept { return count_; }

 private:
  mutable std::uint32_t count_ = 0;
};

template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}                                        // NOLINT: implicit on purpose
  [[gnu::always_inline]] explicit Ref(T* p) : p_(p) { if (p_) p_->retain(); }
  [[gnu::always_inline]] Ref(const Ref& o) : p_(o.p_) { if (p_) p_->retain(); }
  [[gnu::always_inline]] Ref(Ref&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  template <class U, class = std::enable_if_t<std::is_convertible_v<U*, T*>>>
  [[gnu::always_inline]] Ref(const Ref<U>& o) : p_(o.get()) { if (p_) p_->retain(); }  // NOLINT: implicit on purpose
  template <class U, class = std::enable_if_t<std::is_convertible_v<U*, T*>>>
  [[gnu::always_inline]] Ref(Ref<U>&& o) noexcept : p_(o.detach()) {}                  // NOLINT: implicit on purpose
  [[gnu::always_inline]] Ref& operator=(const Ref& o) { Ref(o).swap(*this); return *this; }
  [[gnu::always_inline]] Ref& operator=(Ref&& o) noexcept { Ref(std::move(o)).swap(*this); return *this; }
  [[gnu::always_inline]] ~Ref() { if (p_ && p_->release()) destroy(p_); }
  [[gnu::always_inline]] void reset() {
    if (T* p = detach(); p && p->release()) destroy(p);
  }
  [[gnu::always_inline]] void swap(Ref& o) noexcept { std::swap(p_, o.p_); }
  /// Gives up ownership without releasing.
  [[gnu::always_inline]] T* detach() noexcept { return std::exchange(p_, nullptr); }
  T* get() const { return p_; }
  T& operator*() const { return *p_; }
  T* operator->() const { return p_; }
  explicit operator bool() const { return p_ != nullptr; }
  friend bool operator==(const Ref& a, const Ref& b) { return a.p_ == b.p_; }

 private:
  // Not inline, so that what is left at the many ends of handles, most of them moved from, is a comparison or nothing.
  [[gnu::noinline]] static void destroy(T* p) { delete p; }

  T* p_ = nullptr;
};

template <class T, class... A>
Ref<T> make_ref(A&&... args) {
  return Ref<T>(new T(std::forward<A>(args)...));
}

}  // namespace orrery::base
