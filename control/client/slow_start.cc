#include "control/client/slow_start.h"

#include <algorithm>

namespace orrery::client {
namespace {

/// Shared with the requests in flight, which may outlive the task.
struct Batch : base::RefCounted {
  Batch(BatchRequest r, BatchDone d) : request(std::move(r)), done(std::move(d)) {}
  BatchRequest request;
  BatchDone done;
  int pending = 0;
  bool abandoned = false;
  BatchResult result;
  std::optional<env::Resolver<bool>> finished;
};

/// Silences the callbacks when the awaiting frame goes.
struct Guard {
  explicit Guard(base::Ref<Batch> b) : batch(std::move(b)) {}
  ~Guard() { batch->abandoned = true; }
  base::Ref<Batch> batch;
};

env::Future<bool> send(env::Environment& env, Client& client, const base::Ref<Batch>& batch, int first, int count) {
  auto [future, resolver] = env::make_future<bool>(env.trampoline);
  batch->finished.emplace(std::move(resolver));
  batch->pending = count;
  batch->result.attempts += count;
  for (int i = first; i < first + count; ++i) {
    client.call(batch->request(i), [batch, i](BatchAnswer answer) {
      if (batch->abandoned) return;
      if (answer.ok()) ++batch->result.successes;
      else if (!batch->result.first_error) batch->result.first_error = answer.error();
      if (batch->done) batch->done(i, answer);
      if (--batch->pending == 0) (*batch->finished)(true);
    });
  }
  return std::move(future);
}

}  // namespace

env::Task<BatchResult> run_batch(env::Environment& env, Client& client, int first, int count, BatchRequest request,
                                 BatchDone done) {
  Guard guard(base::make_ref<Batch>(std::move(request), std::move(done)));
  if (count > 0) co_await send(env, client, guard.batch, first, count);
  co_return guard.batch->result;
}

env::Task<BatchResult> slow_start_batch(env::Environment& env, Client& client, int count, int initial,
                                        BatchRequest request, BatchDone done) {
  Guard guard(base::make_ref<Batch>(std::move(request), std::move(done)));
  int sent = 0;
  for (int size = std::min(count, initial); size > 0; size = std::min(2 * size, count - sent)) {
    co_await send(env, client, guard.batch, sent, size);
    sent += size;
    if (guard.batch->result.first_error) break;
  }
  co_return guard.batch->result;
}

base::Ref<api::ApiRequest> create_request(ObjectRef object) {
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = api::Verb::kCreate;
  r->kind = object->kind_id();
  r->namespace_ = object->meta().namespace_;
  r->name = object->meta().name;
  r->format = api::BodyFormat::kHandle;
  r->object = std::move(object);
  return r;
}

base::Ref<api::ApiRequest> delete_request(KindId kind, Str ns, Str name) {
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = api::Verb::kDelete;
  r->kind = kind;
  r->namespace_ = std::move(ns);
  r->name = std::move(name);
  return r;
}

}  // namespace orrery::client
