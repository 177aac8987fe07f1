// The token by which a client asks for the next page of a list: base64url of
// {"v":"meta.k8s.io/v1","rv":N,"start":"KEY"}.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orrery::apiserver {

struct ContinueToken {
  std::int64_t revision = 0;  ///< -1: inconsistent, from the newest state
  std::string start;          ///< first key, relative to the collection's prefix
  std::string encode() const;
  static std::optional<ContinueToken> decode(std::string_view text);
};

}  // namespace orrery::apiserver
