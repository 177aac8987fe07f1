#include "scenarios/bench/statistics.h"

#include <algorithm>
#include <cmath>

#include "model/base/math.h"
#include "model/base/random.h"

namespace orrery::scenarios::bench {
namespace {

constexpr std::size_t kResamples = 10'000, kExactRanks = 200;

/// Standard normal above z >= 0 (Abramowitz and Stegun 26.2.17; error below 7.5e-8).
double normal_tail(double z) {
  const double t = 1 / (1 + 0.2316419 * z);
  const double poly = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 0.3989422804014327 * base::exp(-z * z / 2) * poly;
}

struct Ranks {
  std::vector<std::int64_t> doubled;   // twice the middle ranks, ascending
  std::int64_t positive = 0;           // sum of those of positive differences
  double tie_term = 0;                 // sum of t^3 - t over groups of t equal ones
};

Ranks rank(std::span<const double> differences) {
  std::vector<double> d;
  for (const double v : differences) {
    if (v != 0) d.push_back(v);
  }
  std::sort(d.begin(), d.end(), [](double a, double b) { return std::fabs(a) < std::fabs(b); });
  Ranks out;
  for (std::size_t i = 0; i < d.size();) {
    std::size_t end = i;
    while (end < d.size() && std::fabs(d[end]) == std::fabs(d[i])) ++end;
    const auto twice = static_cast<std::int64_t>(i + 1 + end);
    const auto t = static_cast<double>(end - i);
    out.tie_term += t * t * t - t;
    for (; i < end; ++i) {
      out.doubled.push_back(twice);
      if (d[i] > 0) out.positive += twice;
    }
  }
  return out;
}

/// Each rank's sign is a fair coin: how likely a sum at least as far from the middle is.
double exact_p(const Ranks& ranks) {
  std::int64_t total = 0;
  for (const std::int64_t r : ranks.doubled) total += r;
  std::vector<double> ways(static_cast<std::size_t>(total) + 1);
  ways[0] = 1;
  std::int64_t reach = 0;
  for (const std::int64_t r : ranks.doubled) {
    reach += r;
    for (std::int64_t s = reach; s >= 0; --s) {
      const double with = s >= r ? ways[static_cast<std::size_t>(s - r)] : 0;
      ways[static_cast<std::size_t>(s)] = (ways[static_cast<std::size_t>(s)] + with) / 2;
    }
  }
  const std::int64_t least = std::min(ranks.positive, total - ranks.positive);
  double p = 0;
  for (std::int64_t s = 0; s <= least; ++s) p += ways[static_cast<std::size_t>(s)];
  return std::min(1.0, 2 * p);
}

}  // namespace

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values) {
  if (values.size() < 2) return 0;
  // Equal values deviate by nothing, whatever their mean is rounded to.
  if (std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; })) return 0;
  const double mean = mean_of(values);
  double sum = 0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

double quantile_of(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double at = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (at - static_cast<double>(below));
}

Interval bootstrap_mean(std::span<const double> values, std::string_view name) {
  base::RandomStream random(base::stream_key(1, "bootstrap", name));
  std::vector<double> means;
  for (std::size_t i = 0; i < kResamples; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < values.size(); ++k) sum += values[random.below(values.size())];
    means.push_back(sum / static_cast<double>(values.size()));
  }
  std::sort(means.begin(), means.end());
  return {means[kResamples / 40], means[kResamples - 1 - kResamples / 40]};
}

double signed_rank_p(std::span<const double> differences) {
  const Ranks ranks = rank(differences);
  const auto n = static_cast<double>(ranks.doubled.size());
  if (n == 0) return 1;
  if (ranks.doubled.size() <= kExactRanks) return exact_p(ranks);
  const double middle = n * (n + 1) / 4;
  const double variance = n * (n + 1) * (2 * n + 1) / 24 - ranks.tie_term / 48;
  const double away = std::fabs(static_cast<double>(ranks.positive) / 2 - middle);
  return std::min(1.0, 2 * normal_tail(std::max(0.0, away - 0.5) / std::sqrt(variance)));
}

std::vector<double> holm(std::vector<double> p) {
  std::vector<std::size_t> order(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  double least = 0;
  std::vector<double> out(p.size());
  for (std::size_t k = 0; k < order.size(); ++k) {
    least = std::max(least, std::min(1.0, p[order[k]] * static_cast<double>(order.size() - k)));
    out[order[k]] = least;
  }
  return out;
}

}  // namespace orrery::scenarios::bench
