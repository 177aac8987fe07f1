#include "scenarios/bench/html_report.h"

#include <algorithm>
#include <cmath>

#include "model/base/str.h"
#include "scenarios/bench/svg.h"
#include "scenarios/bench/tables.h"
#include "scenarios/run/run_directory.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr const char* kHead =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>orrery bench</title><style>\n"
    "body{font:14px/1.5 system-ui,sans-serif;max-width:1340px;margin:2em auto;padding:0 1em;color:#222}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:2px 12px 2px 0;text-align:left;border-bottom:1px solid #ddd}\n"
    "details{margin:2px 0}summary{cursor:pointer}pre{background:#f6f6f6;padding:8px;overflow-x:auto;font-size:12px;line-height:1.35}\n"
    "svg{width:640px;max-width:100%;font-size:11px}.plots{display:flex;flex-wrap:wrap;gap:12px}\n"
    "</style></head><body>\n";

/// Runs of one trace and cluster size; [begin, end) of the records.
struct Group {
  std::size_t begin, end;
};

std::vector<Group> groups_of(const std::vector<RunRecord>& records) {
  std::vector<Group> out;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const bool same = !out.empty() && records[i].trace == records[out.back().begin].trace && records[i].size == records[out.back().begin].size;
    if (!same) out.push_back({i, i});
    out.back().end = i + 1;
  }
  return out;
}

/// Mean over the seeds, point by point; the runs of a policy may end at different points.
std::vector<Line> mean_lines(const std::vector<RunRecord>& records, const Group& group, const std::string& series) {
  std::vector<Line> out;
  std::vector<double> count;
  for (std::size_t i = group.begin; i < group.end; ++i) {
    const Series* s = records[i].find(series);
    if (!s) continue;
    if (out.empty() || out.back().name != records[i].policy) {
      out.push_back({records[i].policy, {}, {}});
      count.clear();
    }
    Line& line = out.back();
    for (std::size_t k = 0; k < s->x.size(); ++k) {
      if (k == line.x.size()) {
        line.x.push_back(s->x[k]);
        line.y.push_back(0);
        count.push_back(0);
      }
      count[k] += 1;
      line.y[k] += (s->y[k] - line.y[k]) / count[k];
    }
  }
  return out;
}

std::string plots(const std::vector<RunRecord>& records, const Group& group, const std::vector<SummaryRow>& rows) {
  std::string out = "<div class=\"plots\">\n";
  for (const Series& s : records[group.begin].series) out += line_plot(s.name, s.x_name, mean_lines(records, group, s.name));
  std::vector<std::string> done;
  for (const SummaryRow& row : rows) {
    const bool here = row.trace == records[group.begin].trace && row.size == records[group.begin].size;
    if (!here || !is_headline(row.metric) || std::find(done.begin(), done.end(), row.metric) != done.end()) continue;
    done.push_back(row.metric);
    std::vector<Box> boxes;
    for (const SummaryRow& other : rows) {
      if (other.trace == row.trace && other.size == row.size && other.metric == row.metric) boxes.push_back({other.policy, other.values});
    }
    out += box_plot(row.metric, boxes);
  }
  return out + "</div>\n";
}

/// The notable pods of each policy's first seed, folded.
std::string explanations(const std::vector<RunRecord>& records, const Group& group) {
  std::string out;
  for (std::size_t i = group.begin; i < group.end; ++i) {
    const RunRecord& r = records[i];
    const bool told = std::any_of(r.notable.begin(), r.notable.end(), [](const NotablePod& p) { return !p.explanation.empty(); });
    if (!told) continue;
    out += cat("<details><summary>", escaped(r.policy), ", seed ", std::to_string(r.seed), "</summary>\n");
    for (const NotablePod& p : r.notable) {
      if (p.explanation.empty()) continue;
      out += cat("<details style=\"margin-left:1.5em\"><summary>", escaped(p.why), ": <b>", escaped(p.pod), "</b></summary><pre>",
                 escaped(p.explanation), "</pre></details>\n");
    }
    out += "</details>\n";
  }
  return out.empty() ? out : cat("<h3>Why did that pod go there?</h3>\n", out);
}

std::string table(const BenchSpec& spec, const std::vector<SummaryRow>& rows) {
  std::string out = cat("<table><tr><th>trace<th>nodes<th>metric<th>policy<th>n<th>mean<th>sd<th>difference to ",
                        escaped(spec.policies[0].label), " [95 %]<th>p (Holm)</tr>\n");
  for (const SummaryRow& row : rows) {
    if (!is_headline(row.metric)) continue;
    out += cat("<tr><td>", escaped(row.trace), "<td>", row.size, "<td>", row.metric, "<td>", escaped(row.policy), "<td>",
               std::to_string(row.values.size()), "<td>", readable(row.mean), "<td>",
               row.values.size() < 2 ? "" : row.deterministic ? "deterministic" : readable(row.deviation), "<td>", interval_text(row), "<td>",
               p_text(row), "</tr>\n");
  }
  return out + "</table>\n";
}

std::string measured_table(const std::vector<RunRecord>& records) {
  std::string out;
  for (const std::vector<std::string>& cells : measured_rows(records)) {
    out += "<tr>";
    for (const std::string& c : cells) out += cat("<td>", escaped(c));
    out += "</tr>\n";
  }
  return out.empty() ? out : cat("<h3>Measured</h3>\n<p>", escaped(kMeasuredAbout), "</p>\n<table>", out, "</table>\n");
}

}  // namespace

std::string html_report(const BenchSpec& spec, const std::vector<SummaryRow>& rows, const std::vector<RunRecord>& records) {
  std::string out = cat(kHead, "<h1>", escaped(spec.file), "</h1>\n<p>", escaped(spec.about), "</p>\n<p>", escaped(cost_model(spec)), "; digest ",
                        hex(digest_of(records)), "</p>\n");
  out += table(spec, rows) + measured_table(records);
  std::vector<std::string> notes;
  for (const RunRecord& r : records) {
    for (const std::string& n : r.notes) {
      const std::string line = cat(r.trace, ": ", n);
      if (std::find(notes.begin(), notes.end(), line) == notes.end()) notes.push_back(line);
    }
  }
  out += "<ul>\n";
  for (const std::string& n : notes) out += cat("<li>", escaped(n), "</li>\n");
  out += "</ul>\n";
  for (const Group& g : groups_of(records)) {
    out += cat("<h2>", escaped(records[g.begin].trace), ", ", records[g.begin].size, " of the nodes</h2>\n", plots(records, g, rows), explanations(records, g));
  }
  return out + "</body></html>\n";
}

}  // namespace orrery::scenarios::bench
