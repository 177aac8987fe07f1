// CsvTable: a file of comma-separated values with a header, read through checks that name the line of whatever is wrong.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::scenarios::bench {

/// Values are without quotes; fields that contain commas or quotes are refused, as none of the formats read has them.
class CsvTable {
 public:
  /// Reads the file, whose first line must name at least `required`. Throws InputError (load/input_error.h), as all members do.
  CsvTable(std::string file, std::vector<std::string> required);

  std::size_t rows() const { return rows_.size(); }
  bool has(std::string_view column) const;
  std::string_view text(std::size_t row, std::string_view column) const;
  /// A whole number within the bounds.
  std::int64_t integer(std::size_t row, std::string_view column, std::int64_t min, std::int64_t max) const;
  [[noreturn]] void fail(std::size_t row, std::string_view column, const std::string& what) const;
  const std::string& file() const { return file_; }

 private:
  std::size_t index_of(std::string_view column) const;

  std::string file_, text_;
  std::vector<std::string_view> columns_;
  struct Row {
    int line;
    std::vector<std::string_view> values;
  };
  std::vector<Row> rows_;
};

}  // namespace orrery::scenarios::bench
