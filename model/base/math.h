// exp, log and pow with one result on every machine: plain IEEE double operations in a fixed order, never libm's.
#pragma once

namespace orrery::base {

/// Natural logarithm; relative error below 1e-15. x <= 0 gives -infinity (0) or NaN (negative).
double log(double x);
/// e^x; relative error below 2e-15; overflow gives infinity, underflow 0.
double exp(double x);
/// x^y for x >= 0. Integral y of at most 64 in magnitude is computed by multiplication.
double pow(double x, double y);

}  // namespace orrery::base
