#include <cstdio>
#include <deque>
#include <fstream>

#include "model/base/str.h"
#include "scenarios/load/input_error.h"
#include "scenarios/load/units.h"
#include "scenarios/run/run_directory.h"
#include "sim/kernel/event_log.h"
#include "tools/cli/commands.h"

namespace orrery::cli {
namespace {

using sim::EventLogReader;
constexpr std::size_t kContext = 3;

std::ifstream open_file(const std::string& directory, const char* name) {
  std::ifstream in(directory + name, std::ios::binary);
  if (!in) throw scenarios::InputError{directory + name, 0, "", "cannot be read"};
  return in;
}

void print(char mark, const EventLogReader::Event& e) {
  std::printf("%c %llu  t=%s  %s  %s  %016llx\n", mark, static_cast<unsigned long long>(e.number),
              scenarios::format_duration(e.time.ns).c_str(), e.owner.empty() ? "world" : e.owner.c_str(), to_string(e.kind),
              static_cast<unsigned long long>(e.content));
}

void expect_whole(const EventLogReader& reader, const std::string& directory) {
  if (!reader.ok()) throw scenarios::InputError{directory + "/kernel.events", 0, "", "is damaged"};
}

/// Names the first kernel event that differs. False when there is none.
bool diff_events(const std::string& left, const std::string& right) {
  std::ifstream file_a = open_file(left, "/kernel.events"), file_b = open_file(right, "/kernel.events");
  EventLogReader a(file_a), b(file_b);
  std::deque<EventLogReader::Event> before;
  EventLogReader::Event x, y;
  for (;;) {
    const bool more_a = a.next(x), more_b = b.next(y);
    expect_whole(a, left);
    expect_whole(b, right);
    if (!more_a && !more_b) return false;
    if (!more_a || !more_b || !(x == y)) {
      std::printf("first differing event (number, time, process, kind, content):\n");
      for (const EventLogReader::Event& e : before) print(' ', e);
      if (more_a) print('<', x);
      else std::printf("< (end)\n");
      if (more_b) print('>', y);
      else std::printf("> (end)\n");
      return true;
    }
    before.push_back(x);
    if (before.size() > kContext) before.pop_front();
  }
}

/// Names the first recorded fact that differs. False when there is none.
bool diff_facts(const std::string& left, const std::string& right) {
  std::ifstream a = open_file(left, "/events.jsonl"), b = open_file(right, "/events.jsonl");
  std::deque<std::string> before;
  std::string x, y;
  for (std::uint64_t number = 1;; ++number) {
    const bool more_a = static_cast<bool>(std::getline(a, x)), more_b = static_cast<bool>(std::getline(b, y));
    if (!more_a && !more_b) return false;
    if (!more_a || !more_b || x != y) {
      std::printf("first differing fact (line %llu of events.jsonl):\n", static_cast<unsigned long long>(number));
      for (const std::string& line : before) std::printf("  %s\n", line.c_str());
      std::printf("< %s\n> %s\n", more_a ? x.c_str() : "(end)", more_b ? y.c_str() : "(end)");
      return true;
    }
    before.push_back(x);
    if (before.size() > kContext) before.pop_front();
  }
}

}  // namespace

int diff(const std::string& left, const std::string& right) {
  const bool same_digest = scenarios::read_run_directory(left).digest == scenarios::read_run_directory(right).digest;
  const bool events = diff_events(left, right), facts = diff_facts(left, right);
  if (!events && !facts) std::printf(same_digest ? "the runs are equal\n" : "all events are equal, the digests differ\n");
  return events || facts || !same_digest;
}

}  // namespace orrery::cli
