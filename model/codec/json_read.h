// JSON text to objects, straight into the structs, with the rules and error texts of sigs.k8s.io/json.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/api/object.h"
#include "model/api/request.h"
#include "model/base/result.h"

namespace orrery::codec {

struct ReadOptions {
  /// kIgnore: unknown fields are dropped, the last duplicate wins. kWarn: the same, and they are reported.
  /// kStrict: the read fails with "strict decoding error: ..." when there are any.
  api::FieldValidation validation = api::FieldValidation::kIgnore;
  std::size_t max_depth = 10'000;
  std::size_t max_size = std::size_t{64} << 20;  ///< bytes of text
};

struct ReadReport {
  /// `unknown field "spec.foo"`, `duplicate field "spec.x"`: in order of appearance, each once, at most 100.
  std::vector<std::string> problems;
  /// Byte offset of the failure when the read failed.
  std::size_t error_offset = 0;
};

/// Reads one value. Names are case-sensitive. null leaves a scalar or struct as it is and empties lists,
/// maps, pointers and times. `value` must be fresh; after a failure it holds some of the input. A grammar
/// error is reported in preference to a wrong type, as upstream checks the grammar first. Stricter than
/// upstream: invalid UTF-8 and lone surrogates fail.
base::Status read_json(const api::Type& type, void* value, std::string_view text,
                       const ReadOptions& options = {}, ReadReport* report = nullptr);

/// The two fields that say what a document is. Only as much text is checked as needed to find both.
struct TypeMeta {
  std::string api_version, kind;
};
base::Result<TypeMeta> read_type_meta(std::string_view text);

/// An object of a kind that is known (a request to its collection). kind and apiVersion in the text are
/// accepted and not compared; read_type_meta tells them.
base::Result<base::Ref<api::Object>> read_object_as(const api::Kind& kind, std::string_view text,
                                                    const ReadOptions& options = {},
                                                    ReadReport* report = nullptr);
/// An object of the kind that its text names.
base::Result<base::Ref<api::Object>> read_object(std::string_view text, const ReadOptions& options = {},
                                                 ReadReport* report = nullptr);

template <class T>
base::Result<T> from_json(std::string_view text, const ReadOptions& options = {}) {
  T value{};
  base::Status status = read_json(api::describe<T>(), &value, text, options);
  if (!status) return status.error();
  return value;
}

}  // namespace orrery::codec
