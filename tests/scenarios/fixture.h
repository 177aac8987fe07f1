// What tests of scenarios share: a scenario as a file for a moment, and what failed in a run.
#pragma once
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "scenarios/run/runner.h"

namespace orrery::scenarios_test {

class TemporaryFile {
 public:
  TemporaryFile() {
    char name[] = "/tmp/orrery-scenario-XXXXXX";
    const int fd = mkstemp(name);
    REQUIRE(fd >= 0);
    close(fd);
    path_ = name;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::remove(path_.c_str()); }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::trunc) << text; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A line for each verdict that failed: what, and what was measured.
inline std::string failures(const scenarios::RunResult& r) {
  std::string out;
  for (const scenarios::Verdict& v : r.verdicts)
    if (!v.ok) out += v.what + ": " + v.measured + "\n";
  return out;
}

}  // namespace orrery::scenarios_test
