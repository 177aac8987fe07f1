#include "scenarios/bench/svg.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/base/math.h"
#include "model/base/str.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/statistics.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr double kWidth = 640, kHeight = 320, kLeft = 60, kRight = 150, kTop = 30, kBottom = 40;
// Distinguishable also without red and green (Okabe and Ito, 2008).
constexpr std::array<const char*, 8> kColours{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999933"};

std::string number(double v) { return fixed(v, 1); }
const char* colour(std::size_t i) { return kColours[i % kColours.size()]; }

/// A range of values on a length of pixels, with round steps.
struct Axis {
  double low, high, step, from, to;
  Axis(double least, double most, double pixel_from, double pixel_to) : low(least), high(most), from(pixel_from), to(pixel_to) {
    if (!(high > low)) {
      low -= 1;
      high += 1;
    }
    const double rough = (high - low) / 6;
    step = base::pow(10, std::fabs(std::floor(base::log(rough) / base::log(10))));
    if (rough < 1) step = 1 / step;
    for (const double f : {1.0, 2.0, 5.0, 10.0}) {
      if (step * f < rough) continue;
      step *= f;
      break;
    }
    low = std::floor(low / step) * step;
    high = std::ceil(high / step) * step;
  }
  double at(double v) const { return from + (v - low) / (high - low) * (to - from); }
  std::string label(double v) const { return fixed(v, step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3); }
};

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return cat("<text x=\"", number(x), "\" y=\"", number(y), "\" text-anchor=\"", anchor, "\">", escaped(text), "</text>\n");
}

std::string segment(double x1, double y1, double x2, double y2, const char* stroke) {
  return cat("<line x1=\"", number(x1), "\" y1=\"", number(y1), "\" x2=\"", number(x2), "\" y2=\"", number(y2), "\" stroke=\"", stroke, "\"/>\n");
}

std::string opening(const std::string& title) {
  return cat("<svg viewBox=\"0 0 ", number(kWidth), " ", number(kHeight), "\" role=\"img\" aria-label=\"", escaped(title), "\">\n",
             text_at(kLeft, 16, "start", title));
}

std::string value_grid(const Axis& y) {
  std::string out;
  for (double v = y.low; v <= y.high + y.step / 2; v += y.step) {
    out += segment(kLeft, y.at(v), kWidth - kRight, y.at(v), "#ddd");
    out += text_at(kLeft - 6, y.at(v) + 4, "end", y.label(v));
  }
  return out;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

std::string line_plot(const std::string& title, const std::string& x_name, const std::vector<Line>& lines) {
  double x_low = INFINITY, x_high = -INFINITY, y_low = 0, y_high = -INFINITY;
  for (const Line& l : lines) {
    for (const double v : l.x) x_low = std::min(x_low, v), x_high = std::max(x_high, v);
    for (const double v : l.y) {
      if (std::isfinite(v)) y_low = std::min(y_low, v), y_high = std::max(y_high, v);
    }
  }
  std::string out = opening(title);
  if (!std::isfinite(x_low) || !std::isfinite(y_high)) return out + "</svg>\n";
  const Axis x(x_low, x_high, kLeft, kWidth - kRight), y(y_low, y_high, kHeight - kBottom, kTop);
  out += value_grid(y);
  for (double v = x.low; v <= x.high + x.step / 2; v += x.step) out += text_at(x.at(v), kHeight - kBottom + 16, "middle", x.label(v));
  out += text_at((kLeft + kWidth - kRight) / 2, kHeight - 6, "middle", x_name);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string points;
    for (std::size_t k = 0; k < lines[i].x.size() && k < lines[i].y.size(); ++k) {
      if (std::isfinite(lines[i].y[k])) points += cat(number(x.at(lines[i].x[k])), ",", number(y.at(lines[i].y[k])), " ");
    }
    out += cat("<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"", colour(i), "\" points=\"", points, "\"/>\n");
    const double at = kTop + 10 + 16 * static_cast<double>(i);
    out += segment(kWidth - kRight + 10, at, kWidth - kRight + 26, at, colour(i));
    out += text_at(kWidth - kRight + 32, at + 4, "start", lines[i].name);
  }
  return out + "</svg>\n";
}

std::string box_plot(const std::string& title, const std::vector<Box>& boxes) {
  double low = INFINITY, high = -INFINITY;
  for (const Box& b : boxes) {
    for (const double v : b.values) {
      if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
    }
  }
  std::string out = opening(title);
  if (!std::isfinite(low)) return out + "</svg>\n";
  const Axis y(low, high, kHeight - kBottom, kTop);
  out += value_grid(y);
  const double room = (kWidth - kRight - kLeft) / static_cast<double>(boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    std::vector<double> values;
    for (const double v : boxes[i].values) {
      if (std::isfinite(v)) values.push_back(v);
    }
    const double middle = kLeft + room * (static_cast<double>(i) + 0.5), half = std::min(room * 0.3, 30.0);
    out += text_at(middle, kHeight - kBottom + 16 + (i % 2) * 14.0, "middle", boxes[i].name);
    if (values.empty()) continue;
    const double q1 = quantile_of(values, 0.25), q2 = quantile_of(values, 0.5), q3 = quantile_of(values, 0.75);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    out += segment(middle, y.at(*least), middle, y.at(*most), colour(i));
    out += cat("<rect x=\"", number(middle - half), "\" y=\"", number(y.at(q3)), "\" width=\"", number(2 * half), "\" height=\"",
               number(y.at(q1) - y.at(q3)), "\" fill=\"#fff\" stroke=\"", colour(i), "\"/>\n");
    out += segment(middle - half, y.at(q2), middle + half, y.at(q2), colour(i));
    for (const double v : values) {
      out += cat("<circle r=\"2\" cx=\"", number(middle), "\" cy=\"", number(y.at(v)), "\" fill=\"", colour(i), "\"/>\n");
    }
  }
  return out + "</svg>\n";
}

}  // namespace orrery::scenarios::bench
