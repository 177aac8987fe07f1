// YamlCursor: a YAML node with its file and path, read through checks that name the line of whatever is wrong.
#pragma once
#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "model/base/result.h"
#include "model/base/time.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios {

/// All readers throw InputError.
class YamlCursor {
 public:
  YamlCursor(YAML::Node node, std::string file, std::string path = {}, int line = 0);

  /// Requires a map whose keys are all among `allowed`, each at most once.
  const YamlCursor& keys(std::initializer_list<const char*> allowed) const;
  bool has(const char* key) const;
  /// The value of a key; it must be there.
  YamlCursor at(const char* key) const;
  /// Requires a sequence.
  std::vector<YamlCursor> items() const;
  struct Entry;
  /// Requires a map; in the order of the file.
  std::vector<Entry> entries() const;

  bool is_map() const { return node_.IsMap(); }
  bool is_sequence() const { return node_.IsSequence(); }
  bool is_scalar() const { return node_.IsScalar(); }

  std::string text() const;                  ///< a non-empty scalar
  bool boolean() const;
  std::int64_t integer(std::int64_t min, std::int64_t max) const;
  double number(double min, double max) const;
  base::Nanos duration() const;
  double rate() const;
  std::int64_t bandwidth() const;
  std::int64_t bytes() const;
  std::int64_t milli_cpu() const;
  std::string one_of(std::initializer_list<const char*> allowed) const;
  std::vector<std::string> texts() const;    ///< a sequence of scalars, or one scalar

  // With a default for an absent key.
  std::string text_or(const char* key, std::string otherwise) const { return has(key) ? at(key).text() : otherwise; }
  base::Nanos duration_or(const char* key, base::Nanos otherwise) const { return has(key) ? at(key).duration() : otherwise; }
  std::int64_t integer_or(const char* key, std::int64_t otherwise, std::int64_t min, std::int64_t max) const {
    return has(key) ? at(key).integer(min, max) : otherwise;
  }
  bool boolean_or(const char* key, bool otherwise) const { return has(key) ? at(key).boolean() : otherwise; }

  [[noreturn]] void fail(const std::string& what) const;
  const YAML::Node& node() const { return node_; }
  const std::string& file() const { return file_; }
  const std::string& path() const { return path_; }
  int line() const { return line_; }

 private:
  template <class T>
  T checked(base::Result<T> r) const {
    if (!r.ok()) fail(r.error().message);
    return std::move(*r);
  }
  YAML::Node node_;
  std::string file_, path_;
  int line_;
};

struct YamlCursor::Entry {
  std::string key;
  YamlCursor value;
};

/// Reads one YAML file. Throws InputError when it is missing, unreadable, over 16 MiB or not YAML.
YamlCursor read_yaml_file(const std::string& file);
/// The bytes of a file; throws as above, for a file over `max_mib`.
std::string read_text_file(const std::string& file, const std::string& named_by_file = {}, int named_by_line = 0,
                           std::size_t max_mib = 16);

}  // namespace orrery::scenarios
