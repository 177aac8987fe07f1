#include "control/apiserver/failure.h"

#include <vector>

#include "model/api/path.h"

namespace orrery::apiserver {

namespace {

api::ApiStatus make(std::int32_t code, std::string_view reason, std::string_view message) {
  api::ApiStatus s;
  s.status = "Failure";
  s.code = code;
  s.reason = reason;
  s.message = message;
  return s;
}

api::StatusDetails& details(api::ApiStatus& s) { return s.details.edit(); }

api::ApiStatus about(KindId kind, std::string_view name, std::int32_t code, std::string_view reason,
                     std::string_view message) {
  api::ApiStatus s = make(code, reason, message);
  const api::Kind& k = api::kind_of(kind);
  details(s).group = k.group;
  details(s).kind = k.plural;
  details(s).name = name;
  return s;
}

std::string quoted(KindId kind, std::string_view name) {
  return base::cat(api::kind_of(kind).resource_name(), " \"", name, "\"");
}

}  // namespace

Failure not_found(KindId kind, std::string_view name) {
  return about(kind, name, 404, "NotFound", base::cat(quoted(kind, name), " not found"));
}

Failure already_exists(KindId kind, std::string_view name) {
  return about(kind, name, 409, "AlreadyExists", base::cat(quoted(kind, name), " already exists"));
}

Failure conflict(KindId kind, std::string_view name, std::string_view why) {
  return about(kind, name, 409, "Conflict",
               base::cat("Operation cannot be fulfilled on ", quoted(kind, name), ": ", why));
}

Failure forbidden(KindId kind, std::string_view name, std::string_view why) {
  const std::string subject =
      name.empty() ? api::kind_of(kind).resource_name() : quoted(kind, name);
  return about(kind, name, 403, "Forbidden", base::cat(subject, " is forbidden: ", why));
}

Failure invalid(KindId kind, std::string_view name, const api::ErrorList& errors) {
  const api::Kind& k = api::kind_of(kind);
  const std::string type = *k.group ? base::cat(k.kind, ".", k.group) : std::string(k.kind);
  api::ApiStatus s = about(kind, name, 422, "Invalid",
                           base::cat(type, " \"", name, "\" is invalid: ", errors.str()));
  details(s).kind = k.kind;
  std::vector<api::StatusCause> causes;
  for (const api::FieldError& e : errors) {
    causes.push_back({Str(api::field_error_reason(e.type)), Str(e.body()), Str(e.field)});
  }
  details(s).causes = std::move(causes);
  return s;
}

Failure bad_request(std::string_view message) { return make(400, "BadRequest", message); }
Failure expired(std::string_view message) { return make(410, "Expired", message); }

Failure too_many_requests(std::string_view message, int retry_after_seconds) {
  api::ApiStatus s = make(429, "TooManyRequests", message);
  details(s).retry_after_seconds = retry_after_seconds;
  return s;
}

Failure timeout(std::string_view message, int retry_after_seconds) {
  api::ApiStatus s = make(504, "Timeout", base::cat("Timeout: ", message));
  details(s).retry_after_seconds = retry_after_seconds;
  return s;
}

Failure too_large_resource_version(std::int64_t wanted, std::int64_t current) {
  Failure f = timeout(base::cat("Too large resource version: ", std::to_string(wanted),
                                ", current: ", std::to_string(current)),
                      1);
  details(f.edit()).causes = {
      api::StatusCause{"ResourceVersionTooLarge", "Too large resource version", {}}};
  return f;
}

Failure internal_error(std::string_view message) {
  api::ApiStatus s = make(500, "InternalError", base::cat("Internal error occurred: ", message));
  details(s).causes = {api::StatusCause{{}, Str(message), {}}};
  return s;
}

Failure service_unavailable(std::string_view message) {
  return make(503, "ServiceUnavailable", message);
}

Failure method_not_supported(KindId kind, std::string_view action) {
  api::ApiStatus s = make(405, "MethodNotAllowed",
                          base::cat(action, " is not supported on resources of kind \"",
                                    api::kind_of(kind).resource_name(), "\""));
  details(s).group = api::kind_of(kind).group;
  details(s).kind = api::kind_of(kind).plural;
  return s;
}

Failure unknown_path() {
  return make(404, "NotFound", "the server could not find the requested resource");
}

Failure too_large(std::string_view message) {
  return make(413, "RequestEntityTooLarge", base::cat("Request entity is too large: ", message));
}

Failure unsupported_media_type(std::string_view message) {
  return make(415, "UnsupportedMediaType", message);
}

Failure generic(std::int32_t code, std::string_view message) { return make(code, "", message); }

Failure store_failure(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kUnknown:
      return make(504, "Timeout", "etcdserver: request timed out");
    case base::ErrorCode::kConflict:
      return expired("The resourceVersion for the provided list is too old.");
    case base::ErrorCode::kUnavailable:
      return generic(500, error.message.empty() ? "etcdserver: no leader" : error.message);
    default:
      return generic(500, error.message.empty() ? "etcdserver: internal error" : error.message);
  }
}

}  // namespace orrery::apiserver
