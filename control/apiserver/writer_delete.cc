#include "control/apiserver/body.h"
#include "control/apiserver/writer.h"

namespace orrery::apiserver {

Change Writer::removal(const ObjectRef& present, ObjectRef last) const {
  Change change = Change::remove(std::move(last));
  if (present->kind_id() == KindId::kService)
    core_.services.reserve(&present->as<api::Service>(), nullptr, change);
  return change;
}

void Writer::remove(KindId kind, Str ns, Str name, DeleteOptions options, bool dry_run,
                    OutcomeDone done) {
  const bool dry = !persists(dry_run);
  struct State : base::RefCounted {
    bool remove_after = false;
  };
  auto state = base::make_ref<State>();
  Str key = core_.store.key(kind, ns, name);
  core_.store.mutate(
      std::move(key), kind,
      [this, kind, name, options, dry, state](const ObjectRef& present) {
        state->remove_after = false;
        if (!present) return Change::fail(not_found(kind, name));
        Deletion d = decide_deletion(*present, options, core_.env.clock.wall(), core_.env.faults);
        Change change;
        switch (d.what) {
          case Deletion::What::kFail:
            return Change::fail(std::move(d.failure));
          case Deletion::What::kKeep:
            return Change::keep(present);
          case Deletion::What::kRemove:
            change = removal(present, present);
            break;
          case Deletion::What::kMarkThenRemove:
            state->remove_after = true;
            [[fallthrough]];
          case Deletion::What::kMark:
            if (!dry) edit_meta(*d.next).resource_version.value = 0;
            change = Change::put(ObjectRef(std::move(d.next)));
            break;
        }
        change.dry_run = dry;
        return change;
      },
      [this, kind, ns, name, dry, options, state, done = std::move(done),
       alive = live_.token()](Outcome outcome) mutable {
        if (!alive.alive()) return;
        if (outcome.failure || !state->remove_after || dry) return done(std::move(outcome));
        finish_removal(kind, std::move(ns), std::move(name), std::move(options),
                       std::move(outcome.object), std::move(done));
      },
      options.fence);
}

// The second half of a delete without grace: another writer may have removed it in between, which
// is as good.
void Writer::finish_removal(KindId kind, Str ns, Str name, DeleteOptions options, ObjectRef marked,
                            OutcomeDone done) {
  Str key = core_.store.key(kind, ns, name);
  const Str uid = marked->meta().uid;
  const bool strict = !options.resource_version.empty();
  core_.store.mutate(
      std::move(key), kind,
      [this, marked, uid, strict](const ObjectRef& present) {
        if (!present || !(present->meta().uid == uid)) return Change::keep(marked);
        if (strict && present->revision() > marked->revision()) {
          return Change::fail(conflict(marked->kind_id(), marked->meta().name, kModified));
        }
        if (present->revision() >= marked->revision() && !present->meta().finalizers.empty()) {
          return Change::keep(present);
        }
        return removal(present, present);
      },
      [done = std::move(done)](Outcome outcome) mutable {
        if (outcome.what == Change::What::kKeep) outcome.what = Change::What::kDelete;
        done(std::move(outcome));
      },
      std::move(options.fence));
}

void Writer::remove(CallRef call) {
  if (Failure f = core_.admission.check_delete(*call)) return call->fail(f);
  const api::ApiRequest& request = call->request();
  const KindId kind = call->kind();
  remove(kind, call->ns, call->name, delete_options(request), request.dry_run,
         [call, kind](Outcome outcome) {
           if (outcome.failure) return call->fail(outcome.failure);
           const bool gone = outcome.what == Change::What::kDelete;
           if (gone && !returns_deleted_object(kind)) {
             return call->answer_status(outcome.object->meta().name, outcome.object->meta().uid);
           }
           call->answer(200, std::move(outcome.object));
         });
}

void Writer::remove_collection(CallRef call, std::vector<ObjectRef> items) {
  std::vector<ObjectRef> left(items.rbegin(), items.rend());
  remove_next(std::move(call), base::make_ref<api::ApiResponse>(), std::move(left));
}

void Writer::remove_next(CallRef call, base::Ref<api::ApiResponse> removed,
                         std::vector<ObjectRef> left) {
  if (call->finished()) return;
  if (left.empty()) return call->answer(std::move(removed));
  const ObjectRef item = left.back();
  left.pop_back();
  const bool dry_run = call->request().dry_run;
  DeleteOptions options = delete_options(call->request());
  remove(call->kind(), item->meta().namespace_, item->meta().name, std::move(options), dry_run,
         [this, call, removed, left = std::move(left)](Outcome outcome) mutable {
           if (outcome.failure && outcome.failure->code != 404) return call->fail(outcome.failure);
           if (!outcome.failure) removed->items.push_back(std::move(outcome.object));
           remove_next(std::move(call), std::move(removed), std::move(left));
         });
}

}  // namespace orrery::apiserver
