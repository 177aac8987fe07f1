// Base-128 varints and protobuf tags, shared by the binary codecs.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace orrery::codec {

/// Wire types of protobuf.
enum class Wire : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

inline std::size_t varint_size(std::uint64_t v) {
  return (static_cast<std::size_t>(std::bit_width(v | 1)) + 6) / 7;
}
inline std::size_t tag_size(std::uint32_t number) { return varint_size(std::uint64_t{number} << 3); }
/// Tag, length and that many bytes.
inline std::size_t bytes_size(std::uint32_t number, std::size_t n) {
  return tag_size(number) + varint_size(n) + n;
}

/// Reads the front of a text; every read checks bounds and fails by returning false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : p_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  bool done() const { return p_ == end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - p_); }

  bool varint(std::uint64_t& out) {
    out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (p_ == end_) return false;
      const auto byte = static_cast<unsigned char>(*p_++);
      if (shift == 63 && byte > 1) return false;
      out |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool take(std::uint64_t n, std::string_view& out) {
    if (n > left()) return false;
    out = {p_, static_cast<std::size_t>(n)};
    p_ += n;
    return true;
  }
  /// A varint length and that many bytes.
  bool bytes(std::string_view& out) {
    std::uint64_t n;
    return varint(n) && take(n, out);
  }
  /// Eight bytes, little-endian.
  bool fixed64(std::uint64_t& out) {
    std::string_view raw;
    if (!take(8, raw)) return false;
    out = 0;
    for (int i = 7; i >= 0; --i)
      out = out << 8 | static_cast<unsigned char>(raw[static_cast<std::size_t>(i)]);
    return true;
  }

 private:
  const char* p_;
  const char* end_;
};

}  // namespace orrery::codec
