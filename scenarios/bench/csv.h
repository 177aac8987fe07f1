// CsvTable: a file of comma-separated values with a header, read through checks that name the line of whatever is wrong.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::scenarios::bench {

/// Values are without quotes, unless said otherwise; fields that contain commas or quotes are refused, as none of the traces
/// read has them.
class CsvTable {
 public:
  /// Reads the file, whose first line must name at least `required`. Throws InputError (load/input_error.h), as all members do.
  CsvTable(std::string file, std::vector<std::string> required);
  /// Of a file without a header, whose rows have just these columns.
  static CsvTable without_header(std::string file, std::vector<std::string> columns);
  /// As the constructor, or, when the file begins with "{", a JSON object per line: a column "a.b" is the field b of the object a.
  /// What is null or missing reads as "".
  static CsvTable with_header_or_json(std::string file, std::vector<std::string> columns);
  /// As the first, of a file whose values may stand in quotes, and have commas there.
  static CsvTable with_quotes(std::string file, const std::vector<std::string>& required);

  std::size_t rows() const { return rows_.size(); }
  bool has(std::string_view column) const;
  std::string_view text(std::size_t row, std::string_view column) const;
  /// A whole number within the bounds.
  std::int64_t integer(std::size_t row, std::string_view column, std::int64_t min, std::int64_t max) const;
  /// A number within the bounds.
  double number(std::size_t row, std::string_view column, double min, double max) const;
  [[noreturn]] void fail(std::size_t row, std::string_view column, const std::string& what) const;
  const std::string& file() const { return file_; }

 private:
  CsvTable() = default;
  void load(std::string text) { text_ = std::make_unique<const std::string>(std::move(text)); }
  void read(bool has_header);
  void read_json();
  void require(const std::vector<std::string>& columns) const;
  std::size_t index_of(std::string_view column) const;

  std::string file_;
  std::unique_ptr<const std::string> text_;   // stays where it is when the table moves
  std::vector<std::string> given_;   // of a file without a header
  bool quotes_ = false;              // are understood
  std::vector<std::string_view> columns_;
  struct Row {
    int line;
    std::vector<std::string_view> values;
  };
  std::vector<Row> rows_;
};

}  // namespace orrery::scenarios::bench
