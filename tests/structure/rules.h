// The rules of the house that a program can check. Each gives what it finds in one file.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/structure/source.h"

namespace orrery::structure {

struct Finding {
  std::string file;
  int line;
  std::string what;
};

/// Which directories a library may include, read from the link lines of CMakeLists.txt: its own and those of everything
/// it links, directly or not.
class LinkOrder {
 public:
  explicit LinkOrder(const std::string& cmake_lists);
  /// The library directory a path belongs to; empty for none.
  std::string directory_of(const std::string& path) const;
  bool may_include(const std::string& directory, const std::string& other) const;
  std::size_t size() const { return reach_.size(); }

 private:
  std::map<std::string, std::set<std::string>> reach_;
};

/// The worlds stay apart: model sees model only, control and nodes no world, worlds no product code and not each other,
/// oracles the model only, scenarios not the real world.
std::vector<Finding> check_include_directions(const Source& source);
std::vector<Finding> check_link_order(const Source& source, const LinkOrder& order);
/// Wall clock, threads, unordered containers, std randomness, locale, libm, and questions about the world, in the code
/// that has to be deterministic.
std::vector<Finding> check_banned_names(const Source& source);
/// Ordered containers keyed by addresses, same places.
std::vector<Finding> check_pointer_keys(const Source& source);
/// Mutable static or thread_local state in model/, control/ and nodes/.
std::vector<Finding> check_static_state(const Source& source);
/// At most 500 lines.
std::vector<Finding> check_length(const Source& source);
/// No path of a developer's machine.
std::vector<Finding> check_machine_paths(const Source& source);

}  // namespace orrery::structure
