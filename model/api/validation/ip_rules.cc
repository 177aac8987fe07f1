#include "model/api/validation/ip_rules.h"

#include <algorithm>

#include "model/base/str.h"

namespace orrery::api {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// Digits up to `max`; -1 when the text is not such a number.
int parse_number(std::string_view text, int max) {
  if (text.empty() || text.size() > 10) return -1;
  long value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
    if (value > max) return -1;
  }
  return static_cast<int>(value);
}

bool parse_v4(std::string_view text, std::uint8_t* out) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return false;
    const int value = parse_number(text.substr(0, dot), 255);
    if (value < 0) return false;
    out[part] = static_cast<std::uint8_t>(value);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return text.empty();
}

int parse_hex(std::string_view text) {
  if (text.empty() || text.size() > 4) return -1;
  int value = 0;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/// One side of "::", or the whole address; the number of bytes written, or -1.
int parse_groups(std::string_view text, std::uint8_t* out, int room) {
  int at = 0;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos)
      return at + 4 <= room && parse_v4(group, out + at) ? at + 4 : -1;
    const int value = parse_hex(group);
    if (value < 0 || at + 2 > room) return -1;
    out[at++] = static_cast<std::uint8_t>(value >> 8);
    out[at++] = static_cast<std::uint8_t>(value & 0xff);
    if (colon == std::string_view::npos) return at;
    text.remove_prefix(colon + 1);
    if (text.empty()) return -1;
  }
  return at;
}

std::optional<IpAddress> parse_v6(std::string_view text) {
  IpAddress ip;
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (parse_groups(text, ip.bytes.data(), 16) != 16) return std::nullopt;
    return ip;
  }
  if (text.find("::", gap + 1) != std::string_view::npos) return std::nullopt;
  std::array<std::uint8_t, 16> tail{};
  const int head = parse_groups(text.substr(0, gap), ip.bytes.data(), 14);
  const int rest = parse_groups(text.substr(gap + 2), tail.data(), 14);
  if (head < 0 || rest < 0 || head + rest > 14) return std::nullopt;
  std::copy_n(tail.begin(), rest, ip.bytes.end() - rest);
  return ip;
}

}  // namespace

bool IpAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

bool IpAddress::is_unspecified() const {
  const std::size_t from = is_v4() ? 12 : 0;
  return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(),
                     [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  return bytes[15] == 1 && std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::is_link_local_unicast() const {
  if (is_v4()) return bytes[12] == 169 && bytes[13] == 254;
  return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

bool IpAddress::is_link_local_multicast() const {
  if (is_v4()) return bytes[12] == 224 && bytes[13] == 0 && bytes[14] == 0;
  return bytes[0] == 0xff && (bytes[1] & 0x0f) == 0x02;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  IpAddress ip;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), ip.bytes.begin());
  if (!parse_v4(text, ip.bytes.data() + 12)) return std::nullopt;
  return ip;
}

bool parse_cidr(std::string_view text, bool& v4) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const auto ip = parse_ip(text.substr(0, slash));
  if (!ip) return false;
  v4 = text.find(':') == std::string_view::npos;
  return parse_number(text.substr(slash + 1), v4 ? 32 : 128) >= 0;
}

void check_ip(std::string_view text, const FieldPath& path, ErrorList& errors) {
  if (!parse_ip(text))
    errors.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
}

void check_ipv4(std::string_view text, const FieldPath& path, ErrorList& errors) {
  const auto ip = parse_ip(text);
  if (!ip || !ip->is_v4()) errors.invalid(path, text, "must be a valid IPv4 address");
}

void check_ipv6(std::string_view text, const FieldPath& path, ErrorList& errors) {
  const auto ip = parse_ip(text);
  if (!ip || ip->is_v4()) errors.invalid(path, text, "must be a valid IPv6 address");
}

void check_cidr(std::string_view text, const FieldPath& path, ErrorList& errors) {
  bool v4 = false;
  if (!parse_cidr(text, v4))
    errors.invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
}

void check_non_special_ip(std::string_view text, const FieldPath& path, ErrorList& errors) {
  const auto ip = parse_ip(text);
  if (!ip) return errors.invalid(path, text, "must be a valid IP address");
  if (ip->is_unspecified()) errors.invalid(path, text, base::cat("may not be unspecified (", text, ")"));
  if (ip->is_loopback())
    errors.invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
  if (ip->is_link_local_unicast())
    errors.invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  if (ip->is_link_local_multicast())
    errors.invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

}  // namespace orrery::api
