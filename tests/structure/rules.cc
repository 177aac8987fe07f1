#include "tests/structure/rules.h"

#include <algorithm>
#include <sstream>

namespace orrery::structure {
namespace {

constexpr int kMaxLines = 500;

struct Direction {
  const char* from;
  std::vector<const char*> to;
};

// The longest match of `from` decides; tools and tests may see everything.
const std::vector<Direction> kDirections{
    {"model/", {"model/"}},
    {"control/", {"model/", "control/"}},
    {"nodes/", {"model/", "control/client/", "nodes/"}},
    {"sim/", {"model/", "sim/"}},
    {"real/", {"model/", "real/"}},
    {"scenarios/", {"model/", "control/", "nodes/", "sim/", "scenarios/"}},
    {"scenarios/oracles/", {"model/", "scenarios/oracles/"}},
};

const Direction* direction_of(const std::string& path) {
  const Direction* best = nullptr;
  for (const Direction& d : kDirections) {
    if (path.starts_with(d.from) && (!best || std::string_view(d.from).size() > std::string_view(best->from).size())) best = &d;
  }
  return best;
}

bool is_deterministic(const Source& s) {
  const char* const roots[] = {"model/", "control/", "nodes/", "sim/", "scenarios/"};
  return s.is_cxx() && std::any_of(std::begin(roots), std::end(roots), [&](const char* r) { return s.path.starts_with(r); });
}

// A name with a trailing '_' matches every word that goes on there.
const std::vector<const char*> kBannedWords{
    "system_clock", "steady_clock", "high_resolution_clock", "clock_gettime", "gettimeofday", "std::clock", "sleep_for",
    "std::thread", "std::jthread", "std::async", "std::mutex", "std::shared_mutex", "std::recursive_mutex",
    "std::condition_variable", "std::atomic", "unordered_", "std::hash", "random_device", "mt19937", "mt19937_64",
    "default_random_engine", "minstd_rand", "std::shuffle", "std::sample", "rand", "srand", "drand48",
    "lrand48", "getrandom", "getentropy", "setlocale", "std::locale", "getenv", "std::exp", "std::log", "std::log2", "std::log10",
    "std::pow", "std::exp2", "std::sin", "std::cos", "std::tan", "pthread_", "flat_hash_", "node_hash_",
};

std::size_t find_banned(std::string_view code, std::string_view name, std::size_t from) {
  for (std::size_t at = code.find(name, from); at != code.npos; at = code.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool starts = at == 0 || !is_word(code[at - 1]);
    const bool ends = name.back() == '_' || end >= code.size() || !is_word(code[end]);
    if (starts && ends) return at;
  }
  return code.npos;
}

/// Anything of the standard library called ..._distribution.
std::vector<Finding> find_distributions(const Source& s) {
  std::vector<Finding> out;
  const std::string_view suffix = "_distribution";
  for (std::size_t at = s.code.find(suffix); at != s.code.npos; at = s.code.find(suffix, at + 1)) {
    const std::size_t end = at + suffix.size();
    std::size_t start = at;
    while (start > 0 && is_word(s.code[start - 1])) --start;
    const bool whole = end == s.code.size() || !is_word(s.code[end]);
    if (whole && std::string_view(s.code).substr(0, start).ends_with("std::")) {
      out.push_back({s.path, s.line_of(at), "banned name _distribution"});
    }
  }
  return out;
}

/// time(nullptr) and its like; a declaration or a method of that name is none.
std::vector<Finding> find_c_time(const Source& s) {
  std::vector<Finding> out;
  for (std::size_t at = find_word(s.code, "time"); at != s.code.npos; at = find_word(s.code, "time", at + 1)) {
    const std::size_t open = s.code.find_first_not_of(' ', at + 4);
    if (open == s.code.npos || s.code[open] != '(') continue;
    const std::string_view before = std::string_view(s.code).substr(0, at);
    const std::size_t first = s.code.find_first_not_of(" \n", open + 1);
    const std::string_view argument = std::string_view(s.code).substr(std::min(first, s.code.size()));
    const bool pointer = argument.starts_with("nullptr") || argument.starts_with("NULL") || argument.starts_with("0") ||
                         argument.starts_with("&");
    if (before.ends_with("std::") || pointer) out.push_back({s.path, s.line_of(at), "banned name time()"});
  }
  return out;
}

}  // namespace

std::vector<Finding> check_include_directions(const Source& s) {
  std::vector<Finding> out;
  const Direction* d = direction_of(s.path);
  if (!d || !s.is_cxx()) return out;
  for (const auto& include : s.includes) {
    const bool allowed = std::any_of(d->to.begin(), d->to.end(), [&](const char* to) { return include.file.starts_with(to); });
    if (!allowed) out.push_back({s.path, include.line, std::string(d->from) + " may not include " + include.file});
  }
  return out;
}

LinkOrder::LinkOrder(const std::string& cmake_lists) {
  std::map<std::string, std::set<std::string>> reach;  // of every library so far
  std::map<std::string, std::string> owner;            // of every directory
  std::string text = cmake_lists;
  std::replace(text.begin(), text.end(), '(', ' ');
  std::istringstream lines(text);
  std::string line, more;
  // Libraries are declared after what they link, so one pass reaches everything.
  while (std::getline(lines, line)) {
    if (!line.starts_with("orrery_library ") && !line.starts_with("target_link_libraries ")) continue;
    while (line.find(')') == line.npos && std::getline(lines, more)) line += " " + more;
    std::istringstream words(line.substr(0, line.find(')')));
    std::string command, library, word;
    words >> command >> library;
    bool links = command == "target_link_libraries";
    while (words >> word) {
      if (word == "DIRS" || word == "LINKS") {
        links = word == "LINKS";
      } else if (links) {
        const std::set<std::string> linked = reach[word];
        reach[library].insert(linked.begin(), linked.end());
      } else {
        reach[library].insert(word);
        owner[word] = library;
      }
    }
  }
  for (const auto& [dir, library] : owner) reach_[dir] = reach[library];
}

std::string LinkOrder::directory_of(const std::string& path) const {
  std::string best;
  for (const auto& [dir, reach] : reach_) {
    if (path.starts_with(dir + "/") && dir.size() > best.size()) best = dir;
  }
  return best;
}

bool LinkOrder::may_include(const std::string& directory, const std::string& other) const {
  return reach_.at(directory).count(other) > 0;
}

std::vector<Finding> check_link_order(const Source& s, const LinkOrder& order) {
  std::vector<Finding> out;
  const std::string own = order.directory_of(s.path);
  if (own.empty() || !s.is_cxx()) return out;
  for (const auto& include : s.includes) {
    const std::string other = order.directory_of(include.file);
    if (other.empty()) out.push_back({s.path, include.line, "no library holds " + include.file});
    else if (!order.may_include(own, other)) out.push_back({s.path, include.line, own + " does not link " + other});
  }
  return out;
}

std::vector<Finding> check_banned_names(const Source& s) {
  std::vector<Finding> out;
  if (!is_deterministic(s)) return out;
  for (const char* name : kBannedWords) {
    for (std::size_t at = find_banned(s.code, name, 0); at != s.code.npos; at = find_banned(s.code, name, at + 1)) {
      out.push_back({s.path, s.line_of(at), std::string("banned name ") + name});
    }
  }
  for (std::size_t at = s.code.find("is_simulated"); at != s.code.npos; at = s.code.find("is_simulated", at + 1)) {
    out.push_back({s.path, s.line_of(at), "banned name is_simulated"});
  }
  for (Finding& f : find_distributions(s)) out.push_back(std::move(f));
  for (Finding& f : find_c_time(s)) out.push_back(std::move(f));
  return out;
}

std::vector<Finding> check_pointer_keys(const Source& s) {
  std::vector<Finding> out;
  if (!is_deterministic(s)) return out;
  const char* const containers[] = {"BTreeMap<", "BTreeSet<", "SortedMap<", "SortedSet<", "btree_map<", "btree_set<",
                                    "std::map<", "std::set<", "std::multimap<", "std::multiset<", "std::less<"};
  for (const char* name : containers) {
    for (std::size_t at = find_word(s.code, name); at != s.code.npos; at = find_word(s.code, name, at + 1)) {
      const std::size_t start = at + std::string_view(name).size();
      std::size_t end = start;
      for (int depth = 0; end < s.code.size(); ++end) {
        const char c = s.code[end];
        if (depth == 0 && (c == ',' || c == '>')) break;
        depth += (c == '<' || c == '(') - (c == '>' || c == ')');
      }
      const std::string key = s.code.substr(start, end - start);
      const bool address = key.find('*') != key.npos || key.find("shared_ptr<") != key.npos ||
                           key.find("unique_ptr<") != key.npos || key.find("Ref<") != key.npos;
      if (address) out.push_back({s.path, s.line_of(at), std::string(name) + key + "...> is ordered by address"});
    }
  }
  return out;
}

std::vector<Finding> check_length(const Source& s) {
  if (!s.is_cxx() || s.line_count() <= kMaxLines) return {};
  return {{s.path, kMaxLines, "file has " + std::to_string(s.line_count()) + " lines, " + std::to_string(kMaxLines) + " at most"}};
}

std::vector<Finding> check_machine_paths(const Source& s) {
  std::vector<Finding> out;
  // In pieces, or this file would find itself.
  const std::string paths[] = {std::string("/wo") + "rk/", std::string("/ro") + "ot/", std::string("/ho") + "me/"};
  for (const std::string& path : paths) {
    for (std::size_t at = s.text.find(path); at != s.text.npos; at = s.text.find(path, at + 1)) {
      const bool relative = at > 0 && (is_word(s.text[at - 1]) || s.text[at - 1] == '.' || s.text[at - 1] == '}');
      if (!relative) out.push_back({s.path, s.line_of(at), "machine path " + path});
    }
  }
  return out;
}

}  // namespace orrery::structure
