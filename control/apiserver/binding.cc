#include "control/apiserver/body.h"
#include "control/apiserver/pod_actions.h"
#include "control/client/pod_util.h"

namespace orrery::apiserver {

namespace {

Failure binding_conflict(const Str& pod, std::string_view why) {
  api::ApiStatus s;
  s.status = "Failure";
  s.code = 409;
  s.reason = "Conflict";
  s.message = base::cat("Operation cannot be fulfilled on pods/binding \"", pod, "\": ", why);
  s.details.edit().name = pod;
  s.details.edit().kind = "pods/binding";
  return s;
}

Failure check_bindable(const api::Pod& pod, const env::Faults& faults) {
  const Str& name = pod.metadata.name;
  if (pod.metadata.deleting()) {
    return binding_conflict(
        name, base::cat("pod ", name, " is being deleted, cannot be assigned to a host"));
  }
  if (!pod.spec->node_name.empty() && !faults.here(env::Site::kBindWithoutPrecondition)) {
    return binding_conflict(name, base::cat("pod ", name, " is already assigned to node \"",
                                            pod.spec->node_name, "\""));
  }
  if (!pod.spec->scheduling_gates.empty()) {
    return binding_conflict(name, base::cat("pod ", name, " has non-empty .spec.schedulingGates"));
  }
  return {};
}

Failure check_binding(const api::Binding& binding) {
  api::ErrorList errors;
  const api::FieldPath target("target");
  if (!binding.target.kind.empty() && !(binding.target.kind == "Node")) {
    errors.not_supported(target.child("kind"), binding.target.kind, {"Node", "<empty>"});
  }
  if (binding.target.name.empty()) errors.required(target.child("name"), "");
  return errors.empty() ? Failure() : invalid(KindId::kBinding, binding.metadata.name, errors);
}

}  // namespace

void PodActions::bind(CallRef call) {
  auto body = decode_body(*call, core_.config, KindId::kBinding);
  if (!body.ok()) return call->fail(body.error());
  const api::Handle<api::Binding> binding{ObjectRef(std::move(*body))};
  if (Failure f = check_binding(*binding)) return call->fail(f);
  Str key = core_.store.key(KindId::kPod, call->ns, call->name);
  core_.store.mutate(
      std::move(key), KindId::kPod,
      [this, call, binding](const ObjectRef& present) {
        if (!present) return Change::fail(not_found(KindId::kPod, call->name));
        const api::ObjectMeta& wanted = binding->metadata;
        if (!wanted.uid.empty() && !(wanted.uid == present->meta().uid)) {
          return Change::fail(binding_conflict(
              call->name,
              base::cat("StorageError: invalid object, Code: 4, Key: ",
                        core_.store.key(KindId::kPod, call->ns, call->name),
                        ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
                        "precondition: ",
                        wanted.uid, ", UID in object meta: ", present->meta().uid)));
        }
        if (Failure f = check_bindable(present->as<api::Pod>(), core_.env.faults))
          return Change::fail(std::move(f));
        base::Ref<api::Object> next = api::clone(*present);
        api::Pod& pod = edit_as<api::Pod>(*next);
        pod.spec.edit().node_name = binding->target.name;
        for (const auto& [k, v] : wanted.annotations) pod.metadata.annotations.set(k, v);
        api::PodCondition scheduled;
        scheduled.type = "PodScheduled";
        scheduled.status = "True";
        client::set_condition(pod.status.edit(), std::move(scheduled), api::Time::from(core_.env.clock.wall()));
        pod.metadata.resource_version.value = 0;
        Change change = Change::put(ObjectRef(std::move(next)));
        change.dry_run = call->request().dry_run;
        return change;
      },
      [call](Outcome outcome) {
        if (outcome.failure) return call->fail(outcome.failure);
        auto response = base::make_ref<api::ApiResponse>();
        api::ApiStatus status;
        status.status = "Success";
        status.code = 201;
        response->code = 201;
        response->status = std::move(status);
        call->answer(std::move(response));
      },
      fence_of(call->request()));
}

}  // namespace orrery::apiserver
