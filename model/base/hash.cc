#include "model/base/hash.h"

namespace orrery::base {

namespace {

constexpr std::uint64_t kSecret[4] = {0x9e3779b97f4a7c15ULL, 0xbf58476d1ce4e5b9ULL, 0x94d049bb133111ebULL, 0xd6e8feb86659fd93ULL};

/// Both halves of the product, folded.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// The first n <= 8 bytes as a little-endian word.
std::uint64_t word(const char* p, std::size_t n) {
  std::uint64_t w = 0;
  std::memcpy(&w, p, n);
  return w;
}

}  // namespace

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t h = seed ^ kSecret[0];
  const char* p = bytes.data();
  std::size_t n = bytes.size();
  for (; n >= 16; n -= 16, p += 16) h = fold(word(p, 8) ^ kSecret[1], word(p + 8, 8) ^ h);
  if (n >= 8) h = fold(word(p, 8) ^ kSecret[1], word(p + 8, n - 8) ^ h);
  else if (n > 0) h = fold(word(p, n) ^ kSecret[2], h);
  return fold(h ^ kSecret[3], bytes.size() ^ kSecret[1]);
}

}  // namespace orrery::base
