#include "control/apiserver/continue_token.h"

#include "model/api/int_or_string.h"

namespace orrery::apiserver {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHead = "{\"v\":\"meta.k8s.io/v1\",\"rv\":";
constexpr std::string_view kMiddle = ",\"start\":\"";
constexpr std::string_view kTail = "\\u0000\"}\n";  // pages begin just after the last key given

std::string to_base64url(std::string_view bytes) {
  std::string out;
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : bytes) {
    word = word << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out.push_back(kAlphabet[word >> (bits - 6) & 63]);
  }
  if (bits > 0) out.push_back(kAlphabet[word << (6 - bits) & 63]);
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    word = word << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<char>(word >> bits & 255));
  }
  return out;
}

}  // namespace

std::string ContinueToken::encode() const {
  std::string json(kHead);
  json += std::to_string(revision);
  json += kMiddle;
  json += start;
  json += kTail;
  return to_base64url(json);
}

std::optional<ContinueToken> ContinueToken::decode(std::string_view text) {
  const std::optional<std::string> json = from_base64url(text);
  if (!json || !json->starts_with(kHead) || !json->ends_with(kTail)) return std::nullopt;
  const std::size_t middle = json->find(kMiddle, kHead.size());
  if (middle == std::string::npos) return std::nullopt;
  auto revision =
      api::parse_decimal(std::string_view(*json).substr(kHead.size(), middle - kHead.size()));
  const std::size_t from = middle + kMiddle.size();
  if (!revision.ok() || json->size() < from + kTail.size()) return std::nullopt;
  ContinueToken token{*revision, json->substr(from, json->size() - kTail.size() - from)};
  // A page starts inside the collection: keys climb, but never out of it.
  if (token.start.empty() || token.start.find("..") != std::string::npos ||
      token.start.front() == '/') {
    return std::nullopt;
  }
  return token;
}

}  // namespace orrery::apiserver
