#include <cstdio>
#include <deque>
#include <fstream>

#include "scenarios/load/input_error.h"
#include "scenarios/run/run_directory.h"
#include "tools/cli/commands.h"

namespace orrery::cli {
namespace {

constexpr std::size_t kContext = 3;

std::ifstream open_events(const std::string& directory) {
  scenarios::read_run_directory(directory);
  std::ifstream in(directory + "/events.jsonl", std::ios::binary);
  if (!in) throw scenarios::InputError{directory + "/events.jsonl", 0, "", "cannot be read"};
  return in;
}

}  // namespace

int diff(const std::string& left, const std::string& right) {
  std::ifstream a = open_events(left), b = open_events(right);
  std::deque<std::string> before;
  std::string x, y;
  for (std::uint64_t number = 1;; ++number) {
    const bool more_a = static_cast<bool>(std::getline(a, x)), more_b = static_cast<bool>(std::getline(b, y));
    if (!more_a && !more_b) break;
    if (more_a && more_b && x == y) {
      before.push_back(x);
      if (before.size() > kContext) before.pop_front();
      continue;
    }
    std::printf("first difference at event %llu\n", static_cast<unsigned long long>(number));
    for (const std::string& line : before) std::printf("  %s\n", line.c_str());
    std::printf("< %s\n> %s\n", more_a ? x.c_str() : "(end)", more_b ? y.c_str() : "(end)");
    return 1;
  }
  const bool same = scenarios::read_run_directory(left).digest == scenarios::read_run_directory(right).digest;
  std::printf(same ? "the runs are equal\n" : "the recorded events are equal, the digests differ\n");
  return same ? 0 : 1;
}

}  // namespace orrery::cli
