// UniqueFunction: a move-only callable with 48 bytes of inline room, for callbacks on hot paths.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "model/base/check.h"
#include "model/base/prefetch.h"

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
    hold(std::forward<F>(f));
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
  /// Calls it and leaves it empty; it is empty already while it runs.
  R call_once(A... args) {
    ORRERY_CHECK(ops_ != nullptr, "call of an empty function");
    return std::exchange(ops_, nullptr)->call_once(room_, std::forward<A>(args)...);
  }
  explicit operator bool() const { return ops_ != nullptr; }
  /// Makes an empty one hold `f`, in place: as assignment, without a move.
  template <class F>
  void emplace(F&& f) {
    static_assert(!std::is_lvalue_reference_v<F> || !std::is_same_v<std::decay_t<F>, UniqueFunction>);
    if constexpr (std::is_same_v<std::decay_t<F>, UniqueFunction>) take(f);
    else hold(std::forward<F>(f));
  }
  /// Has the processor fetch two lines of what the first captured pointer points to, if a pointer is what is captured first; any
  /// other address does no harm.
  void prefetch() const {
    std::uintptr_t first;
    std::memcpy(&first, room_, sizeof first);
    base::prefetch(reinterpret_cast<const void*>(first));
  }
  void reset() {
    if (!ops_) return;
    if (ops_->destroy) ops_->destroy(room_);
    ops_ = nullptr;
  }

 private:
  static constexpr std::size_t kInline = 48;
  struct Ops {
    R (*call)(void*, A&&...);
    R (*call_once)(void*, A&&...);       // and ends it
    void (*move)(void* to, void* from);  // null: the bytes are all there is to it
    void (*destroy)(void*);              // null: nothing to do
  };
  template <class D>
  struct InlineOps {
    static R call(void* p, A&&... a) { return (*static_cast<D*>(p))(std::forward<A>(a)...); }
    static R call_once(void* p, A&&... a) {
      struct End {
        D* d;
        ~End() { d->~D(); }
      } const end{static_cast<D*>(p)};
      return (*end.d)(std::forward<A>(a)...);
    }
    static void move(void* to, void* from) {
      new (to) D(std::move(*static_cast<D*>(from)));
      static_cast<D*>(from)->~D();
    }
    static void destroy(void* p) { static_cast<D*>(p)->~D(); }
    static constexpr bool kTrivial = std::is_trivially_destructible_v<D>;
    static constexpr Ops kOps{call, kTrivial ? call : call_once, std::is_trivially_copyable_v<D> ? nullptr : move,
                              kTrivial ? nullptr : destroy};
  };
  template <class D>
  struct HeapOps {
    static R call(void* p, A&&... a) { return (**static_cast<D**>(p))(std::forward<A>(a)...); }
    static R call_once(void* p, A&&... a) {
      const std::unique_ptr<D> d(*static_cast<D**>(p));
      return (*d)(std::forward<A>(a)...);
    }
    static void destroy(void* p) { delete *static_cast<D**>(p); }
    static constexpr Ops kOps{call, call_once, nullptr, destroy};
  };
  template <class F>
  void hold(F&& f) {
    using D = std::decay_t<F>;
    if constexpr (sizeof(D) <= kInline && alignof(D) <= alignof(std::max_align_t) &&
                  std::is_nothrow_move_constructible_v<D>) {
      if constexpr (std::is_empty_v<D>) std::memset(room_, 0, kInline);  // moving copies the room whether it was written or not
      new (room_) D(std::forward<F>(f));
      ops_ = &InlineOps<D>::kOps;
    } else {
      *reinterpret_cast<D**>(room_) = new D(std::forward<F>(f));
      ops_ = &HeapOps<D>::kOps;
    }
  }
  void take(UniqueFunction& o) {
    ops_ = o.ops_;
    if (!ops_) return;
    if (ops_->move) ops_->move(room_, o.room_);
    else std::memcpy(room_, o.room_, kInline);
    o.ops_ = nullptr;
  }

  const Ops* ops_ = nullptr;
  alignas(std::max_align_t) unsigned char room_[kInline];
};

}  // namespace orrery::base
