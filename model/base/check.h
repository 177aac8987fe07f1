// Invariant checks that stay on in release builds.
#pragma once
#include <string_view>

namespace orrery::base {

/// Prints "check failed: WHAT (FILE:LINE)" to stderr and aborts. The command line maps the abort to exit status 3.
[[noreturn]] void check_failed(std::string_view what, const char* file, int line);

}  // namespace orrery::base

/// Aborts when `cond` is false. `what` says which rule of the program (not of its input) was broken.
#define ORRERY_CHECK(cond, what) \
  (__builtin_expect(static_cast<bool>(cond), 1) ? void(0) \
                                                : ::orrery::base::check_failed(what, __FILE__, __LINE__))
