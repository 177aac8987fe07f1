// UniqueFunction: a move-only callable with 48 bytes of inline room, for callbacks on hot paths.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "model/base/check.h"

namespace orrery::base {

template <class Signature>
class UniqueFunction;

template <class R, class... A>
class UniqueFunction<R(A...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}  // NOLINT: implicit on purpose
  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, UniqueFunction> &&
                                              std::is_invocable_r_v<R, std::decay_t<F>&, A...>>>
  UniqueFunction(F&& f) {  // NOLINT: implicit on purpose
    using D = std::decay_t<F>;
    if constexpr (sizeof(D) <= kInline && alignof(D) <= alignof(std::max_align_t) &&
                  std::is_nothrow_move_constructible_v<D>) {
      new (room_) D(std::forward<F>(f));
      ops_ = &InlineOps<D>::kOps;
    } else {
      *reinterpret_cast<D**>(room_) = new D(std::forward<F>(f));
      ops_ = &HeapOps<D>::kOps;
    }
  }
  UniqueFunction(UniqueFunction&& o) noexcept { take(o); }
  UniqueFunction& operator=(UniqueFunction&& o) noexcept {
    if (this != &o) { reset(); take(o); }
    return *this;
  }
  UniqueFunction(const UniqueFunction&) = delete;
  UniqueFunction& operator=(const UniqueFunction&) = delete;
  ~UniqueFunction() { reset(); }

  R operator()(A... args) {
    ORRERY_CHECK(ops_ != nullptr, "call of an empty function");
    return ops_->call(room_, std::forward<A>(args)...);
  }
  explicit operator bool() const { return ops_ != nullptr; }
  /// Has the processor fetch two lines of what the first captured pointer points to, if a pointer is what is captured first; any
  /// other address does no harm.
  void prefetch() const {
    std::uintptr_t first;
    std::memcpy(&first, room_, sizeof first);
    __builtin_prefetch(reinterpret_cast<const void*>(first));
    __builtin_prefetch(reinterpret_cast<const void*>(first + 64));
  }
  void reset() {
    if (ops_) { ops_->destroy(room_); ops_ = nullptr; }
  }

 private:
  static constexpr std::size_t kInline = 48;
  struct Ops {
    R (*call)(void*, A&&...);
    void (*move)(void* to, void* from);
    void (*destroy)(void*);
  };
  template <class D>
  struct InlineOps {
    static R call(void* p, A&&... a) { return (*static_cast<D*>(p))(std::forward<A>(a)...); }
    static void move(void* to, void* from) {
      new (to) D(std::move(*static_cast<D*>(from)));
      static_cast<D*>(from)->~D();
    }
    static void destroy(void* p) { static_cast<D*>(p)->~D(); }
    static constexpr Ops kOps{call, move, destroy};
  };
  template <class D>
  struct HeapOps {
    static R call(void* p, A&&... a) { return (**static_cast<D**>(p))(std::forward<A>(a)...); }
    static void move(void* to, void* from) { *static_cast<D**>(to) = *static_cast<D**>(from); }
    static void destroy(void* p) { delete *static_cast<D**>(p); }
    static constexpr Ops kOps{call, move, destroy};
  };
  void take(UniqueFunction& o) {
    ops_ = o.ops_;
    if (ops_) { ops_->move(room_, o.room_); o.ops_ = nullptr; }
  }

  const Ops* ops_ = nullptr;
  alignas(std::max_align_t) unsigned char room_[kInline];
};

}  // namespace orrery::base
