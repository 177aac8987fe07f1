#include <algorithm>
#include <charconv>
#include <cmath>

#include "model/base/str.h"
#include "scenarios/bench/job_log.h"
#include "scenarios/bench/trace_text.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr std::size_t kFields = 18;
constexpr double kMaxSwfSeconds = 3e9;
constexpr const char* kFieldNames[kFields] = {"job number", "submit time", "wait time", "run time", "allocated processors",
    "average CPU time", "used memory", "requested processors", "requested time", "requested memory", "status", "user",
    "group", "executable", "queue", "partition", "preceding job", "think time"};

struct SwfLine {
  std::string_view number;   // of the job, as written
  double value[kFields];
};

SwfLine read_line(const std::string& file, int line, std::string_view text) {
  SwfLine out{};
  std::size_t n = 0;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    if (text.empty()) break;
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    if (n == kFields) throw InputError{file, line, "", "has more than 18 fields"};
    const auto r = std::from_chars(word.data(), word.data() + word.size(), out.value[n]);
    if (r.ec != std::errc() || r.ptr != word.data() + word.size()) {
      throw InputError{file, line, kFieldNames[n], cat("\"", word, "\" is not a number")};
    }
    if (n == 0) out.number = word;
    if (out.value[n] < -1 || std::isnan(out.value[n])) {
      throw InputError{file, line, kFieldNames[n], cat(word, " is negative (unknown is written -1)")};
    }
    ++n;
    text.remove_prefix(word.size());
  }
  if (n != kFields) throw InputError{file, line, "", cat("has ", std::to_string(n), " fields, 18 are wanted; the row was cut")};
  for (const std::size_t time : {std::size_t{1}, std::size_t{3}, std::size_t{8}}) {
    if (out.value[time] > kMaxSwfSeconds) throw InputError{file, line, kFieldNames[time], "is longer than 95 years"};
  }
  return out;
}

base::Nanos span(double s) { return static_cast<base::Nanos>(std::nearbyint(s * 1e9)); }

}  // namespace

JobLog read_swf(const std::string& file, std::int64_t processors) {
  const std::string text = read_trace_text(file);
  JobLog out;
  out.processors = processors;
  std::vector<LoggedJob> jobs;
  std::size_t unknown = 0;
  int line_number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    ++line_number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (const std::size_t at = line.find("MaxProcs:"); line.starts_with(';') && at != line.npos && processors == 0) {
      const std::string_view number = line.substr(std::min(line.find_first_not_of(" \t", at + 9), line.size()));
      std::from_chars(number.data(), number.data() + number.size(), out.processors);
    }
    if (line.find_first_not_of(" \t") == line.npos || line.starts_with(';')) continue;
    const SwfLine row = read_line(file, line_number, line);
    LoggedJob job;
    job.name = row.number;
    job.processors = static_cast<std::int64_t>(row.value[7] > 0 ? row.value[7] : row.value[4]);
    if (row.value[3] < 0 || job.processors <= 0 || row.value[1] < 0) {
      ++unknown;
      continue;
    }
    job.submitted = span(row.value[1]);
    job.run = span(row.value[3]);
    job.requested = row.value[8] > 0 ? span(row.value[8]) : job.run;
    jobs.push_back(std::move(job));
  }
  if (out.processors <= 0) throw InputError{file, 0, "", "no comment \"; MaxProcs: N\" tells the machine's size; give `processors`"};
  const std::size_t all = jobs.size() + unknown;
  if (jobs.empty()) throw InputError{file, 0, "", "has no job with a run time and processors"};
  const std::size_t large = std::erase_if(jobs, [&](const LoggedJob& j) { return j.processors > out.processors; });
  std::stable_sort(jobs.begin(), jobs.end(), [](const LoggedJob& a, const LoggedJob& b) { return a.submitted < b.submitted; });
  out.jobs = std::move(jobs);
  const auto note = [&](std::size_t n, const char* why) {
    if (n > 0) out.notes.push_back(cat(std::to_string(n), " of ", std::to_string(all), " jobs left out: ", why));
  };
  note(unknown, "no run time, processors or submit time is known");
  note(large, "larger than the machine");
  return out;
}

}  // namespace orrery::scenarios::bench
