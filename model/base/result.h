// Result<T>: a value, or an error that the caller can act on.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "model/base/check.h"

namespace orrery::base {

enum class ErrorCode : unsigned char {
  kInvalid,      ///< the input is wrong; asking again cannot help
  kNotFound,
  kExists,
  kConflict,     ///< a precondition did not hold
  kUnavailable,  ///< definitely not executed; another attempt may succeed
  kUnknown,      ///< may or may not have been executed (timeout, reset after sending)
  kCancelled,
  kLimit,        ///< a bound of the program or of the service was reached
  kIo,           ///< the device failed
  kCorrupt,      ///< stored bytes do not decode
  kInternal,
};

/// "invalid", "not-found", ... for logs.
const char* to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

inline Error invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }

/// `E` defaults to Error; an interface with richer failures names its own.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}           // NOLINT: implicit on purpose
  Result(E error) : error_(std::move(error)) {}       // NOLINT: implicit on purpose
  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  const T& value() const& { ORRERY_CHECK(ok(), "value() of an error"); return *value_; }
  T& value() & { ORRERY_CHECK(ok(), "value() of an error"); return *value_; }
  T&& value() && { ORRERY_CHECK(ok(), "value() of an error"); return std::move(*value_); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const E& error() const { ORRERY_CHECK(!ok(), "error() of a value"); return error_; }

 private:
  std::optional<T> value_;
  E error_{};
};

struct Unit {};
using Status = Result<Unit>;
inline Status ok_status() { return Status(Unit{}); }

}  // namespace orrery::base
