#include "scenarios/bench/input_file.h"

#include <filesystem>

#include "model/base/str.h"

namespace orrery::scenarios::bench {

std::string find_input_file(const std::string& bench_file, const std::string& name) {
  namespace fs = std::filesystem;
  const fs::path beside = fs::path(bench_file).parent_path() / name;
  std::error_code ignored;
  if (fs::exists(name, ignored)) return name;
  return fs::exists(beside, ignored) ? beside.string() : "";
}

std::string input_file(const YamlCursor& c) {
  const std::string name = c.text();
  const std::string out = find_input_file(c.file(), name);
  if (out.empty()) c.fail(base::cat(name, ": no such file, here or beside the bench file"));
  return out;
}

}  // namespace orrery::scenarios::bench
