// Plots as SVG text, to stand inside an HTML page.
#pragma once
#include <string>
#include <vector>

namespace orrery::scenarios::bench {

struct Line {
  std::string name;
  std::vector<double> x, y;
};

struct Box {
  std::string name;
  std::vector<double> values;    ///< at least one; drawn as quartiles, the furthest values, and a dot each
};

std::string line_plot(const std::string& title, const std::string& x_name, const std::vector<Line>& lines);
std::string box_plot(const std::string& title, const std::vector<Box>& boxes);
/// For text and attributes.
std::string escaped(const std::string& text);

}  // namespace orrery::scenarios::bench
