#include "control/apiserver/writer.h"

#include "control/apiserver/body.h"
#include "control/apiserver/validate.h"
#include "model/api/names.h"
#include "model/history/record.h"

namespace orrery::apiserver {

namespace {
constexpr int kMaxRestarts = 16;
constexpr int kMaxGeneratedNames = 8;
}  // namespace

struct Writer::Creation : base::RefCounted {
  CallRef call;
  base::Ref<api::Object> body;  // as decoded; the template of every attempt
  ObjectRef object;             // what is written
  std::int64_t namespace_revision = 0;
  Str key;
  int names = 0, restarts = 0;
  bool charged = false;  // quota
  bool tried = false, stale = false;
};

void Writer::create(CallRef call) {
  auto body = decode_body(*call, core_.config, call->kind());
  if (!body.ok()) return call->fail(body.error());
  auto c = base::make_ref<Creation>();
  c->body = std::move(*body);
  c->call = std::move(call);
  const api::ObjectMeta& meta = c->body->meta();
  if (meta.resource_version.value != 0) {
    return c->call->fail(
        internal_error("resourceVersion should not be set on objects to be created"));
  }
  if (c->body->kind().namespaced && meta.namespace_.empty()) {
    return c->call->fail(bad_request("an empty namespace may not be set during creation"));
  }
  if (meta.name.empty() && meta.generate_name.empty()) {
    api::ErrorList errors;
    const api::FieldPath metadata("metadata");
    errors.required(metadata.child("name"), "name or generateName is required");
    return c->call->fail(invalid(c->body->kind_id(), "", errors));
  }
  gather(std::move(c), false);
}

void Writer::gather(base::Ref<Creation> c, bool fresh) {
  const CallRef call = c->call;
  base::Ref<const api::Object> body = c->body;
  core_.admission.gather(call, std::move(body), fresh,
                         [this, c = std::move(c), alive = live_.token()](
                             Failure failure, AdmissionFacts facts) mutable {
                           if (!alive.alive()) return;
                           if (failure) return c->call->fail(failure);
                           admitted(std::move(c), facts);
                         });
}

// From here on every attempt works on a copy of its own: the body stays as the client sent it.
Failure Writer::finish_object(Creation& c) {
  base::Ref<api::Object> next = api::clone(*c.object);
  api::ObjectMeta& meta = edit_meta(*next);
  if (c.body->meta().name.empty()) meta.name = api::generate_name(core_.names, meta.generate_name);
  prepare_create(*next, core_.next_uid(), core_.env.clock.wall());
  if (next->kind_id() == KindId::kService) {
    if (Failure f = core_.services.assign(edit_as<api::Service>(*next), nullptr)) return f;
  }
  if (Failure f = apiserver::validate_create(*next)) return f;
  if (Failure f = check_stored_size(*next, core_.config)) return f;
  c.key = core_.store.key(next->kind_id(), next->meta().namespace_, next->meta().name);
  c.object = std::move(next);
  return {};
}

void Writer::admitted(base::Ref<Creation> c, const AdmissionFacts& facts) {
  c->namespace_revision = facts.name_space ? facts.name_space->revision() : 0;
  base::Ref<api::Object> next = api::clone(*c->body);
  if (Failure f = core_.admission.mutate_create(*next, facts)) return c->call->fail(f);
  c->object = std::move(next);
  if (Failure f = finish_object(*c)) return c->call->fail(f);
  const auto go_on = [this, c, alive = live_.token()](Failure failure) mutable {
    if (!alive.alive()) return;
    if (failure) return c->call->fail(failure);
    c->charged = true;
    if (c->call->kind() != KindId::kEvent) return commit(std::move(c), 0);
    core_.event_leases.get([this, c, alive](base::Result<store::LeaseId> lease) mutable {
      if (!alive.alive()) return;
      if (!lease.ok()) return c->call->fail(store_failure(lease.error()));
      commit(std::move(c), *lease);
    });
  };
  if (c->charged) return base::UniqueFunction<void(Failure)>(go_on)({});
  core_.quota.charge(c->object, c->call->request().dry_run, go_on);
}

Change Writer::create_step(Creation& c, const ObjectRef& present, store::LeaseId lease) {
  const Call& call = *c.call;
  if (call.finished())
    return Change::fail(timeout("request did not complete within the allotted timeout", 0));
  if (present) return Change::fail(already_exists(call.kind(), c.object->meta().name));
  if (c.tried) {
    // The object is still absent, so something else that was compared has changed.
    c.stale = true;
    return Change::fail(conflict(call.kind(), c.object->meta().name, kModified));
  }
  Change change = Change::put(c.object);
  change.lease = lease;
  change.dry_run = !persists(call.request().dry_run);
  if (change.dry_run) return change;
  c.tried = true;
  change.blind = core_.env.faults.here(env::Site::kCreateOverwrites);
  if (c.namespace_revision) {
    change.compares.push_back(
        store::compare_mod(core_.store.key(KindId::kNamespace, {}, c.object->meta().namespace_),
                           c.namespace_revision));
  }
  if (call.kind() == KindId::kService)
    core_.services.reserve(nullptr, &c.object->as<api::Service>(), change);
  return change;
}

void Writer::commit(base::Ref<Creation> c, store::LeaseId lease) {
  c->tried = c->stale = false;
  const Str key = c->key;
  const KindId kind = c->call->kind();
  core_.store.create(
      key, kind,
      [this, c, lease](const ObjectRef& present) { return create_step(*c, present, lease); },
      [this, c, alive = live_.token()](Outcome outcome) mutable {
        if (alive.alive()) created(std::move(c), std::move(outcome));
      },
      fence_of(c->call->request()));
}

void Writer::created(base::Ref<Creation> c, Outcome outcome) {
  if (c->stale && ++c->restarts < kMaxRestarts) return gather(std::move(c), true);
  if (outcome.failure && outcome.failure->reason == "AlreadyExists" &&
      c->body->meta().name.empty() && ++c->names < kMaxGeneratedNames) {
    return gather(std::move(c), false);
  }
  if (outcome.failure) return c->call->fail(outcome.failure);
  c->call->answer(201, std::move(outcome.object));
}

void Writer::update(CallRef call, Part part) {
  base::Ref<api::Object> body;
  if (call->request().verb == api::Verb::kUpdate) {
    auto decoded = decode_body(*call, core_.config, call->kind());
    if (!decoded.ok()) return call->fail(decoded.error());
    body = std::move(*decoded);
  }
  if (call->kind() != KindId::kEvent)
    return start_update(std::move(call), part, std::move(body), 0);
  core_.event_leases.get([this, call, part, body = std::move(body),
                          alive = live_.token()](base::Result<store::LeaseId> lease) mutable {
    if (!alive.alive()) return;
    if (!lease.ok()) return call->fail(store_failure(lease.error()));
    start_update(std::move(call), part, std::move(body), *lease);
  });
}

void Writer::start_update(CallRef call, Part part, base::Ref<api::Object> body,
                          store::LeaseId lease) {
  Str key = core_.store.key(call->kind(), call->ns, call->name);
  const KindId kind = call->kind();
  core_.store.mutate(
      std::move(key), kind,
      [this, call, part, lease, body = std::move(body)](const ObjectRef& present) mutable {
        return update_step(*call, part, body, present, lease);
      },
      [this, call, part](Outcome outcome) mutable {
        if (outcome.failure) return call->fail(outcome.failure);
        if (outcome.what == Change::What::kPut && part != Part::kFinalize) record_update(*outcome.object, part);
        call->answer(200, std::move(outcome.object));
      },
      fence_of(call->request()));
}

void Writer::record_update(const api::Object& written, Part part) const {
  if (!core_.env.trace.recording(history::RecordKind::kApiUpdate)) return;
  history::ApiUpdate fact;
  fact.revision = written.revision();
  fact.status = part == Part::kStatus;
  core_.env.trace.record(fact);
}

void Writer::update_as(CallRef call, Make make, ObjectRef (*view)(const api::Object&)) {
  Str key = core_.store.key(call->kind(), call->ns, call->name);
  const KindId kind = call->kind();
  core_.store.mutate(
      std::move(key), kind,
      [this, call, make = std::move(make)](const ObjectRef& present) mutable {
        if (!present) return Change::fail(not_found(call->kind(), call->name));
        auto next = make(*present);
        if (!next.ok()) return Change::fail(next.error());
        return replace(*call, Part::kMain, std::move(*next), present, 0);
      },
      [call, view](Outcome outcome) {
        if (outcome.failure) call->fail(outcome.failure);
        else call->answer(200, view(*outcome.object));
      },
      fence_of(call->request()));
}

Failure Writer::admit_update(Call& call, api::Object& next, const api::Object& old, Part part) {
  const env::Faults& faults = core_.env.faults;
  const bool ignore = faults.here(env::Site::kUpdateIgnoresResourceVersion);
  if (Failure f = check_preconditions(next, old, core_.store.cache(call.kind()).prefix(), ignore))
    return f;
  prepare_update(next, old, part, faults);
  if (next.kind_id() == KindId::kService && part == Part::kMain) {
    if (Failure f = core_.services.assign(edit_as<api::Service>(next), &old.as<api::Service>()))
      return f;
  }
  return validate_update(next, old, part);
}

Change Writer::update_step(Call& call, Part part, base::Ref<api::Object>& body,
                           const ObjectRef& present, store::LeaseId lease) {
  if (call.finished())
    return Change::fail(timeout("request did not complete within the allotted timeout", 0));
  if (!present) return Change::fail(not_found(call.kind(), call.name));
  const bool patch = call.request().verb == api::Verb::kPatch;
  base::Ref<api::Object> next = std::move(body);
  body = nullptr;
  if (!next) {
    auto made = patch ? apply_patch(call, core_.config, *present)
                      : decode_body(call, core_.config, call.kind());
    if (!made.ok()) return Change::fail(made.error());
    next = std::move(*made);
  }
  return replace(call, part, std::move(next), present, lease);
}

Change Writer::replace(Call& call, Part part, base::Ref<api::Object> next, const ObjectRef& present,
                       store::LeaseId lease) {
  if (Failure f = admit_update(call, *next, *present, part)) return Change::fail(std::move(f));
  if (api::deep_equal(present->kind().type(), next->value(), present->value()) &&
      !core_.env.faults.here(env::Site::kNoOpWrites)) {
    return Change::keep(present);
  }
  const bool dry_run = !persists(call.request().dry_run);
  const bool removes = completes_deletion(*next, *present);
  if (!removes && !dry_run) edit_meta(*next).resource_version.value = 0;
  // After the last edit, so that the size is computed once.
  next->share_meta_facts(*present);
  if (Failure f = check_stored_size(*next, core_.config)) return Change::fail(std::move(f));
  if (removes) {
    Change change = removal(present, std::move(next));
    change.dry_run = dry_run;
    return change;
  }
  Change change = Change::put(ObjectRef(std::move(next)));
  change.lease = lease;
  change.dry_run = dry_run;
  change.blind = core_.env.faults.here(env::Site::kWriteTrustsCache);
  if (call.kind() == KindId::kService) {
    core_.services.reserve(&present->as<api::Service>(), &change.object->as<api::Service>(),
                           change);
  }
  return change;
}

}  // namespace orrery::apiserver
