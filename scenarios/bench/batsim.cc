#include <algorithm>
#include <cmath>

#include "model/base/btree_map.h"
#include "model/base/str.h"
#include "scenarios/bench/job_log.h"
#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr double kMaxBatsimSeconds = 3e9;
constexpr std::int64_t kMostProcessors = std::int64_t{1} << 40;
constexpr int kMostNesting = 32;

base::Nanos seconds_of(const YamlCursor& c, double min) {
  return static_cast<base::Nanos>(std::llround(c.number(min, kMaxBatsimSeconds) * 1e9));
}

class BatsimProfiles {
 public:
  explicit BatsimProfiles(const YamlCursor& map) {
    for (YamlCursor::Entry& e : map.entries()) profiles_.emplace(std::move(e.key), std::move(e.value));
  }

  /// `by`: who names the profile.
  base::Nanos duration(const YamlCursor& by, int nesting = 0) {
    const std::string name = by.text();
    if (const auto known = durations_.find(name); known != durations_.end()) return known->second;
    const auto found = profiles_.find(name);
    if (found == profiles_.end()) by.fail(cat("\"", name, "\" is not among the profiles"));
    if (nesting > kMostNesting) by.fail("profiles are composed of themselves");
    const base::Nanos d = read(found->second, nesting);
    durations_.emplace(name, d);
    return d;
  }

 private:
  base::Nanos read(const YamlCursor& profile, int nesting) {
    const YamlCursor type = profile.at("type");
    const std::string name = type.text();
    if (name == "delay" || name == "DelayProfile") return seconds_of(profile.at("delay"), 0);
    if (name != "composed" && name != "sequential_composition") {
      type.fail(cat("\"", name, "\" depends on a platform; only delay profiles and compositions of them are understood"));
    }
    double sum = 0;
    for (const YamlCursor& part : profile.at("seq").items()) sum += static_cast<double>(duration(part, nesting + 1));
    sum *= static_cast<double>(profile.integer_or("repeat", 1, 1, 1'000'000));
    if (sum > kMaxBatsimSeconds * 1e9) profile.fail("is longer than 95 years");
    return static_cast<base::Nanos>(sum);
  }

  base::BTreeMap<std::string, YamlCursor> profiles_;
  base::BTreeMap<std::string, base::Nanos> durations_;
};

LoggedJob job_of(const YamlCursor& row, BatsimProfiles& profiles) {
  LoggedJob out;
  out.name = row.at("id").text();
  out.submitted = seconds_of(row.at("subtime"), 0);
  out.processors = row.at("res").integer(1, kMostProcessors);
  out.run = profiles.duration(row.at("profile"));
  // -1 is Batsim's "no limit".
  const bool limited = row.has("walltime") && row.at("walltime").text() != "-1";
  out.requested = limited ? seconds_of(row.at("walltime"), 0) : out.run;
  return out;
}

}  // namespace

// JSON is YAML, whose reader knows lines.
JobLog read_batsim(const std::string& file, std::int64_t processors) {
  const YamlCursor root = read_yaml_file(file);
  JobLog out;
  out.processors = processors > 0 ? processors : root.at("nb_res").integer(1, kMostProcessors);
  BatsimProfiles profiles(root.at("profiles"));
  const std::vector<YamlCursor> jobs = root.at("jobs").items();
  if (jobs.empty()) root.at("jobs").fail("must be a list of jobs");
  for (const YamlCursor& row : jobs) out.jobs.push_back(job_of(row, profiles));
  const std::size_t large = std::erase_if(out.jobs, [&](const LoggedJob& j) { return j.processors > out.processors; });
  if (large > 0) {
    out.notes.push_back(cat(std::to_string(large), " of ", std::to_string(jobs.size()), " jobs left out: larger than the machine"));
  }
  std::stable_sort(out.jobs.begin(), out.jobs.end(),
                   [](const LoggedJob& a, const LoggedJob& b) { return a.submitted < b.submitted; });
  return out;
}

}  // namespace orrery::scenarios::bench
