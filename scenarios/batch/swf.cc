#include "scenarios/batch/swf.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "model/base/str.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::batch {
namespace {

using base::cat;

enum Column { kNumber, kSubmit, kWait, kRun, kAllocated, kCpu, kMemory, kSize, kRequested, kColumns = 18 };
constexpr std::array<const char*, 9> kColumnNames{"job number",     "submit time", "wait time",
                                                  "run time",       "allocated processors", "average CPU time",
                                                  "used memory",    "requested processors", "requested time"};
/// Seconds; far above any log, far below what Nanos hold.
constexpr double kLongest = 4e9;

class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  BatchTrace read() {
    while (!text_.empty()) {
      ++line_;
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      std::string_view line = text_.substr(0, end);
      text_.remove_prefix(std::min(end + 1, text_.size()));
      const std::size_t begin = line.find_first_not_of(" \t\r");
      if (begin == line.npos) continue;
      line.remove_prefix(begin);
      if (line.front() == ';') comment(line);
      else row(line);
    }
    if (trace_.jobs.empty()) fail(0, "", "no job in it");
    std::stable_sort(trace_.jobs.begin(), trace_.jobs.end(),
                     [](const BatchJob& a, const BatchJob& b) { return a.submitted < b.submitted; });
    return std::move(trace_);
  }

 private:
  [[noreturn]] void fail(int line, const char* column, std::string what) const {
    throw InputError{file_, line, column, std::move(what)};
  }

  void comment(std::string_view line) {
    constexpr std::string_view kMaxProcs = "MaxProcs:";
    const std::size_t at = line.find(kMaxProcs);
    if (at == line.npos) return;
    const std::string_view rest = line.substr(std::min(line.size(), line.find_first_not_of(' ', at + kMaxProcs.size())));
    std::int64_t value = 0;
    if (std::from_chars(rest.data(), rest.data() + rest.size(), value).ec == std::errc() && value > 0) trace_.processors = value;
  }

  double number(std::string_view word, int column) const {
    const char* name = column < static_cast<int>(kColumnNames.size()) ? kColumnNames[static_cast<std::size_t>(column)] : "column";
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value))
      fail(line_, name, cat("no number: ", word, "; columns are separated by blanks and -1 stands for unknown"));
    if (std::fabs(value) > kLongest) fail(line_, name, cat("too large: ", word));
    return value;
  }

  void row(std::string_view line) {
    std::array<double, kColumns> v{};
    int n = 0;
    while (!line.empty()) {
      const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
      if (n == kColumns) fail(line_, "", "more than 18 columns");
      v[static_cast<std::size_t>(n)] = number(line.substr(0, end), n);
      ++n;
      line.remove_prefix(std::min(line.find_first_not_of(" \t\r", end), line.size()));
    }
    if (n != kColumns) fail(line_, "", cat(std::to_string(n), " columns instead of 18"));
    job(v);
  }

  static Nanos seconds(double s) { return static_cast<Nanos>(std::llround(s * 1e9)); }

  void job(const std::array<double, kColumns>& v) {
    if (v[kSubmit] < 0) fail(line_, kColumnNames[kSubmit], "negative");
    if (v[kRun] < 0) {
      ++trace_.never_started;
      return;
    }
    BatchJob j;
    j.name = std::to_string(static_cast<std::int64_t>(v[kNumber]));
    j.submitted = seconds(v[kSubmit]);
    j.run = seconds(v[kRun]);
    j.processors = static_cast<std::int64_t>(v[kSize] > 0 ? v[kSize] : v[kAllocated]);
    if (j.processors <= 0) fail(line_, kColumnNames[kSize], "neither requested nor allocated processors");
    if (trace_.processors > 0 && j.processors > trace_.processors)
      fail(line_, kColumnNames[kSize], cat(std::to_string(j.processors), " of ", std::to_string(trace_.processors), " processors (MaxProcs)"));
    j.requested = seconds(v[kRequested]);
    if (v[kRequested] <= 0) {
      ++trace_.no_request;
      j.requested = std::max<Nanos>(j.run, base::kSecond);
    }
    trace_.jobs.push_back(std::move(j));
  }

  std::string_view text_;
  const std::string& file_;
  BatchTrace trace_;
  int line_ = 0;
};

}  // namespace

BatchTrace read_swf(std::string_view text, const std::string& file) { return Reader(text, file).read(); }

}  // namespace orrery::scenarios::batch
