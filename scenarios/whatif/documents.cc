#include "scenarios/whatif/documents.h"

#include <algorithm>
#include <iostream>
#include <iterator>

#include "scenarios/load/input_error.h"
#include "scenarios/load/packed_file.h"

namespace orrery::scenarios::whatif {
namespace {

using base::cat;
using codec::JsonValue;

constexpr codec::YamlLimits kDumpLimits{200'000'000, std::size_t{1} << 30, 500, true};

struct Piece {
  std::string_view text;
  int line = 1;   // of the file, where it begins
};

/// The end of the JSON value that begins at `at`; the end of the text when it is not closed.
std::size_t end_of_json(std::string_view text, std::size_t at) {
  int depth = 0;
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

std::vector<Piece> split_json(std::string_view text) {
  std::vector<Piece> out;
  int line = 1;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = std::min(text.find_first_not_of(" \t\r\n,", at), text.size());
    const std::string_view blank = text.substr(at, start - at);
    line += static_cast<int>(std::count(blank.begin(), blank.end(), '\n'));
    if (start == text.size()) break;
    at = end_of_json(text, start);
    out.push_back({text.substr(start, at - start), line});
    line += static_cast<int>(std::count(out.back().text.begin(), out.back().text.end(), '\n'));
  }
  return out;
}

/// Before each "---" or, where outputs of kubectl follow each other without, each further apiVersion in the first column.
std::vector<Piece> split_yaml(std::string_view text) {
  std::vector<Piece> out;
  std::size_t start = 0;
  int line = 1;
  int first_line = 1;
  bool named = false;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view row = text.substr(at, end - at);
    const bool names = row.starts_with("apiVersion:");
    if (row.starts_with("---") || (names && named)) {
      out.push_back({text.substr(start, at - start), first_line});
      start = at;
      first_line = line;
      named = false;
    }
    named = named || names;
    at = end + 1;
  }
  out.push_back({text.substr(start), first_line});
  return out;
}

/// The line number that a YAML error names, as one of the file.
InputError yaml_error(const std::string& file, const Piece& piece, const std::string& message) {
  constexpr std::string_view kLine = "yaml: line ";
  if (!message.starts_with(kLine)) return {file, piece.line, "", message};
  const std::size_t colon = message.find(':', kLine.size());
  const int line = std::atoi(message.c_str() + kLine.size());
  return {file, piece.line + std::max(line, 1) - 1, "", cat("not YAML", colon == message.npos ? "" : message.substr(colon))};
}

class Collector {
 public:
  explicit Collector(const std::string& file) : file_(file) {}

  void take_piece(const Piece& piece) {
    auto documents = codec::read_yaml(piece.text, kDumpLimits);
    if (!documents.ok()) throw yaml_error(file_, piece, documents.error().message);
    for (codec::YamlDocument& d : *documents) {
      auto value = codec::parse_json(d.json);
      if (!value.ok()) throw InputError{file_, piece.line + d.line - 1, "", value.error().message};
      const auto source = std::make_shared<const codec::YamlDocument>(std::move(d));
      take({"", "", std::move(*value), "", source, piece.line});
    }
  }
  std::vector<Document> result() && { return std::move(out_); }

 private:
  void take(Document d) {
    if (!d.value.is_object()) fail_in(file_, d, "", "is no object with apiVersion and kind");
    d.kind = d.value["kind"].text_or("");
    d.api_version = d.value["apiVersion"].text_or("");
    if (d.kind.ends_with("List") && d.value["items"].is_array()) return take_list(d);
    if (d.kind.empty() || d.api_version.empty()) fail_in(file_, d, "", "has no apiVersion and kind");
    out_.push_back(std::move(d));
  }
  void take_list(const Document& list) {
    std::size_t i = 0;
    for (JsonValue item : list.value["items"].items()) {
      // The items of a typed list (PodList) need not name their kind.
      if (list.kind != "List" && item.is_object() && !item.find("kind")) {
        item.set("kind", list.kind.substr(0, list.kind.size() - 4));
        item.set("apiVersion", list.api_version);
      }
      take({"", "", std::move(item), list.path_of(cat("items[", std::to_string(i++), "]")), list.source, list.first_line});
    }
  }

  const std::string& file_;
  std::vector<Document> out_;
};

}  // namespace

std::vector<Document> read_documents(const std::string& file, std::string_view text) {
  Collector collector(file);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) throw InputError{file, 0, "", "is empty"};
  if (text[first] == '{') {
    for (const Piece& p : split_json(text)) collector.take_piece(p);
  } else {
    for (const Piece& p : split_yaml(text)) collector.take_piece(p);
  }
  return std::move(collector).result();
}

std::string read_input(const std::string& file) {
  if (file != "-") return read_packed_file(file);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

std::string Document::path_of(const std::string& field) const {
  return path.empty() || field.empty() ? path + field : cat(path, ".", field);
}

void fail_in(const std::string& file, const Document& document, const std::string& field, const std::string& what) {
  throw InputError{file, document.line_of(field), document.path_of(field), what};
}

}  // namespace orrery::scenarios::whatif
