// Failures of requests as metav1.Status values: code, reason, message and details exactly as
// k8s.io/apimachinery pkg/api/errors builds them, because clients decide by reason and people read
// the message.
#pragma once
#include <string>
#include <string_view>

#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {
class ErrorList;
}

namespace orrery::apiserver {

using api::KindId;
using base::Str;

/// Null: no failure.
using Failure = base::Box<api::ApiStatus>;

Failure not_found(KindId kind, std::string_view name);
Failure already_exists(KindId kind, std::string_view name);
/// `Operation cannot be fulfilled on pods "x": WHY`
Failure conflict(KindId kind, std::string_view name, std::string_view why);
/// `pods "x" is forbidden: WHY`
Failure forbidden(KindId kind, std::string_view name, std::string_view why);
/// `Deployment.apps "x" is invalid: ...` with one cause per error.
Failure invalid(KindId kind, std::string_view name, const api::ErrorList& errors);
Failure bad_request(std::string_view message);
/// 410: a resource version or continue token that the server no longer has.
Failure expired(std::string_view message);
Failure too_many_requests(std::string_view message, int retry_after_seconds);
/// 504; the message is prefixed with "Timeout: " as upstream does.
Failure timeout(std::string_view message, int retry_after_seconds);
Failure too_large_resource_version(std::int64_t wanted, std::int64_t current);
Failure internal_error(std::string_view message);
Failure service_unavailable(std::string_view message);
/// 405 for a verb that the resource does not serve.
Failure method_not_supported(KindId kind, std::string_view action);
/// 404 for a path that is not served.
Failure unknown_path();
Failure too_large(std::string_view message);
Failure unsupported_media_type(std::string_view message);
/// 500 without a reason, as any error without a status of its own.
Failure generic(std::int32_t code, std::string_view message);
/// What the store's failure means to the client. kUnknown: the write may have happened (504,
/// "etcdserver: request timed out"); kUnavailable: it certainly did not (500).
Failure store_failure(const base::Error& error);

/// The message of every conflict on resourceVersion.
inline constexpr std::string_view kModified =
    "the object has been modified; please apply your changes to the latest version and try again";

}  // namespace orrery::apiserver
