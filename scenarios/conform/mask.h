// Masker: texts without their random parts, so that two runs can be compared.
#pragma once
#include <set>
#include <string>
#include <string_view>

namespace orrery::scenarios::conform {

inline constexpr std::size_t kUidLength = 36;
/// 8-4-4-4-12 lower-case hexadecimal digits.
bool is_uid(std::string_view s);

class Masker {
 public:
  /// `name` looks drawn and is not: it stays, also at the beginning of a drawn name (NAME-SUFFIX).
  void keep(std::string_view name) { kept_.emplace(name); }
  /// Drawn suffixes become "*", uids "UID", times "TIME", IPv4 addresses "IP".
  std::string operator()(std::string_view text) const;

 private:
  void append_word(std::string_view word, std::string& out) const;

  std::set<std::string, std::less<>> kept_;
};

/// The last "-" and at least five characters of Kubernetes' alphabet for drawn names
/// (k8s.io/apimachinery/pkg/util/rand), or npos.
std::size_t drawn_suffix(std::string_view word);

}  // namespace orrery::scenarios::conform
