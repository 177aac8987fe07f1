// Statistics of replicates: paired differences with bootstrap intervals and Wilcoxon's signed-rank test.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace orrery::scenarios::bench {

/// Fewer replicates than this say nothing about differences.
inline constexpr std::size_t kEnoughReplicates = 10;

double mean_of(std::span<const double> values);
/// Of a sample; 0 for fewer than two.
double deviation_of(std::span<const double> values);
/// By linear interpolation between order statistics; `p` in [0, 1].
double quantile_of(std::vector<double> values, double p);

struct Interval {
  double low = 0, high = 0;
};

/// 95 % percentile interval of the mean over 10,000 resamples (Efron, 1979), drawn by `name`.
Interval bootstrap_mean(std::span<const double> values, std::string_view name);

/// Two-sided p of the hypothesis that the differences are symmetric around 0 (Wilcoxon, 1945): zeros are left out, ties get
/// middle ranks; exact up to 200 differences, then by the normal approximation. 1 when nothing is left.
double signed_rank_p(std::span<const double> differences);

/// Step-down correction for testing several hypotheses (Holm, 1979); in the order given.
std::vector<double> holm(std::vector<double> p);

}  // namespace orrery::scenarios::bench
