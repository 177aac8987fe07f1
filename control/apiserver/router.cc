#include "control/apiserver/router.h"

#include "control/apiserver/body.h"
#include "control/apiserver/scale.h"

namespace orrery::apiserver {

namespace {

using api::Verb;

bool serves_part(const api::Kind& kind, const Str& part) {
  if (part.empty()) return true;
  if (part == "status") return kind.has_status;
  if (part == "scale") return kind.has_scale;
  if (part == "binding" || part == "eviction") return kind.id == KindId::kPod;
  return part == "finalize" && kind.id == KindId::kNamespace;
}

bool serves_verb(const Str& part, Verb verb) {
  if (part.empty()) return verb != Verb::kWatch;
  if (part == "binding" || part == "eviction") return verb == Verb::kCreate;
  if (part == "finalize") return verb == Verb::kUpdate;
  return verb == Verb::kGet || verb == Verb::kUpdate || verb == Verb::kPatch;
}

bool needs_name(const api::ApiRequest& r) {
  if (r.verb == Verb::kList || r.verb == Verb::kDeleteCollection) return false;
  if (r.verb == Verb::kCreate) return false;
  // A handle names itself.
  return !(r.verb == Verb::kUpdate && r.format == api::BodyFormat::kHandle && r.object);
}

bool is_stored(KindId kind) { return kind != KindId::kNone && kind <= api::kLastStored; }

}  // namespace

Failure Router::check(const api::ApiRequest& r) {
  if (!is_stored(r.kind) || !serves_part(api::kind_of(r.kind), r.subresource))
    return unknown_path();
  if (!serves_verb(r.subresource, r.verb))
    return method_not_supported(r.kind, api::to_string(r.verb));
  if (needs_name(r) && r.name.empty()) return bad_request("name is required");
  if (needs_name(r) && api::kind_of(r.kind).namespaced && r.namespace_.empty()) {
    return bad_request("namespace is required");
  }
  return {};
}

Failure Router::check_watch(const api::ApiRequest& r) {
  if (!is_stored(r.kind) || !r.subresource.empty()) return unknown_path();
  return r.verb == Verb::kWatch ? Failure() : method_not_supported(r.kind, api::to_string(r.verb));
}

void Router::route(CallRef call) {
  const api::ApiRequest& r = call->request();
  const Str& part = r.subresource;
  if (part == "binding") return pods_.bind(std::move(call));
  if (part == "eviction") return pods_.evict(std::move(call));
  if (part == "scale") return route_scale(std::move(call));
  switch (r.verb) {
    case Verb::kGet:
      return reader_.get(std::move(call));
    case Verb::kList:
      return reader_.list(std::move(call));
    case Verb::kCreate:
      return writer_.create(std::move(call));
    case Verb::kUpdate:
    case Verb::kPatch:
      return writer_.update(std::move(call), part == "status"     ? Part::kStatus
                                             : part == "finalize" ? Part::kFinalize
                                                                  : Part::kMain);
    case Verb::kDelete:
      return writer_.remove(std::move(call));
    case Verb::kDeleteCollection:
      return remove_collection(std::move(call));
    case Verb::kWatch:
      break;
  }
  call->fail(unknown_path());
}

void Router::remove_collection(CallRef call) {
  auto filter = Filter::of(call->request());
  if (!filter.ok()) return call->fail(filter.error());
  reader_.fresh(call->kind(), std::move(*filter),
                [this, call, alive = live_.token()](Failure failure, std::vector<ObjectRef> items) {
                  if (!alive.alive()) return;
                  if (failure) return call->fail(failure);
                  writer_.remove_collection(call, std::move(items));
                });
}

void Router::get_scale(CallRef call) {
  core_.store.read(core_.store.key(call->kind(), call->ns, call->name),
                   [call](Failure failure, ObjectRef object) {
                     if (failure) return call->fail(failure);
                     if (!object) return call->fail(not_found(call->kind(), call->name));
                     call->answer(200, scale_of(*object));
                   });
}

void Router::route_scale(CallRef call) {
  const api::ApiRequest& r = call->request();
  if (r.verb == Verb::kGet) return get_scale(std::move(call));
  base::Ref<const api::Object> body;
  if (r.verb == Verb::kUpdate) {
    auto decoded = decode_body(*call, core_.config, KindId::kScale);
    if (!decoded.ok()) return call->fail(decoded.error());
    body = std::move(*decoded);
  }
  writer_.update_as(
      call,
      [this, call,
       body](const api::Object& present) -> base::Result<base::Ref<api::Object>, Failure> {
        if (body) return with_scale(present, body->as<api::Scale>());
        auto patched = apply_patch(*call, core_.config, *scale_of(present));
        if (!patched.ok()) return patched.error();
        return with_scale(present, (*patched)->as<api::Scale>());
      },
      [](const api::Object& written) { return scale_of(written); });
}

}  // namespace orrery::apiserver
