#include "control/apiserver/body.h"

#include "model/api/defaults/defaults.h"
#include "model/codec/json_read.h"
#include "model/codec/json_write.h"
#include "model/codec/partial_patch.h"
#include "model/codec/patch.h"
#include "model/codec/proto.h"
#include "model/codec/yaml_read.h"

namespace orrery::apiserver {

namespace {

using Decoded = base::Result<base::Ref<api::Object>, Failure>;

Failure cannot_handle(const api::Kind& kind, std::string_view why) {
  return bad_request(base::cat(kind.kind, " in version \"", kind.version,
                               "\" cannot be handled as a ", kind.kind, ": ", why));
}

Decoded read_text(Call& call, const api::Kind& kind, std::string_view text) {
  codec::ReadOptions options;
  options.validation = call.request().field_validation;
  codec::ReadReport report;
  auto object = codec::read_object_as(kind, text, options, &report);
  if (!object.ok()) return cannot_handle(kind, object.error().message);
  if (options.validation == api::FieldValidation::kWarn) {
    for (const std::string& problem : report.problems) call.warn(Str(problem));
  }
  return std::move(*object);
}

/// A body of text as JSON; YAML must be one document.
base::Result<std::string, Failure> json_text(const api::ApiRequest& request) {
  if (request.format != api::BodyFormat::kYaml) return request.bytes.str();
  auto documents = codec::read_yaml(request.bytes);
  if (!documents.ok())
    return bad_request(base::cat("error converting YAML to JSON: ", documents.error().message));
  if (documents->size() != 1) return bad_request("the body must be one YAML document");
  return std::move(documents->front().json);
}

Decoded read_json_body(Call& call, const api::Kind& kind) {
  auto json = json_text(call.request());
  if (!json.ok()) return json.error();
  const std::string& text = *json;
  auto meta = codec::read_type_meta(text);
  if (!meta.ok()) return bad_request(meta.error().message);
  const std::string expected = kind.api_version();
  if (!meta->api_version.empty() && meta->api_version != expected) {
    return bad_request(base::cat("the API version in the data (", meta->api_version,
                                 ") does not match the expected API version (", expected, ")"));
  }
  if (!meta->kind.empty() && meta->kind != kind.kind) {
    return bad_request(base::cat("the kind in the data (", meta->kind,
                                 ") does not match the expected kind (", kind.kind, ")"));
  }
  return read_text(call, kind, text);
}

Decoded read_body(Call& call, const api::Kind& kind) {
  const api::ApiRequest& request = call.request();
  switch (request.format) {
    case api::BodyFormat::kHandle:
      if (!request.object) break;
      if (request.object->kind_id() != kind.id) {
        return bad_request(base::cat("the kind in the data (", request.object->kind().kind,
                                     ") does not match the expected kind (", kind.kind, ")"));
      }
      return api::clone(*request.object);
    case api::BodyFormat::kJson:
    case api::BodyFormat::kYaml:
      return read_json_body(call, kind);
    case api::BodyFormat::kProtobuf: {
      auto object = codec::read_envelope(request.bytes);
      if (!object.ok()) return cannot_handle(kind, object.error().message);
      if ((*object)->kind_id() != kind.id) {
        return bad_request(base::cat("the kind in the data (", (*object)->kind().kind,
                                     ") does not match the expected kind (", kind.kind, ")"));
      }
      return std::move(*object);
    }
    case api::BodyFormat::kNone:
      break;
  }
  return bad_request("the request has no body");
}

Failure check_body_size(const Call& call, const ApiserverConfig& config) {
  const api::ApiRequest& request = call.request();
  std::size_t size = request.bytes.size();
  if (request.format == api::BodyFormat::kHandle && request.object)
    size = request.object->encoded_size();
  if (static_cast<std::int64_t>(size) <= config.max_body_bytes) return {};
  return too_large(base::cat("limit is ", std::to_string(config.max_body_bytes)));
}

/// Makes path and body agree; what one of them leaves open the other one says.
Failure agree_with_path(Call& call, api::Object& object) {
  const bool namespaced = object.kind().namespaced || object.kind_id() > api::kLastStored;
  if (!namespaced) {
    if (!object.meta().namespace_.empty()) edit_meta(object).namespace_ = Str();
    call.ns = Str();
  } else if (object.meta().namespace_.empty()) {
    edit_meta(object).namespace_ = call.ns;
  } else if (call.ns.empty()) {
    call.ns = object.meta().namespace_;
  } else if (!(call.ns == object.meta().namespace_)) {
    return bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  if (call.name.empty()) {
    call.name = object.meta().name;
  } else if (object.meta().name.empty()) {
    edit_meta(object).name = call.name;
  } else if (!(call.name == object.meta().name)) {
    return bad_request(base::cat("the name of the object (", object.meta().name,
                                 ") does not match the name on the URL (", call.name, ")"));
  }
  return {};
}

base::Result<codec::JsonValue, Failure> patched_json(const api::ApiRequest& request,
                                                     const codec::JsonValue& patch,
                                                     const api::Object& present) {
  auto document = codec::parse_json(codec::to_json(present));
  if (!document.ok()) return internal_error(document.error().message);
  if (request.patch == api::PatchType::kMerge)
    return codec::apply_merge_patch(std::move(*document), patch);
  if (request.patch == api::PatchType::kJson) {
    auto out = codec::apply_json_patch(std::move(*document), patch);
    if (out.ok()) return std::move(*out);
    if (out.error().code == base::ErrorCode::kLimit) return too_large(out.error().message);
    api::ApiStatus s =
        *generic(422, base::cat("the server rejected our request due to an error in our request"));
    s.reason = "Invalid";
    s.details.edit().causes = {api::StatusCause{{}, Str(out.error().message), {}}};
    return Failure(std::move(s));
  }
  auto out = codec::apply_strategic_patch(present.kind().type(), std::move(*document), patch);
  if (!out.ok()) return bad_request(out.error().message);
  return std::move(*out);
}

/// Null when only the whole document will do.
base::Ref<api::Object> patched_in_place(const api::ApiRequest& request,
                                        const codec::JsonValue& patch,
                                        const api::Object& present) {
  if (request.patch == api::PatchType::kJson) return {};
  const auto how = request.patch == api::PatchType::kMerge ? codec::PartialPatch::kMerge
                                                           : codec::PartialPatch::kStrategic;
  base::Ref<api::Object> copy = api::clone(present);
  if (!codec::patch_fields(present.kind().type(), api::edit_value(*copy), patch, how)) return {};
  return copy;
}

Decoded patched_object(Call& call, const api::Object& present) {
  auto text = json_text(call.request());
  if (!text.ok()) return text.error();
  auto patch = codec::parse_json(*text);
  if (!patch.ok()) return bad_request(patch.error().message);
  if (auto object = patched_in_place(call.request(), *patch, present)) return object;
  auto document = patched_json(call.request(), *patch, present);
  if (!document.ok()) return document.error();
  return read_text(call, present.kind(), document->dump());
}

}  // namespace

Decoded decode_body(Call& call, const ApiserverConfig& config, KindId kind) {
  if (Failure f = check_body_size(call, config)) return f;
  Decoded object = read_body(call, api::kind_of(kind));
  if (!object.ok()) return object;
  if (Failure f = agree_with_path(call, **object)) return f;
  api::apply_defaults((*object)->kind(), api::edit_value(**object));
  return object;
}

Decoded apply_patch(Call& call, const ApiserverConfig& config, const api::Object& present) {
  const api::ApiRequest& request = call.request();
  if (Failure f = check_body_size(call, config)) return f;
  if (request.patch == api::PatchType::kApply || request.patch == api::PatchType::kNone) {
    return unsupported_media_type(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, "
        "application/strategic-merge-patch+json");
  }
  Decoded object = patched_object(call, present);
  if (!object.ok()) return object;
  const api::ObjectMeta& meta = (*object)->meta();
  if (!(meta.name == present.meta().name)) {
    return bad_request(base::cat("the name of the object (", meta.name,
                                 ") does not match the name on the URL (", present.meta().name,
                                 ")"));
  }
  if (!(meta.namespace_ == present.meta().namespace_)) {
    return bad_request(base::cat("the namespace of the object (", meta.namespace_,
                                 ") does not match the namespace on the request (",
                                 present.meta().namespace_, ")"));
  }
  api::apply_defaults((*object)->kind(), api::edit_value(**object));
  return object;
}

Failure check_stored_size(const api::Object& object, const ApiserverConfig& config) {
  if (static_cast<std::int64_t>(object.encoded_size()) <= config.max_object_bytes) return {};
  return too_large("etcdserver: request is too large");
}

}  // namespace orrery::apiserver
