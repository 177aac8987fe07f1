// Rules for names, labels and keys, as k8s.io/apimachinery/pkg/util/validation and pkg/api/validation/path.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::base {
class RandomStream;
}

namespace orrery::api {

inline constexpr std::size_t kDns1123LabelMax = 63;
inline constexpr std::size_t kDns1123SubdomainMax = 253;
inline constexpr std::size_t kDns1035LabelMax = 63;
inline constexpr std::size_t kLabelValueMax = 63;
inline constexpr std::size_t kQualifiedNameMax = 63;
inline constexpr std::size_t kPortNameMax = 15;

/// What is wrong with a name, in upstream's words; empty when it is valid (and then nothing was allocated).
using Messages = std::vector<std::string>;

Messages validate_dns1123_label(std::string_view value);
Messages validate_dns1123_subdomain(std::string_view value);
Messages validate_dns1123_subdomain_with_underscore(std::string_view value);
Messages validate_wildcard_dns1123_subdomain(std::string_view value);
Messages validate_dns1035_label(std::string_view value);
/// Keys of labels and annotations, names of resources: [subdomain/]name.
Messages validate_qualified_name(std::string_view value);
Messages validate_label_value(std::string_view value);
Messages validate_c_identifier(std::string_view value);
Messages validate_env_var_name(std::string_view value);
/// The rule with RelaxedEnvironmentVariableValidation: printable ASCII without '='.
Messages validate_relaxed_env_var_name(std::string_view value);
/// Keys of ConfigMap and Secret.
Messages validate_config_map_key(std::string_view value);
/// Names used as one segment of a URL path (most cluster roles, ...): not ".", "..", no '/' and no '%'.
Messages validate_path_segment_name(std::string_view name);
/// As validate_path_segment_name for a generateName: only the forbidden characters count.
Messages validate_path_segment_prefix(std::string_view prefix);
/// IANA_SVC_NAME.
Messages validate_port_name(std::string_view value);
Messages validate_port_number(std::int64_t port);
Messages validate_in_range(std::int64_t value, std::int64_t min, std::int64_t max);
Messages validate_user_id(std::int64_t id);
Messages validate_group_id(std::int64_t id);
Messages validate_percent(std::string_view value);
Messages validate_http_header_name(std::string_view value);

/// The texts themselves, for rules that live elsewhere.
std::string max_length_message(std::size_t length);
std::string inclusive_range_message(std::int64_t lo, std::int64_t hi);
inline constexpr std::string_view kEmptyMessage = "must be non-empty";

/// The alphabet of generated names: no vowels and no look-alikes.
inline constexpr std::string_view kNameAlphabet = "bcdfghjklmnpqrstvwxz2456789";
/// Every byte replaced by the letter at its value modulo the alphabet, so that hashes make no words.
std::string safe_encode_string(std::string_view text);
/// `n` letters of the alphabet, one draw each.
std::string random_suffix(base::RandomStream& random, std::size_t n);
/// metadata.generateName: `prefix` cut to 58 bytes and five random letters.
std::string generate_name(base::RandomStream& random, std::string_view prefix);

}  // namespace orrery::api
