#include "scenarios/bench/csv.h"

#include <algorithm>
#include <charconv>

#include "model/base/str.h"
#include "model/codec/json_value.h"
#include "scenarios/bench/trace_text.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t comma = line.find(',');
    out.push_back(line.substr(0, comma));
    if (comma == line.npos) return out;
    line.remove_prefix(comma + 1);
  }
}

/// A value that begins with a quote ends with the next one.
std::vector<std::string_view> split_quoted(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t close = line.empty() || line[0] != '"' ? 0 : line.find('"', 1);
    const std::size_t comma = close == line.npos ? line.npos : line.find(',', close);
    const std::string_view value = line.substr(0, comma);
    out.push_back(close == 0 || close == line.npos ? value : value.substr(1, close - 1));
    if (comma == line.npos) return out;
    line.remove_prefix(comma + 1);
  }
}

}  // namespace

void CsvTable::read(bool has_header) {
  if (!text_) load(read_trace_text(file_));
  int line_number = 0;
  for (std::string_view rest = *text_; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    ++line_number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!quotes_ && line.find('"') != line.npos) throw InputError{file_, line_number, "", "quotes are not understood here; write plain values"};
    if (has_header && columns_.empty()) {
      columns_ = split(line);
      continue;
    }
    if (line.empty()) continue;
    Row row{line_number, quotes_ ? split_quoted(line) : split(line)};
    if (row.values.size() != columns_.size()) {
      throw InputError{file_, line_number, "",
                       cat("has ", std::to_string(row.values.size()), has_header ? " values where the header names " : " values instead of ",
                           std::to_string(columns_.size()), "; a row was cut or a comma is missing")};
    }
    rows_.push_back(std::move(row));
  }
}

CsvTable CsvTable::without_header(std::string file, std::vector<std::string> columns) {
  CsvTable out;
  out.file_ = std::move(file);
  out.given_ = std::move(columns);
  for (const std::string& c : out.given_) out.columns_.push_back(c);
  out.read(false);
  if (out.rows_.empty()) throw InputError{out.file_, 0, "", "has no rows"};
  return out;
}

void CsvTable::read_json() {
  const std::unique_ptr<const std::string> lines = std::move(text_);
  std::string values;
  std::vector<std::pair<int, std::vector<std::pair<std::size_t, std::size_t>>>> rows;   // line, places in `values`
  int number = 0;
  for (std::string_view rest = *lines; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const auto parsed = codec::parse_json(line);
    if (!parsed.ok() || !parsed->is_object()) throw InputError{file_, number, "", "is not a JSON object"};
    auto& row = rows.emplace_back(number, std::vector<std::pair<std::size_t, std::size_t>>()).second;
    for (const std::string& column : given_) {
      const std::size_t dot = column.find('.');
      const codec::JsonValue& field = dot == column.npos ? (*parsed)[column] : (*parsed)[column.substr(0, dot)][column.substr(dot + 1)];
      const std::size_t begin = values.size();
      if (field.is_string()) values += field.str().view();
      else if (!field.is_null()) values += field.dump();
      row.emplace_back(begin, values.size() - begin);
    }
  }
  load(std::move(values));
  for (const auto& [line, places] : rows) {
    Row row{line, {}};
    for (const auto& [begin, size] : places) row.values.push_back(std::string_view(*text_).substr(begin, size));
    rows_.push_back(std::move(row));
  }
}

CsvTable CsvTable::with_header_or_json(std::string file, std::vector<std::string> columns) {
  CsvTable out;
  out.file_ = std::move(file);
  out.load(read_trace_text(out.file_));
  const std::size_t first = out.text_->find_first_not_of(" \t\r\n");
  if (first == std::string::npos || (*out.text_)[first] != '{') {
    out.read(true);
    out.require(columns);
    return out;
  }
  out.given_ = std::move(columns);
  for (const std::string& c : out.given_) out.columns_.push_back(c);
  out.read_json();
  return out;
}

CsvTable CsvTable::with_quotes(std::string file, const std::vector<std::string>& required) {
  CsvTable out;
  out.file_ = std::move(file);
  out.quotes_ = true;
  out.read(true);
  out.require(required);
  return out;
}

CsvTable::CsvTable(std::string file, std::vector<std::string> required) : file_(std::move(file)) {
  read(true);
  require(required);
}

void CsvTable::require(const std::vector<std::string>& required) const {
  for (const std::string& column : required) {
    if (has(column)) continue;
    std::string all;
    for (const std::string& r : required) all += cat(all.empty() ? "" : ",", r);
    throw InputError{file_, 1, "", cat("the header lacks the column \"", column, "\" (wanted: ", all, ")")};
  }
  if (rows_.empty()) throw InputError{file_, 1, "", "has a header but no rows"};
}

bool CsvTable::has(std::string_view column) const {
  return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

std::size_t CsvTable::index_of(std::string_view column) const {
  return static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), column) - columns_.begin());
}

std::string_view CsvTable::text(std::size_t row, std::string_view column) const { return rows_[row].values[index_of(column)]; }

std::int64_t CsvTable::integer(std::size_t row, std::string_view column, std::int64_t min, std::int64_t max) const {
  const std::string_view value = text(row, column);
  std::int64_t v = 0;
  const auto r = std::from_chars(value.data(), value.data() + value.size(), v);
  if (r.ec == std::errc::result_out_of_range) fail(row, column, cat(value, " is out of range"));
  if (r.ec != std::errc() || r.ptr != value.data() + value.size()) fail(row, column, cat("\"", value, "\" is not a whole number"));
  if (v < min || v > max) {
    fail(row, column, cat(value, " is out of range (", std::to_string(min), " to ", std::to_string(max), ")"));
  }
  return v;
}

double CsvTable::number(std::size_t row, std::string_view column, double min, double max) const {
  const std::string_view value = text(row, column);
  double v = 0;
  const auto r = std::from_chars(value.data(), value.data() + value.size(), v);
  if (r.ec != std::errc() || r.ptr != value.data() + value.size() || v != v) fail(row, column, cat("\"", value, "\" is not a number"));
  if (v < min || v > max) fail(row, column, cat(value, " is out of range"));
  return v;
}

void CsvTable::fail(std::size_t row, std::string_view column, const std::string& what) const {
  throw InputError{file_, rows_[row].line, std::string(column), what};
}

}  // namespace orrery::scenarios::bench
