// IP addresses and networks, as far as validation needs them. Source: k8s.io/utils/net and
// k8s.io/apimachinery/pkg/util/validation.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/api/path.h"

namespace orrery::api {

/// IPv4 addresses stand in their IPv6-mapped form, as in Go's net.IP.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4() const;
  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_link_local_unicast() const;
  bool is_link_local_multicast() const;
};

/// As ParseIPSloppy: leading zeros of IPv4 parts are accepted and decimal.
std::optional<IpAddress> parse_ip(std::string_view text);
/// True for "ADDRESS/BITS"; `v4` tells the family.
bool parse_cidr(std::string_view text, bool& v4);

void check_ip(std::string_view text, const FieldPath& path, ErrorList& errors);
void check_ipv4(std::string_view text, const FieldPath& path, ErrorList& errors);
void check_ipv6(std::string_view text, const FieldPath& path, ErrorList& errors);
void check_cidr(std::string_view text, const FieldPath& path, ErrorList& errors);
/// Addresses that make no sense as an endpoint: unspecified, loopback, link-local.
void check_non_special_ip(std::string_view text, const FieldPath& path, ErrorList& errors);

}  // namespace orrery::api
