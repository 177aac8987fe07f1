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

void print(char mark, const std::string& line) { std::printf("%c %s\n", mark, line.c_str()); }

/// Walks both sides until they differ, then prints `title(number)`, what came before, and both. `next_a(item)` is false at the
/// end. False when there is no difference.
template <class Item, class Next, class Title>
bool print_first_difference(Next next_a, Next next_b, Title title) {
  std::deque<Item> before;
  Item x, y;
  for (std::uint64_t number = 1;; ++number) {
    const bool more_a = next_a(x), more_b = next_b(y);
    if (!more_a && !more_b) return false;
    if (more_a && more_b && x == y) {
      before.push_back(x);
      if (before.size() > kContext) before.pop_front();
      continue;
    }
    title(number);
    for (const Item& item : before) print(' ', item);
    if (more_a) print('<', x);
    else std::printf("< (end)\n");
    if (more_b) print('>', y);
    else std::printf("> (end)\n");
    return true;
  }
}

/// Names the first kernel event that differs. False when there is none.
bool diff_events(const std::string& left, const std::string& right) {
  std::ifstream file_a = open_file(left, "/kernel.events"), file_b = open_file(right, "/kernel.events");
  EventLogReader a(file_a), b(file_b);
  const auto reading = [](EventLogReader& reader, const std::string& directory) {
    return [&reader, &directory](EventLogReader::Event& e) {
      const bool more = reader.next(e);
      if (!reader.ok()) throw scenarios::InputError{directory + "/kernel.events", 0, "", "is damaged"};
      return more;
    };
  };
  return print_first_difference<EventLogReader::Event>(reading(a, left), reading(b, right), [](std::uint64_t) {
    std::printf("first differing event (number, time, process, kind, content):\n");
  });
}

/// Names the first recorded fact that differs. False when there is none.
bool diff_facts(const std::string& left, const std::string& right) {
  std::ifstream a = open_file(left, "/events.jsonl"), b = open_file(right, "/events.jsonl");
  const auto reading = [](std::ifstream& in) {
    return [&in](std::string& line) { return static_cast<bool>(std::getline(in, line)); };
  };
  return print_first_difference<std::string>(reading(a), reading(b), [](std::uint64_t number) {
    std::printf("first differing fact (line %llu of events.jsonl):\n", static_cast<unsigned long long>(number));
  });
}

}  // namespace

int diff(const std::string& left, const std::string& right) {
  const bool same_digest = scenarios::read_run_directory(left).digest == scenarios::read_run_directory(right).digest;
  const bool events = diff_events(left, right), facts = diff_facts(left, right);
  if (!events && !facts) std::printf(same_digest ? "the runs are equal\n" : "all events are equal, the digests differ\n");
  return events || facts || !same_digest;
}

}  // namespace orrery::cli
