// Hashes whose values are the same on every machine, compiler and run.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace orrery::base {

/// Finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection that mixes every input bit into every output bit.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

constexpr std::uint64_t combine64(std::uint64_t h, std::uint64_t v) {
  return mix64((h ^ v) + 0x9e3779b97f4a7c15ULL + (h << 6));
}

/// 64-bit hash of bytes by folded multiplications (as in Wang Yi's wyhash), little-endian words. Not cryptographic.
std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0);

/// A rolling digest: the order of the added values matters.
class Digest {
 public:
  void add(std::uint64_t v) { h_ = combine64(h_, v); }
  void add(std::string_view s) { add(hash_bytes(s)); }
  std::uint64_t value() const { return h_; }

 private:
  std::uint64_t h_ = 0x6f72726572790001ULL;
};

}  // namespace orrery::base
