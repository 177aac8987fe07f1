#include "model/api/names.h"

#include <initializer_list>

#include "model/base/ascii.h"
#include "model/base/random.h"
#include "model/base/str.h"

namespace orrery::api {
namespace {

constexpr std::string_view kLabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
constexpr std::string_view kSubdomainFormat =
    "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
constexpr std::string_view kQualifiedFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
constexpr std::string_view kQualifiedText =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character";

using base::is_alpha;
using base::is_digit;
using base::is_lower;

bool is_lower_alnum(char c) { return is_lower(c) || is_digit(c); }
bool is_alnum(char c) { return is_alpha(c) || is_digit(c); }

template <class F>
bool all(std::string_view s, F ok) {
  for (const char c : s) {
    if (!ok(c)) return false;
  }
  return true;
}

// An alphanumeric at both ends, `inner` between.
template <class End, class Inner>
bool framed(std::string_view s, End end, Inner inner) {
  return !s.empty() && end(s.front()) && end(s.back()) && all(s, inner);
}

bool is_label(std::string_view s) {
  return framed(s, is_lower_alnum, [](char c) { return is_lower_alnum(c) || c == '-'; });
}

// An underscore may lead a label, but not be all of it.
bool is_label_with_underscore(std::string_view s) {
  if (!s.empty() && s.front() == '_') s.remove_prefix(1);
  return framed(s, is_lower_alnum, [](char c) { return is_lower_alnum(c) || c == '-' || c == '_'; });
}

template <class F>
bool dotted(std::string_view s, F label) {
  for (;;) {
    const std::size_t dot = s.find('.');
    if (!label(s.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    s.remove_prefix(dot + 1);
  }
}

bool is_subdomain(std::string_view s) { return dotted(s, is_label); }

bool is_qualified_part(std::string_view s) {
  return framed(s, is_alnum, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

std::string regex_message(std::string_view text, std::string_view format,
                          std::initializer_list<std::string_view> examples) {
  std::string out(text);
  out += " (";
  bool first = true;
  for (const std::string_view e : examples) {
    out += base::cat(first ? "e.g. '" : " or '", e, "', ");
    first = false;
  }
  return out + base::cat("regex used for validation is '", format, "')");
}

std::string qualified_message() {
  return regex_message(kQualifiedText, kQualifiedFormat, {"MyName", "my.name", "123-abc"});
}

void add_max_length(Messages& out, std::string_view value, std::size_t max) {
  if (value.size() > max) out.push_back(max_length_message(max));
}

void add_directory_change(Messages& out, std::string_view value) {
  if (value == ".") out.emplace_back("must not be '.'");
  else if (value == "..") out.emplace_back("must not be '..'");
  else if (value.starts_with("..")) out.emplace_back("must not start with '..'");
}

}  // namespace

std::string max_length_message(std::size_t length) {
  return base::cat("must be no more than ", std::to_string(length), " characters");
}

std::string inclusive_range_message(std::int64_t lo, std::int64_t hi) {
  return base::cat("must be between ", std::to_string(lo), " and ", std::to_string(hi), ", inclusive");
}

Messages validate_dns1123_label(std::string_view value) {
  Messages out;
  add_max_length(out, value, kDns1123LabelMax);
  if (is_label(value)) return out;
  if (is_subdomain(value)) {
    out.emplace_back("must not contain dots");
  } else {
    out.push_back(regex_message(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
        "must start and end with an alphanumeric character",
        kLabelFormat, {"my-name", "123-abc"}));
  }
  return out;
}

Messages validate_dns1123_subdomain(std::string_view value) {
  Messages out;
  add_max_length(out, value, kDns1123SubdomainMax);
  if (!is_subdomain(value)) {
    out.push_back(regex_message(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
        "'.', and must start and end with an alphanumeric character",
        kSubdomainFormat, {"example.com"}));
  }
  return out;
}

Messages validate_dns1123_subdomain_with_underscore(std::string_view value) {
  Messages out;
  add_max_length(out, value, kDns1123SubdomainMax);
  if (!dotted(value, is_label_with_underscore)) {
    out.push_back(regex_message(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' "
        "or '.', and must start and end with an alphanumeric character",
        "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*", {"example.com"}));
  }
  return out;
}

Messages validate_wildcard_dns1123_subdomain(std::string_view value) {
  Messages out;
  add_max_length(out, value, kDns1123SubdomainMax);
  if (!value.starts_with("*.") || !is_subdomain(value.substr(2))) {
    out.push_back(regex_message(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which "
        "must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric "
        "character",
        base::cat("\\*\\.", kSubdomainFormat), {"*.example.com"}));
  }
  return out;
}

Messages validate_dns1035_label(std::string_view value) {
  Messages out;
  add_max_length(out, value, kDns1035LabelMax);
  if (!is_label(value) || !is_lower(value.front())) {
    out.push_back(regex_message(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
        "alphabetic character, and end with an alphanumeric character",
        "[a-z]([-a-z0-9]*[a-z0-9])?", {"my-name", "abc-123"}));
  }
  return out;
}

Messages validate_qualified_name(std::string_view value) {
  Messages out;
  std::string_view name = value;
  const std::size_t slash = value.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view prefix = value.substr(0, slash);
    name = value.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) {
      out.push_back(base::cat("a qualified name ", qualified_message(),
                              " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"));
      return out;
    }
    if (prefix.empty()) out.push_back(base::cat("prefix part ", kEmptyMessage));
    else for (const std::string& m : validate_dns1123_subdomain(prefix)) out.push_back("prefix part " + m);
  }
  if (name.empty()) out.push_back(base::cat("name part ", kEmptyMessage));
  else if (name.size() > kQualifiedNameMax)
    out.push_back("name part " + max_length_message(kQualifiedNameMax));
  if (!is_qualified_part(name)) {
    out.push_back("name part " + qualified_message());
  }
  return out;
}

Messages validate_label_value(std::string_view value) {
  Messages out;
  add_max_length(out, value, kLabelValueMax);
  if (!value.empty() && !is_qualified_part(value)) {
    out.push_back(regex_message(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
        "and must start and end with an alphanumeric character",
        base::cat("(", kQualifiedFormat, ")?"), {"MyValue", "my_value", "12345"}));
  }
  return out;
}

Messages validate_c_identifier(std::string_view value) {
  const bool ok = !value.empty() && !is_digit(value.front()) &&
                  all(value, [](char c) { return is_alnum(c) || c == '_'; });
  if (ok) return {};
  return {regex_message(
      "a valid C identifier must start with alphabetic character or '_', followed by a string of "
      "alphanumeric characters or '_'",
      "[A-Za-z_][A-Za-z0-9_]*", {"my_name", "MY_NAME", "MyName"})};
}

Messages validate_env_var_name(std::string_view value) {
  Messages out;
  const bool ok = !value.empty() && !is_digit(value.front()) &&
                  all(value, [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
  if (!ok) {
    out.push_back(regex_message(
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or "
        "'.', and must not start with a digit",
        "[-._a-zA-Z][-._a-zA-Z0-9]*", {"my.env-name", "MY_ENV.NAME", "MyEnvName1"}));
  }
  add_directory_change(out, value);
  return out;
}

Messages validate_relaxed_env_var_name(std::string_view value) {
  Messages out;
  if (value.empty()) out.push_back(base::cat("environment variable name ", kEmptyMessage));
  if (!all(value, [](char c) { return c >= 0x20 && c < 0x7F && c != '='; })) {
    out.emplace_back(
        "a valid environment variable name must consist only of printable ASCII characters other than '='");
  }
  return out;
}

Messages validate_config_map_key(std::string_view value) {
  Messages out;
  add_max_length(out, value, kDns1123SubdomainMax);
  if (value.empty() || !all(value, [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; })) {
    out.push_back(regex_message("a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                                "[-._a-zA-Z0-9]+", {"key.name", "KEY_NAME", "key-name"}));
  }
  add_directory_change(out, value);
  return out;
}

Messages validate_path_segment_prefix(std::string_view prefix) {
  Messages out;
  for (const std::string_view illegal : {"/", "%"}) {
    if (prefix.find(illegal) == std::string_view::npos) continue;
    out.push_back(base::cat("may not contain '", illegal, "'"));
  }
  return out;
}

Messages validate_path_segment_name(std::string_view name) {
  if (name == "." || name == "..") return {base::cat("may not be '", name, "'")};
  return validate_path_segment_prefix(name);
}

Messages validate_port_name(std::string_view value) {
  Messages out;
  add_max_length(out, value, kPortNameMax);
  if (value.empty() || !all(value, [](char c) { return is_lower_alnum(c) || c == '-'; })) {
    out.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (all(value, [](char c) { return !is_lower(c); })) {
    out.emplace_back("must contain at least one letter (a-z)");
  }
  if (value.find("--") != std::string_view::npos) out.emplace_back("must not contain consecutive hyphens");
  if (!value.empty() && (value.front() == '-' || value.back() == '-')) {
    out.emplace_back("must not begin or end with a hyphen");
  }
  return out;
}

Messages validate_in_range(std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value >= min && value <= max) return {};
  return {inclusive_range_message(min, max)};
}

Messages validate_port_number(std::int64_t port) { return validate_in_range(port, 1, 65535); }
Messages validate_user_id(std::int64_t id) { return validate_in_range(id, 0, 2147483647); }
Messages validate_group_id(std::int64_t id) { return validate_in_range(id, 0, 2147483647); }

Messages validate_percent(std::string_view value) {
  if (value.size() >= 2 && value.back() == '%' && all(value.substr(0, value.size() - 1), is_digit)) return {};
  return {regex_message("a valid percent string must be a numeric string followed by an ending '%'",
                        "[0-9]+%", {"1%", "93%"})};
}

Messages validate_http_header_name(std::string_view value) {
  if (!value.empty() && all(value, [](char c) { return is_alnum(c) || c == '-'; })) return {};
  return {regex_message("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+",
                        {"X-Header-Name"})};
}

std::string safe_encode_string(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = kNameAlphabet[static_cast<unsigned char>(c) % kNameAlphabet.size()];
  return out;
}

std::string random_suffix(base::RandomStream& random, std::size_t n) {
  std::string out(n, ' ');
  for (char& c : out) c = kNameAlphabet[random.below(kNameAlphabet.size())];
  return out;
}

std::string generate_name(base::RandomStream& random, std::string_view prefix) {
  constexpr std::size_t kRandomLength = 5;
  constexpr std::size_t kMaxPrefix = 63 - kRandomLength;
  return base::cat(prefix.substr(0, kMaxPrefix), random_suffix(random, kRandomLength));
}

}  // namespace orrery::api
