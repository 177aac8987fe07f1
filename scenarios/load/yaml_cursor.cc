#include "scenarios/load/yaml_cursor.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "model/base/str.h"
#include "scenarios/load/units.h"
#include "scenarios/load/yaml_documents.h"

namespace orrery::scenarios {
namespace {

std::string joined(std::initializer_list<const char*> names) {
  std::string out;
  for (const char* n : names) out += (out.empty() ? "" : ", ") + std::string(n);
  return out;
}

std::string child_path(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

const char* kind_name(const YAML::Node& n) {
  switch (n.Type()) {
    case YAML::NodeType::Map: return "a map";
    case YAML::NodeType::Sequence: return "a list";
    case YAML::NodeType::Scalar: return "a value";
    default: return "nothing";
  }
}

}  // namespace

YamlCursor::YamlCursor(YAML::Node node, std::string file, std::string path, int line)
    : node_(std::move(node)), file_(std::move(file)), path_(std::move(path)), line_(line) {
  if (node_.IsDefined() && node_.Mark().line >= 0 && !(node_.Mark().line == 0 && line_ > 0 && !node_.IsMap()))
    line_ = node_.Mark().line + 1;
}

void YamlCursor::fail(const std::string& what) const { throw InputError{file_, line_, path_, what}; }

const YamlCursor& YamlCursor::keys(std::initializer_list<const char*> allowed) const {
  if (!node_.IsMap()) fail(base::cat("must be a map with the keys ", joined(allowed), ", not ", kind_name(node_)));
  std::set<std::string> seen;
  for (const auto& pair : node_) {
    const std::string key = pair.first.as<std::string>();
    const YamlCursor here(pair.first, file_, path_, line_);
    bool known = false;
    for (const char* a : allowed) known = known || key == a;
    if (!known) here.fail(base::cat("unknown key \"", key, "\" (known: ", joined(allowed), ")"));
    if (!seen.insert(key).second) here.fail(base::cat("duplicate key \"", key, "\""));
  }
  return *this;
}

bool YamlCursor::has(const char* key) const { return node_.IsMap() && node_[key].IsDefined() && !node_[key].IsNull(); }

YamlCursor YamlCursor::at(const char* key) const {
  if (!has(key)) fail(base::cat("the key \"", key, "\" is missing"));
  return YamlCursor(node_[key], file_, child_path(path_, key), line_);
}

std::vector<YamlCursor> YamlCursor::items() const {
  if (!node_.IsSequence()) fail(base::cat("must be a list, not ", kind_name(node_)));
  std::vector<YamlCursor> out;
  int i = 0;
  for (const auto& item : node_) out.emplace_back(item, file_, base::cat(path_, "[", std::to_string(i++), "]"), line_);
  return out;
}

std::vector<YamlCursor::Entry> YamlCursor::entries() const {
  if (!node_.IsMap()) fail(base::cat("must be a map, not ", kind_name(node_)));
  std::vector<Entry> out;
  std::set<std::string> seen;
  for (const auto& pair : node_) {
    std::string key = pair.first.as<std::string>();
    if (!seen.insert(key).second) YamlCursor(pair.first, file_, path_, line_).fail(base::cat("duplicate key \"", key, "\""));
    out.push_back({key, YamlCursor(pair.second, file_, child_path(path_, key), line_)});
  }
  return out;
}

std::string YamlCursor::text() const {
  if (!node_.IsScalar()) fail(base::cat("must be a text, not ", kind_name(node_)));
  std::string value = node_.as<std::string>();
  if (value.empty()) fail("must not be empty");
  return value;
}

bool YamlCursor::boolean() const {
  const std::string value = text();
  if (value != "true" && value != "false") fail(base::cat("\"", value, "\" is not true or false"));
  return value == "true";
}

std::int64_t YamlCursor::integer(std::int64_t min, std::int64_t max) const {
  const std::string value = text();
  std::int64_t v = 0;
  const auto r = std::from_chars(value.data(), value.data() + value.size(), v);
  if (r.ec != std::errc() || r.ptr != value.data() + value.size()) fail(base::cat("\"", value, "\" is not a whole number"));
  if (v < min || v > max)
    fail(base::cat(value, " is out of range (", std::to_string(min), " to ", std::to_string(max), ")"));
  return v;
}

double YamlCursor::number(double min, double max) const {
  const std::string value = text();
  double v = 0;
  const auto r = std::from_chars(value.data(), value.data() + value.size(), v);
  if (r.ec != std::errc() || r.ptr != value.data() + value.size() || v != v) fail(base::cat("\"", value, "\" is not a number"));
  if (v < min || v > max) fail(base::cat(value, " is out of range"));
  return v;
}

base::Nanos YamlCursor::duration() const { return checked(parse_duration(text())); }
double YamlCursor::rate() const { return checked(parse_rate(text())); }
std::int64_t YamlCursor::bandwidth() const { return checked(parse_bandwidth(text())); }
std::int64_t YamlCursor::bytes() const { return checked(parse_bytes(text())); }
std::int64_t YamlCursor::milli_cpu() const { return checked(parse_milli_cpu(text())); }

std::string YamlCursor::one_of(std::initializer_list<const char*> allowed) const {
  std::string value = text();
  for (const char* a : allowed)
    if (value == a) return value;
  fail(base::cat("\"", value, "\" is not one of ", joined(allowed)));
}

std::vector<std::string> YamlCursor::texts() const {
  if (node_.IsScalar()) return {text()};
  std::vector<std::string> out;
  for (const YamlCursor& item : items()) out.push_back(item.text());
  return out;
}

std::string read_text_file(const std::string& file, const std::string& named_by_file, int named_by_line, std::size_t max_mib) {
  const auto fail = [&](const std::string& what) {
    if (named_by_file.empty()) throw InputError{file, 0, "", what};
    throw InputError{named_by_file, named_by_line, "", base::cat(file, ": ", what)};
  };
  std::ifstream in(file, std::ios::binary);
  if (!in) fail("cannot be read (no such file, or no permission)");
  std::error_code unknown;
  const auto size = std::filesystem::file_size(file, unknown);
  const auto too_large = [&](std::uintmax_t bytes) { return bytes > (std::uintmax_t{max_mib} << 20); };
  if (!unknown && too_large(size)) fail(base::cat("is larger than ", std::to_string(max_mib), " MiB"));
  std::ostringstream all;
  all << in.rdbuf();
  std::string text = std::move(all).str();
  if (in.bad()) fail("cannot be read");
  if (too_large(text.size())) fail(base::cat("is larger than ", std::to_string(max_mib), " MiB"));
  return text;
}

YamlCursor read_yaml_file(const std::string& file) {
  const std::vector<YAML::Node> documents = read_yaml_documents(read_text_file(file), file);
  if (documents.empty() || !documents.front().IsMap())
    throw InputError{file, 1, "", "is not a scenario: a map with apiVersion and kind is wanted"};
  for (std::size_t i = 1; i < documents.size(); ++i)
    if (!documents[i].IsNull()) throw InputError{file, documents[i].Mark().line + 1, "", "only one document is wanted, here begins another"};
  return YamlCursor(documents.front(), file);
}

}  // namespace orrery::scenarios
