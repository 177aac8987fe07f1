// Fill: how defaulting functions write only where something is missing. Internal to model/api/defaults.
#pragma once
#include <vector>

#include "model/api/type.h"

namespace orrery::api {

/// The constant defaults of one struct, picked from its description.
class ConstantDefaults {
 public:
  explicit ConstantDefaults(const Type& type);
  /// Tells whether one is missing in `in`, and sets all in `out` unless that is null.
  bool fill(const void* in, void* out) const;

 private:
  struct Entry {
    std::size_t offset;
    const Type* type;
    const char* text;
  };
  std::vector<Entry> entries_;
};

template <class T>
const ConstantDefaults& constant_defaults() {
  static const ConstantDefaults kDefaults(describe<T>());
  return kDefaults;
}

/// A defaulting function of T has the shape `bool(const T& in, T* out)`: it tells whether `in` lacks
/// something; when `out` is not null it is the same object as `in`, writable, and gets what it lacks. Nested
/// parts are asked first and detached from shared storage only when they lack something.
template <class T>
class Fill {
 public:
  template <class E>
  using Function = bool (*)(const E& in, E* out);

  Fill(const T& in, T* out) : in_(in), out_(out) {}

  /// The defaults of T's description.
  void constants() {
    if (!done()) missing_ |= constant_defaults<T>().fill(&in_, out_);
  }
  template <class M, class V>
  void set(M T::*member, const V& value) {
    missing_ = true;
    if (out_) out_->*member = M(value);
  }
  /// When it is the empty string or unset optional.
  template <class V>
  void set_if_empty(Str T::*member, const V& value) {
    if (!done() && (in_.*member).empty()) set(member, value);
  }
  template <class M, class V>
  void set_if_empty(std::optional<M> T::*member, const V& value) {
    if (!done() && !(in_.*member)) set(member, M(value));
  }
  /// Sets an absent part to its zero value.
  template <class E>
  void create(Box<E> T::*member) {
    if (!done() && !(in_.*member)) set(member, E{});
  }
  template <class E>
  void each(List<E> T::*member, Function<E> fill) {
    const List<E>& list = in_.*member;
    for (std::size_t i = 0; i < list.size() && !done(); ++i) {
      if (!fill(list[i], nullptr)) continue;
      missing_ = true;
      if (!out_) return;
      E& item = (out_->*member).edit()[i];
      fill(item, &item);
    }
  }
  template <class E>
  void part(E T::*member, Function<E> fill) {
    if (!done()) missing_ |= fill(in_.*member, out_ ? &(out_->*member) : nullptr);
  }
  template <class E>
  void part(Box<E> T::*member, Function<E> fill) {
    if (!done() && in_.*member && fill(*(in_.*member), nullptr)) edit_part(member, fill);
  }
  template <class E>
  void part(Cow<E> T::*member, Function<E> fill) {
    if (!done() && fill(*(in_.*member), nullptr)) edit_part(member, fill);
  }
  /// Runs `fill` on the whole of T once more, for rules kept apart.
  void also(Function<T> fill) {
    if (!done()) missing_ |= fill(in_, out_);
  }
  bool missing() const { return missing_; }
  /// Nothing more to learn: something is missing and there is nowhere to write.
  bool done() const { return missing_ && !out_; }

 private:
  template <class W, class E>
  void edit_part(W T::*member, Function<E> fill) {
    missing_ = true;
    if (!out_) return;
    E& part = (out_->*member).edit();
    fill(part, &part);
  }

  const T& in_;
  T* out_;
  bool missing_ = false;
};

/// The defaulting function of a struct that has constant defaults only.
template <class T>
bool fill_only_constants(const T& in, T* out) {
  return constant_defaults<T>().fill(&in, out);
}

}  // namespace orrery::api
