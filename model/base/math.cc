#include "model/base/math.h"

#include <cstdint>
#include <cstring>
#include <limits>

namespace orrery::base {
namespace {

constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;

double scale_by_power_of_two(double x, int n) {
  while (n > 1000) { x *= 0x1.0p1000; n -= 1000; }
  while (n < -1000) { x *= 0x1.0p-1000; n += 1000; }
  const std::uint64_t bits = static_cast<std::uint64_t>(n + 1023) << 52;
  double factor;
  std::memcpy(&factor, &bits, 8);
  return x * factor;
}

}  // namespace

double log(double x) {
  if (x != x || x < 0) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return -std::numeric_limits<double>::infinity();
  if (x == std::numeric_limits<double>::infinity()) return x;
  int exponent = 0;
  if (x < 0x1.0p-1022) { x *= 0x1.0p54; exponent = -54; }
  std::uint64_t bits;
  std::memcpy(&bits, &x, 8);
  exponent += static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL;
  double m;
  std::memcpy(&m, &bits, 8);
  if (m > 1.4142135623730951) { m *= 0.5; ++exponent; }
  const double s = (m - 1.0) / (m + 1.0);
  const double z = s * s;
  double sum = 0.0;  // atanh series; |s| <= 0.1716, so 12 terms reach 1e-19 relative
  for (int k = 25; k >= 3; k -= 2) sum = (sum + 1.0 / k) * z;
  const double log_m = 2.0 * (s + s * sum);
  return exponent * kLn2High + (log_m + exponent * kLn2Low);
}

double exp(double x) {
  if (x != x) return x;
  if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
  if (x < -745.1332191019412) return 0.0;
  const double quotient = x * 1.4426950408889634;
  const int n = static_cast<int>(quotient < 0 ? quotient - 0.5 : quotient + 0.5);
  const double r = (x - n * kLn2High) - n * kLn2Low;
  double sum = 1.0;  // Taylor by Horner; |r| <= 0.3466, so 16 terms reach 1e-20
  for (int k = 16; k >= 1; --k) sum = 1.0 + sum * r / k;
  return scale_by_power_of_two(sum, n);
}

double pow(double x, double y) {
  if (y == 0) return 1.0;
  const auto n = static_cast<int>(y < -65 || y > 65 ? 65 : y);
  if (n == y && n >= -64 && n <= 64) {
    double result = 1.0;
    for (int i = 0; i < (n < 0 ? -n : n); ++i) result *= x;
    return n < 0 ? 1.0 / result : result;
  }
  if (x == 0) return y > 0 ? 0.0 : std::numeric_limits<double>::infinity();
  return exp(y * log(x));
}

}  // namespace orrery::base
