// Wire: how the store's values become bytes. A struct lists its fields once (`fields(archive, self)`);
// size, encoding, decoding and hash derive from the list. Integers are little-endian of fixed width,
// strings and lists carry a 4-byte count, a nested body its type (2 bytes) and length (4 bytes; type 0 is
// none).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/base/hash.h"
#include "model/base/str.h"
#include "model/env/message.h"

namespace orrery::store {

using base::Str;

/// CRC-32C (Castagnoli), as in RFC 3720, of `bytes` continuing from `crc`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

/// The type with this number among those that may stand inside the store's messages and files; null when
/// unknown.
const env::BodyType* find_body_type(std::uint16_t id);
/// Decodes a nested body. A type that is not known here is kept as Bytes.
base::Result<env::BodyRef> decode_body(std::uint16_t type, std::string_view bytes);

namespace detail {

template <class T>
inline constexpr bool kIsScalar = std::is_integral_v<T> || std::is_enum_v<T>;

/// Shared by the archives that only look: visits lists and structs.
template <class Derived>
class ConstArchive {
 public:
  template <class T>
  void operator()(const T& v) {
    Derived& self = static_cast<Derived&>(*this);
    if constexpr (kIsScalar<T>) self.scalar(v);
    else T::fields(self, v);
  }
  template <class T>
  void operator()(const std::vector<T>& list) {
    Derived& self = static_cast<Derived&>(*this);
    self.scalar(static_cast<std::uint32_t>(list.size()));
    for (const T& item : list) self(item);
  }
  void operator()(const Str& s) { static_cast<Derived&>(*this).text(s); }
  void operator()(const std::string& s) { static_cast<Derived&>(*this).text(s); }
  void operator()(const env::BodyRef& b) { static_cast<Derived&>(*this).body(b.get()); }
  template <class T>
  void operator()(const base::Ref<const T>& b) {
    static_cast<Derived&>(*this).body(b.get());
  }
};

}  // namespace detail

class Sizer : public detail::ConstArchive<Sizer> {
 public:
  template <class T>
  void scalar(T) {
    size += sizeof(T);
  }
  void text(std::string_view s) { size += 4 + s.size(); }
  void body(const env::Body* b) { size += 6 + (b ? b->encoded_size() : 0); }
  std::size_t size = 0;
};

class Writer : public detail::ConstArchive<Writer> {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  template <class T>
  void scalar(T v) {
    using U = std::make_unsigned_t<
        std::conditional_t<std::is_same_v<T, bool>, std::uint8_t,
                           typename std::conditional_t<std::is_enum_v<T>, std::underlying_type<T>,
                                                       std::type_identity<T>>::type>>;
    const auto u = static_cast<U>(v);
    for (std::size_t i = 0; i < sizeof(U); ++i) out_.push_back(static_cast<char>(u >> (8 * i)));
  }
  void text(std::string_view s) {
    scalar(static_cast<std::uint32_t>(s.size()));
    out_.append(s);
  }
  void body(const env::Body* b);

 private:
  std::string& out_;
};

class Hasher : public detail::ConstArchive<Hasher> {
 public:
  template <class T>
  void scalar(T v) {
    add(static_cast<std::uint64_t>(v));
  }
  void text(std::string_view s) { add(base::hash_bytes(s)); }
  /// Values count by type and size: a deep hash of every object in every message would cost more than the
  /// store.
  void body(const env::Body* b);
  std::uint64_t result() const { return base::mix64(hash_); }

 private:
  void add(std::uint64_t v) {
    hash_ = (hash_ ^ v) * 0x9e3779b97f4a7c15ULL;
    hash_ ^= hash_ >> 29;
  }
  std::uint64_t hash_ = 0;
};

/// Reads what Writer wrote; after the first mistake everything reads as zero and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  bool done() const { return ok_ && bytes_.empty(); }

  template <class T>
  void operator()(T& v) {
    if constexpr (std::is_same_v<T, bool>) {
      const std::uint64_t raw = take(1);
      ok_ = ok_ && raw <= 1;
      v = raw == 1;
    } else if constexpr (std::is_enum_v<T>) {
      const std::uint64_t raw = take(sizeof(T));
      ok_ = ok_ && raw <= static_cast<std::uint64_t>(T::kLast);
      v = ok_ ? static_cast<T>(raw) : T{};
    } else if constexpr (std::is_integral_v<T>) {
      v = static_cast<T>(take(sizeof(T)));
    } else {
      T::fields(*this, v);
    }
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    const std::uint64_t count = take(4);
    list.clear();
    for (std::uint64_t i = 0; i < count && ok_; ++i) {
      if (bytes_.empty()) {
        ok_ = false;
        break;
      }
      list.emplace_back();
      (*this)(list.back());
    }
  }
  void operator()(Str& s) { s = Str(text()); }
  void operator()(std::string& s) { s = std::string(text()); }
  void operator()(env::BodyRef& b);
  template <class T>
  void operator()(base::Ref<const T>& b) {
    env::BodyRef any;
    (*this)(any);
    if (const T* typed = env::body_as<T>(any.get())) b = base::Ref<const T>(typed);
    else if (any) ok_ = false;
  }
  void fail() { ok_ = false; }

 private:
  std::uint64_t take(std::size_t n);
  std::string_view text();
  std::string_view bytes_;
  bool ok_ = true;
};

/// A body described by `template <class A, class S> static void fields(A&, S&)`. Size and hash are computed
/// once.
template <class Derived>
class PlainBody : public env::Body {
 public:
  const env::BodyType& type() const final { return Derived::kType; }
  std::size_t encoded_size() const final {
    if (size_ == 0) {
      Sizer s;
      Derived::fields(s, static_cast<const Derived&>(*this));
      size_ = s.size;
    }
    return size_;
  }
  void encode(std::string& out) const final {
    Writer w(out);
    Derived::fields(w, static_cast<const Derived&>(*this));
  }
  std::uint64_t content_hash() const final {
    if (hash_ == 0) {
      Hasher h;
      Derived::fields(h, static_cast<const Derived&>(*this));
      hash_ = h.result() | 1;
    }
    return hash_;
  }
  static base::Result<env::BodyRef> decode(std::string_view bytes) {
    auto body = base::make_ref<Derived>();
    Reader r(bytes);
    Derived::fields(r, *body);
    if (!r.done()) return base::Error{base::ErrorCode::kCorrupt, Derived::kType.name};
    return env::BodyRef(std::move(body));
  }

 private:
  mutable std::size_t size_ = 0;
  mutable std::uint64_t hash_ = 0;
};

/// Bytes of a body whose type is not known here, or of a value given as text.
class Bytes final : public env::Body {
 public:
  Bytes(std::uint16_t value_type, std::string bytes) : value_type_(value_type), bytes_(std::move(bytes)) {}
  static const env::BodyType kType;
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override { return bytes_.size(); }
  void encode(std::string& out) const override { out += bytes_; }
  std::uint64_t content_hash() const override { return base::hash_bytes(bytes_); }
  /// The number the bytes were tagged with.
  std::uint16_t value_type() const { return value_type_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::uint16_t value_type_;
  std::string bytes_;
};

/// A value that is just text; tests and the store's own small keys.
env::BodyRef text_value(std::string text);

}  // namespace orrery::store
