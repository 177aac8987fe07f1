#include "scenarios/load/matrix.h"

#include "model/base/str.h"
#include "scenarios/load/substitute.h"
#include "scenarios/load/units.h"
#include "scenarios/load/yaml_documents.h"

namespace orrery::scenarios {
namespace {

using base::cat;
using Values = std::map<std::string, std::string>;

struct Axis {
  std::string name;
  int line;
  std::vector<std::string> values;
};

void set_path(YAML::Node document, const std::string& path, const std::string& value) {
  YAML::Node at = document;
  std::string rest = path;
  while (true) {
    const std::size_t dot = rest.find('.');
    const std::string key = rest.substr(0, dot);
    if (dot == std::string::npos) {
      at[key] = value;
      return;
    }
    at.reset(at[key]);
    rest = rest.substr(dot + 1);
  }
}

/// `only: {role: store}` keeps its item in combinations that agree; the key itself goes away.
bool agrees(const YAML::Node& only, const Values& values, const YamlCursor& where, std::map<std::string, int>& uses) {
  if (!only.IsMap()) throw InputError{where.file(), only.Mark().line + 1, "only", "must be a map from an axis to its value"};
  bool all = true;
  for (const auto& pair : only) {
    const std::string axis = pair.first.as<std::string>();
    const auto value = values.find(axis);
    if (value == values.end())
      throw InputError{where.file(), pair.first.Mark().line + 1, "only", cat("\"", axis, "\" is not an axis of the matrix")};
    ++uses[axis];
    bool any = false;
    if (pair.second.IsSequence()) for (const auto& v : pair.second) any = any || v.Scalar() == value->second;
    else any = pair.second.Scalar() == value->second;
    all = all && any;
  }
  return all;
}

void filter_only(YAML::Node n, const Values& values, const YamlCursor& where, std::map<std::string, int>& uses) {
  if (n.IsMap()) {
    for (auto pair : n) filter_only(pair.second, values, where, uses);
  } else if (n.IsSequence()) {
    std::vector<std::size_t> dropped;
    for (std::size_t i = 0; i < n.size(); ++i) {
      YAML::Node item = n[i];
      if (item.IsMap() && item["only"].IsDefined()) {
        if (!agrees(item["only"], values, where, uses)) { dropped.push_back(i); continue; }
        item.remove("only");
      }
      filter_only(item, values, where, uses);
    }
    for (auto i = dropped.rbegin(); i != dropped.rend(); ++i) n.remove(*i);
  }
}

std::vector<Axis> read_axes(const YamlCursor& matrix, Matrix& out) {
  std::vector<Axis> axes;
  std::size_t total = 1;
  for (const auto& e : matrix.entries()) {
    if (e.key == "seed") {
      auto seeds = parse_range(e.value.text());
      if (!seeds.ok()) e.value.fail(seeds.error().message);
      out.seeds = std::move(*seeds);
      continue;
    }
    Axis axis{e.key, e.value.line(), e.value.texts()};
    if (axis.values.empty()) e.value.fail("has no values");
    total *= axis.values.size();
    if (total > 10'000) matrix.fail("has over 10,000 combinations");
    axes.push_back(std::move(axis));
  }
  return axes;
}

}  // namespace

Matrix expand_matrix(const YamlCursor& scenario) {
  const std::string text = read_text_file(scenario.file());
  Matrix out;
  std::vector<Axis> axes;
  if (scenario.has("matrix")) axes = read_axes(scenario.at("matrix"), out);
  std::map<std::string, int> uses;
  std::vector<std::size_t> index(axes.size(), 0);
  while (true) {
    Combination c;
    Values values;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      values[axes[i].name] = axes[i].values[index[i]];
      c.axes.emplace_back(axes[i].name, axes[i].values[index[i]]);
    }
    c.document = read_yaml_documents(text, scenario.file()).front();   // not a clone: that would lose the lines
    c.document.remove("matrix");
    filter_only(c.document, values, scenario, uses);
    substitute(c.document, values, scenario.file(), "an axis of the matrix", uses);
    for (const Axis& a : axes)
      if (a.name.find('.') != std::string::npos) {
        set_path(c.document, a.name, values[a.name]);
        ++uses[a.name];
      }
    out.combinations.push_back(std::move(c));
    std::size_t i = axes.size();
    while (i > 0 && ++index[i - 1] == axes[i - 1].values.size()) index[--i] = 0;
    if (i == 0) break;
  }
  for (const Axis& a : axes)
    if (uses[a.name] == 0) throw InputError{scenario.file(), a.line, "matrix." + a.name, "is used nowhere (write ${" + a.name + "})"};
  return out;
}

}  // namespace orrery::scenarios
