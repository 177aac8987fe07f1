#include "scenarios/batch/batsim.h"

#include <algorithm>
#include <cmath>

#include "model/base/btree_map.h"
#include "model/base/str.h"

namespace orrery::scenarios::batch {
namespace {

using base::cat;

constexpr double kLongest = 4e9;  // seconds
constexpr std::int64_t kMostProcessors = std::int64_t{1} << 40;
constexpr int kMostNesting = 32;

Nanos seconds(const YamlCursor& c, double min) { return static_cast<Nanos>(std::llround(c.number(min, kLongest) * 1e9)); }

class Profiles {
 public:
  explicit Profiles(const YamlCursor& map) {
    for (YamlCursor::Entry& e : map.entries()) profiles_.emplace(std::move(e.key), std::move(e.value));
  }

  /// `by`: who names the profile.
  Nanos duration(const YamlCursor& by, int nesting = 0) {
    const std::string name = by.text();
    if (const auto known = durations_.find(name); known != durations_.end()) return known->second;
    const auto found = profiles_.find(name);
    if (found == profiles_.end()) by.fail(cat("no such profile: ", name));
    if (nesting > kMostNesting) by.fail("profiles are composed of themselves");
    const Nanos d = read(found->second, nesting);
    durations_.emplace(name, d);
    return d;
  }

 private:
  Nanos read(const YamlCursor& profile, int nesting) {
    const YamlCursor type = profile.at("type");
    const std::string name = type.text();
    if (name == "delay" || name == "DelayProfile") return seconds(profile.at("delay"), 0);
    if (name == "composed" || name == "sequential_composition") {
      double sum = 0;
      for (const YamlCursor& part : profile.at("seq").items()) sum += static_cast<double>(duration(part, nesting + 1));
      sum *= static_cast<double>(profile.integer_or("repeat", 1, 1, 1'000'000));
      if (sum > kLongest * 1e9) profile.fail("takes longer than a century");
      return static_cast<Nanos>(sum);
    }
    type.fail(cat("no duration without a platform: ", name, "; known are delay and composed"));
  }

  base::BTreeMap<std::string, YamlCursor> profiles_;
  base::BTreeMap<std::string, Nanos> durations_;
};

}  // namespace

BatchTrace read_batsim(const YamlCursor& root) {
  BatchTrace trace;
  if (root.has("nb_res")) trace.processors = root.at("nb_res").integer(1, kMostProcessors);
  Profiles profiles(root.at("profiles"));
  const std::vector<YamlCursor> jobs = root.at("jobs").items();
  if (jobs.empty()) root.at("jobs").fail("no job in it");
  for (const YamlCursor& row : jobs) {
    BatchJob j;
    j.name = row.at("id").text();
    j.submitted = seconds(row.at("subtime"), 0);
    j.processors = row.at("res").integer(1, trace.processors > 0 ? trace.processors : kMostProcessors);
    j.run = profiles.duration(row.at("profile"));
    if (row.has("walltime")) {
      j.requested = seconds(row.at("walltime"), 1e-9);
    } else {
      ++trace.no_request;
      j.requested = std::max<Nanos>(j.run, 1);
    }
    trace.jobs.push_back(std::move(j));
  }
  std::stable_sort(trace.jobs.begin(), trace.jobs.end(),
                   [](const BatchJob& a, const BatchJob& b) { return a.submitted < b.submitted; });
  return trace;
}

}  // namespace orrery::scenarios::batch
