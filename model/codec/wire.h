// The tagged binary form of requests and responses: a byte with the field's number, then a varint or a length
// and bytes. Fields at their default are not written and numbers ascend, so equal values have equal bytes.
#pragma once
#include <string>
#include <string_view>

#include "model/api/object.h"
#include "model/base/hash.h"
#include "model/codec/proto.h"
#include "model/codec/varint.h"

namespace orrery::codec {

/// Three sinks take the same calls: one counts bytes, one writes them, one hashes what they stand for.
class WireSize {
 public:
  void number(std::uint8_t, std::uint64_t v) {
    if (v) n_ += 1 + varint_size(v);
  }
  void text(std::uint8_t, std::string_view s) {
    if (!s.empty()) n_ += 1 + varint_size(s.size()) + s.size();
  }
  void object(std::uint8_t, const api::ObjectRef& o);
  template <class T>
  void message(std::uint8_t, const api::Box<T>& m) {
    if (m) part(proto_size(api::describe<T>(), m.get()));
  }
  /// A repeated or optional item, written even when empty; `fill` is called with a sink for its fields.
  template <class Fill>
  void group(std::uint8_t, const Fill& fill) {
    WireSize inner;
    fill(inner);
    part(inner.n_);
  }
  std::size_t value() const { return n_; }

 private:
  void part(std::size_t n) { n_ += 1 + varint_size(n) + n; }
  std::size_t n_ = 0;
};

class WireBytes {
 public:
  explicit WireBytes(std::string& out) : out_(out) {}
  void number(std::uint8_t tag, std::uint64_t v) {
    if (!v) return;
    out_ += static_cast<char>(tag);
    varint(v);
  }
  void text(std::uint8_t tag, std::string_view s) {
    if (s.empty()) return;
    header(tag, s.size());
    out_.append(s);
  }
  void object(std::uint8_t tag, const api::ObjectRef& o);
  template <class T>
  void message(std::uint8_t tag, const api::Box<T>& m) {
    if (!m) return;
    header(tag, proto_size(api::describe<T>(), m.get()));
    write_proto(api::describe<T>(), m.get(), out_);
  }
  template <class Fill>
  void group(std::uint8_t tag, const Fill& fill) {
    WireSize size;
    fill(size);
    header(tag, size.value());
    fill(*this);
  }

 private:
  void header(std::uint8_t tag, std::size_t n) {
    out_ += static_cast<char>(tag);
    varint(n);
  }
  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) out_ += static_cast<char>(v | 0x80);
    out_ += static_cast<char>(v);
  }
  std::string& out_;
};

class WireHash {
 public:
  void number(std::uint8_t tag, std::uint64_t v) {
    if (v) {
      digest_.add(tag);
      digest_.add(v);
    }
  }
  void text(std::uint8_t tag, std::string_view s) {
    if (!s.empty()) {
      digest_.add(tag);
      digest_.add(s);
    }
  }
  void object(std::uint8_t tag, const api::ObjectRef& o);
  template <class T>
  void message(std::uint8_t tag, const api::Box<T>& m) {
    if (m) {
      digest_.add(tag);
      digest_.add(api::deep_hash(*m));
    }
  }
  template <class Fill>
  void group(std::uint8_t tag, const Fill& fill) {
    digest_.add(tag);
    fill(*this);
    digest_.add(std::uint64_t{0x100});
  }
  std::uint64_t value() const { return digest_.value(); }

 private:
  base::Digest digest_;
};

/// Reads what WireBytes wrote. After the first fault ok() is false and nothing more is read.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : in_(bytes) {}
  /// The next field's number, or 0 at the end. Numbers may repeat or ascend.
  std::uint8_t next();
  std::uint64_t number(std::uint64_t max = UINT64_MAX);
  std::string_view text();
  api::ObjectRef object();
  template <class T>
  api::Box<T> message() {
    T value{};
    if (!read_proto(api::describe<T>(), &value, text())) ok_ = false;
    return api::Box<T>(std::move(value));
  }
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }

 private:
  ByteReader in_;
  std::uint8_t last_ = 0;
  bool ok_ = true;
};

/// Signed numbers with small magnitudes as small unsigned ones.
inline std::uint64_t zigzag(std::int64_t v) {
  return static_cast<std::uint64_t>(v) << 1 ^ static_cast<std::uint64_t>(v >> 63);
}
inline std::int64_t unzigzag(std::uint64_t v) {
  return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}

}  // namespace orrery::codec
