// Masker: texts without their random parts, so that two runs can be compared.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace orrery::scenarios::conform {

class Masker {
 public:
  /// `name` is called `alias` from now on, and names made from it (NAME-SUFFIX) begin with the alias.
  void alias(std::string_view name, std::string alias) { aliases_.emplace(name, std::move(alias)); }
  /// Drawn suffixes become "*", uids "UID", times "TIME", IPv4 addresses "IP".
  std::string operator()(std::string_view text) const;

 private:
  void append_word(std::string_view word, std::string& out) const;

  std::map<std::string, std::string, std::less<>> aliases_;
};

/// The last "-" and at least five characters of Kubernetes' alphabet for drawn names
/// (k8s.io/apimachinery/pkg/util/rand), or npos.
std::size_t drawn_suffix(std::string_view word);

}  // namespace orrery::scenarios::conform
