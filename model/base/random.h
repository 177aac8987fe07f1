// Random streams: each is a keyed function of (seed, concern, stable entity name, incarnation), never of creation order.
#pragma once
#include <cstdint>
#include <string_view>

#include "model/base/hash.h"

namespace orrery::base {

/// Key of one stream. Equal arguments give an equal key on every machine.
inline std::uint64_t stream_key(std::uint64_t seed, std::string_view concern, std::string_view entity,
                                std::uint64_t incarnation = 0) {
  return combine64(combine64(combine64(mix64(seed), hash_bytes(concern)), hash_bytes(entity)), incarnation);
}

/// splitmix64 over a counter: state is (key, number of draws), so a stream can be positioned at any draw.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t key = 0) : key_(key) {}
  /// 64 uniform bits.
  std::uint64_t next() { return at(key_, n_++); }
  /// The n-th draw of a stream without a state, for draws keyed by message number.
  static std::uint64_t at(std::uint64_t key, std::uint64_t n) {
    return mix64(key + (n + 1) * 0x9e3779b97f4a7c15ULL);
  }
  /// Uniform in [0, bound), without bias (Lemire 2019). `bound` > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1) with 53 bits.
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// Exponential with the given mean (> 0).
  double exponential(double mean);
  std::uint64_t draws() const { return n_; }

 private:
  std::uint64_t key_;
  std::uint64_t n_ = 0;
};

}  // namespace orrery::base
