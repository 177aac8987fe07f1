#include "control/client/client.h"

namespace orrery::client {
namespace {

base::Ref<api::ApiRequest> request_of(api::Verb verb, KindId kind, Str ns, Str name) {
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = verb;
  r->kind = kind;
  r->namespace_ = std::move(ns);
  r->name = std::move(name);
  return r;
}

base::Ref<api::ApiRequest> write_of(api::Verb verb, ObjectRef object, Str subresource) {
  const api::ObjectMeta& meta = object->meta();
  // These bodies go to sub-resources of pods and have no collection of their own.
  const bool of_pod = subresource == "eviction" || subresource == "binding";
  auto r = request_of(verb, of_pod ? KindId::kPod : object->kind_id(), meta.namespace_, meta.name);
  r->subresource = std::move(subresource);
  r->format = api::BodyFormat::kHandle;
  r->object = std::move(object);
  return r;
}

void set_delete(api::ApiRequest& r, DeleteParams params) {
  r.grace_period_seconds = params.grace_period_seconds;
  r.propagation = params.propagation;
  r.precondition_uid = std::move(params.precondition_uid);
  r.precondition_resource_version = std::move(params.precondition_resource_version);
}

void set_list(api::ApiRequest& r, ListParams params) {
  r.label_selector = std::move(params.label_selector);
  r.field_selector = std::move(params.field_selector);
  r.resource_version = std::move(params.resource_version);
  r.limit = params.limit;
  r.continue_token = std::move(params.continue_token);
}

}  // namespace

ApiFuture Client::one(base::Ref<api::ApiRequest> request) {
  auto response = co_await ask(std::move(request));
  if (!response) co_return response.error();
  co_return ObjectRef(response.value()->object);
}

ApiFuture Client::get(KindId kind, Str ns, Str name) {
  return one(request_of(api::Verb::kGet, kind, std::move(ns), std::move(name)));
}

ApiFuture Client::create(ObjectRef object, Str subresource) {
  return one(write_of(api::Verb::kCreate, std::move(object), std::move(subresource)));
}

ApiFuture Client::update(ObjectRef object, Str subresource) {
  return one(write_of(api::Verb::kUpdate, std::move(object), std::move(subresource)));
}

ApiFuture Client::patch(KindId kind, Str ns, Str name, api::PatchType type, Str json, Str subresource) {
  auto r = request_of(api::Verb::kPatch, kind, std::move(ns), std::move(name));
  r->subresource = std::move(subresource);
  r->patch = type;
  r->format = api::BodyFormat::kJson;
  r->bytes = std::move(json);
  return one(std::move(r));
}

ApiFuture Client::remove(KindId kind, Str ns, Str name, DeleteParams params) {
  auto r = request_of(api::Verb::kDelete, kind, std::move(ns), std::move(name));
  set_delete(*r, std::move(params));
  return one(std::move(r));
}

ApiFuture Client::remove_collection(KindId kind, Str ns, ListParams which, DeleteParams params) {
  auto r = request_of(api::Verb::kDeleteCollection, kind, std::move(ns), {});
  set_list(*r, std::move(which));
  set_delete(*r, std::move(params));
  return one(std::move(r));
}

env::Task<ApiResult<ListResult>> Client::list(KindId kind, ListParams params) {
  Str ns = params.namespace_;
  auto r = request_of(api::Verb::kList, kind, std::move(ns), {});
  set_list(*r, std::move(params));
  auto response = co_await ask(std::move(r));
  if (!response) co_return response.error();
  const api::ApiResponse& list = *response.value();
  ListResult result;
  result.items = list.items;
  result.revision = list.list_revision;
  result.continue_token = list.continue_token;
  co_return result;
}

}  // namespace orrery::client
