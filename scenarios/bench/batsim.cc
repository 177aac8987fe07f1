#include <algorithm>
#include <cmath>
#include <map>

#include "model/base/str.h"
#include "model/codec/json_value.h"
#include "scenarios/bench/job_log.h"
#include "scenarios/bench/trace_text.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using codec::JsonValue;

constexpr double kMaxBatsimSeconds = 3e9;

class BatsimReader {
 public:
  explicit BatsimReader(const std::string& file) : file_(file) {}

  JobLog read(std::int64_t processors) {
    const std::string text = read_trace_text(file_);
    const auto parsed = codec::parse_json(text);
    if (!parsed.ok()) throw InputError{file_, 0, "", cat("not JSON: ", parsed.error().message)};
    const JsonValue& top = *parsed;
    JobLog out;
    out.processors = processors > 0 ? processors : top["nb_res"].int_or(0);
    if (out.processors <= 0) fail("nb_res", "must be the number of processors, above 0");
    if (!top["profiles"].is_object()) fail("profiles", "must be a map of profiles");
    if (!top["jobs"].is_array() || top["jobs"].items().empty()) fail("jobs", "must be a list of jobs");
    for (std::size_t i = 0; i < top["jobs"].items().size(); ++i) {
      out.jobs.push_back(job(cat("jobs[", std::to_string(i), "]"), top["jobs"].items()[i], top["profiles"]));
    }
    const std::size_t all = out.jobs.size();
    const std::size_t large = std::erase_if(out.jobs, [&](const LoggedJob& j) { return j.processors > out.processors; });
    if (large > 0) {
      out.notes.push_back(cat(std::to_string(large), " of ", std::to_string(all), " jobs left out: larger than the machine"));
    }
    std::stable_sort(out.jobs.begin(), out.jobs.end(),
                     [](const LoggedJob& a, const LoggedJob& b) { return a.submitted < b.submitted; });
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& path, const std::string& what) const { throw InputError{file_, 0, path, what}; }

  base::Nanos seconds(const std::string& path, const JsonValue& value) const {
    const double s = value.double_or(NAN);
    if (!(s >= 0)) fail(path, "must be a number of seconds, not negative");
    if (s > kMaxBatsimSeconds) fail(path, "is longer than 95 years");
    return static_cast<base::Nanos>(std::nearbyint(s * 1e9));
  }

  LoggedJob job(const std::string& path, const JsonValue& j, const JsonValue& profiles) const {
    LoggedJob out;
    const JsonValue& id = j["id"];
    out.name = id.is_string() ? std::string(id.text_or("")) : std::to_string(id.int_or(-1));
    out.submitted = seconds(path + ".subtime", j["subtime"]);
    out.processors = j["res"].int_or(0);
    if (out.processors <= 0) fail(path + ".res", "must be a whole number above 0");
    const std::string_view name = j["profile"].text_or("");
    const JsonValue* profile = profiles.find(name);
    if (!profile) fail(path + ".profile", cat("\"", name, "\" is not among the profiles"));
    const std::string_view type = (*profile)["type"].text_or("");
    if (type != "delay" && type != "DelayProfile") {
      fail(cat("profiles.", name, ".type"), cat("\"", type, "\" depends on a platform; only delay profiles are understood"));
    }
    out.run = seconds(cat("profiles.", name, ".delay"), (*profile)["delay"]);
    const JsonValue* walltime = j.find("walltime");
    const bool told = walltime && walltime->double_or(-1) >= 0;
    if (walltime && walltime->double_or(0) < 0 && walltime->double_or(0) != -1) fail(path + ".walltime", "is negative (unknown is -1)");
    out.requested = told ? seconds(path + ".walltime", *walltime) : out.run;
    return out;
  }

  std::string file_;
};

}  // namespace

JobLog read_batsim(const std::string& file, std::int64_t processors) { return BatsimReader(file).read(processors); }

}  // namespace orrery::scenarios::bench
