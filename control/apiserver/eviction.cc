#include "control/apiserver/body.h"
#include "control/apiserver/pod_actions.h"
#include "control/client/pod_util.h"
#include "model/api/int_or_string.h"

namespace orrery::apiserver {

namespace {

constexpr std::size_t kMaxDisruptedPods = 2000;
constexpr int kMaxLooks = 20;
constexpr std::string_view kRefused =
    "Cannot evict pod as it would violate the pod's disruption budget.";

Failure too_many(int retry_after, std::string_view cause) {
  Failure f = too_many_requests(kRefused, retry_after);
  f.edit().details.edit().causes = {api::StatusCause{"DisruptionBudget", Str(cause), {}}};
  return f;
}

Failure still_processing(const Str& budget) {
  return too_many(
      10, base::cat("The disruption budget ", budget, " is still being processed by the server."));
}

bool ignores_budget(const api::Pod& pod) {
  const Str& phase = pod.status->phase;
  return phase == "Succeeded" || phase == "Failed" || phase == "Pending" || pod.metadata.deleting();
}

/// True when an unready pod may go without counting the budget down.
bool unhealthy_may_go(const api::PodDisruptionBudget& b) {
  if (b.spec->unhealthy_pod_eviction_policy &&
      *b.spec->unhealthy_pod_eviction_policy == "AlwaysAllow")
    return true;
  return b.status->current_healthy >= b.status->desired_healthy && b.status->desired_healthy > 0;
}

bool selects(const api::PodDisruptionBudget& budget, const api::Pod& pod) {
  if (!budget.spec->selector) return false;
  std::vector<api::SelectorExpression> expressions;
  for (const auto& e : budget.spec->selector->match_expressions) {
    expressions.push_back({e.key, e.operator_, std::span(e.values.begin(), e.values.size())});
  }
  auto selector = api::label_selector(budget.spec->selector->match_labels, expressions);
  return selector.ok() && selector->matches(pod.metadata.labels);
}

std::string refusal(const api::PodDisruptionBudget& b) {
  for (const api::Condition& c : b.status->conditions) {
    if (c.type == "DisruptionAllowed" && c.reason == "SyncFailed") {
      return base::cat(
          "The disruption budget ", b.metadata.name,
          " does not allow evicting pods currently because it failed sync: ", c.message);
    }
  }
  return base::cat("The disruption budget ", b.metadata.name, " needs ",
                   std::to_string(b.status->desired_healthy), " healthy pods and has ",
                   std::to_string(b.status->current_healthy), " currently");
}

void disallow(api::PodDisruptionBudgetStatus& status, base::Instant wall) {
  api::Condition c;
  c.type = "DisruptionAllowed";
  c.status = "False";
  c.reason = "InsufficientPods";
  c.observed_generation = status.observed_generation;
  c.last_transition_time = api::Time::from(wall);
  for (std::size_t i = 0; i < status.conditions.size(); ++i) {
    if (!(status.conditions[i].type == c.type)) continue;
    if (status.conditions[i].status == c.status)
      c.last_transition_time = status.conditions[i].last_transition_time;
    status.conditions.edit()[i] = std::move(c);
    return;
  }
  status.conditions.push_back(std::move(c));
}

}  // namespace

struct PodActions::Eviction : base::RefCounted {
  CallRef call;
  DeleteOptions options;
  bool dry_run = false;
  bool fixed_revision = false;  // the client gave a resourceVersion precondition
  bool own_revision = false;    // the server added one
  int looks = 0;
  ObjectRef pod;
  Str budget;
};

base::Result<api::PodDisruptionBudgetStatus, Failure> verify_and_decrement(
    const api::PodDisruptionBudget& b, const Str& pod, base::Instant wall) {
  const auto refuse = [&b](std::string_view why) {
    return forbidden(KindId::kPodDisruptionBudget, b.metadata.name, why);
  };
  if (b.status->observed_generation < b.metadata.generation)
    return still_processing(b.metadata.name);
  if (b.status->disruptions_allowed < 0) return refuse("pdb disruptions allowed is negative");
  if (b.status->disrupted_pods.size() > kMaxDisruptedPods) {
    return refuse("DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (b.status->disruptions_allowed == 0) return too_many(0, refusal(b));
  api::PodDisruptionBudgetStatus next = *b.status;
  if (--next.disruptions_allowed == 0) disallow(next, wall);
  next.disrupted_pods.set(pod, api::Time::from(wall));
  return next;
}

void PodActions::evict(CallRef call) {
  auto body = decode_body(*call, core_.config, KindId::kEviction);
  if (!body.ok()) return call->fail(body.error());
  const api::Eviction& eviction = (*body)->as<api::Eviction>();
  auto e = base::make_ref<Eviction>();
  e->call = call;
  e->dry_run = call->request().dry_run;
  e->options.fence = fence_of(call->request());
  if (eviction.delete_options) {
    const api::DeleteOptions& o = *eviction.delete_options;
    e->options.grace_period_seconds = o.grace_period_seconds;
    if (o.preconditions) {
      e->options.uid = o.preconditions->uid.value_or(Str());
      e->options.resource_version = o.preconditions->resource_version.value_or(Str());
    }
    if (o.propagation_policy) {
      const Str& p = *o.propagation_policy;
      e->options.propagation = p == "Orphan"       ? api::Propagation::kOrphan
                               : p == "Foreground" ? api::Propagation::kForeground
                                                   : api::Propagation::kBackground;
    }
    e->dry_run = e->dry_run || !o.dry_run.empty();
  }
  e->fixed_revision = !e->options.resource_version.empty();
  look(std::move(e));
}

void PodActions::look(base::Ref<Eviction> e) {
  ++e->looks;
  const Str key = core_.store.key(KindId::kPod, e->call->ns, e->call->name);
  core_.store.read(
      key, [this, e = std::move(e), alive = live_.token()](Failure failure, ObjectRef pod) mutable {
        if (!alive.alive()) return;
        if (!failure && !pod) failure = not_found(KindId::kPod, e->call->name);
        if (failure) return e->call->fail(failure);
        e->pod = std::move(pod);
        const api::Pod& p = e->pod->as<api::Pod>();
        if (!ignores_budget(p)) return find_budget(std::move(e));
        // A pending pod may have become one that counts since it was read.
        if (p.status->phase == "Pending" && !p.metadata.deleting() && !e->fixed_revision) {
          e->own_revision = true;
          e->options.resource_version = std::to_string(e->pod->revision());
        }
        mark(std::move(e));
      });
}

void PodActions::find_budget(base::Ref<Eviction> e) {
  api::ApiRequest request;
  request.verb = api::Verb::kList;
  request.kind = KindId::kPodDisruptionBudget;
  request.namespace_ = e->call->ns;
  Filter filter = *Filter::of(request);
  reader_.fresh(
      KindId::kPodDisruptionBudget, std::move(filter),
      [this, e = std::move(e), alive = live_.token()](Failure failure,
                                                      std::vector<ObjectRef> all) mutable {
        if (!alive.alive()) return;
        if (failure) return e->call->fail(failure);
        const api::Pod& pod = e->pod->as<api::Pod>();
        std::vector<ObjectRef> found;
        for (ObjectRef& b : all) {
          if (selects(b->as<api::PodDisruptionBudget>(), pod)) found.push_back(std::move(b));
        }
        if (found.size() > 1) {
          return e->call->fail(generic(500,
                                       "This pod has more than one PodDisruptionBudget, which the "
                                       "eviction subresource does not support."));
        }
        if (found.empty()) return mark(std::move(e));
        const api::PodDisruptionBudget& budget = found.front()->as<api::PodDisruptionBudget>();
        e->budget = budget.metadata.name;
        if (client::is_pod_ready(pod) || !unhealthy_may_go(budget)) return spend_budget(std::move(e), budget);
        if (!e->fixed_revision) {
          e->own_revision = true;
          e->options.resource_version = std::to_string(e->pod->revision());
        }
        mark(std::move(e));
      });
}

void PodActions::spend_budget(base::Ref<Eviction> e, const api::PodDisruptionBudget& budget) {
  Str key = core_.store.key(KindId::kPodDisruptionBudget, budget.metadata.namespace_,
                            budget.metadata.name);
  core_.store.mutate(
      std::move(key), KindId::kPodDisruptionBudget,
      [this, e](const ObjectRef& present) {
        if (!present) return Change::fail(not_found(KindId::kPodDisruptionBudget, e->budget));
        auto status = verify_and_decrement(present->as<api::PodDisruptionBudget>(), e->call->name,
                                           core_.env.clock.wall());
        if (!status.ok()) return Change::fail(status.error());
        base::Ref<api::Object> next = api::clone(*present);
        api::PodDisruptionBudget& edited = edit_as<api::PodDisruptionBudget>(*next);
        edited.status = std::move(*status);
        edited.metadata.resource_version.value = 0;
        Change change = Change::put(ObjectRef(std::move(next)));
        change.dry_run = e->dry_run;
        change.blind = core_.env.faults.here(env::Site::kPdbNoCas);
        return change;
      },
      [this, e, alive = live_.token()](Outcome outcome) mutable {
        if (!alive.alive()) return;
        if (outcome.failure) return e->call->fail(outcome.failure);
        mark(std::move(e));
      },
      e->options.fence);
}

// The condition says why the pod ends; it is written before the delete.
void PodActions::mark(base::Ref<Eviction> e) {
  if (e->dry_run || e->pod->meta().deleting()) return remove(std::move(e));
  Str key = core_.store.key(KindId::kPod, e->call->ns, e->call->name);
  core_.store.mutate(
      std::move(key), KindId::kPod,
      [this, e](const ObjectRef& present) {
        if (!present) return Change::fail(not_found(KindId::kPod, e->call->name));
        if (Failure f = check_delete_preconditions(*present, e->options))
          return Change::fail(std::move(f));
        base::Ref<api::Object> next = api::clone(*present);
        api::PodCondition c;
        c.type = "DisruptionTarget";
        c.status = "True";
        c.reason = "EvictionByEvictionAPI";
        c.message = "Eviction API: evicting";
        // An eviction that did not come to its end may have left it.
        if (!client::set_condition(edit_as<api::Pod>(*next).status.edit(), std::move(c),
                                   api::Time::from(core_.env.clock.wall())))
          return Change::keep(present);
        edit_meta(*next).resource_version.value = 0;
        return Change::put(ObjectRef(std::move(next)));
      },
      [this, e, alive = live_.token()](Outcome outcome) mutable {
        if (!alive.alive()) return;
        if (outcome.failure) return failed(std::move(e), outcome.failure);
        if (!e->options.resource_version.empty()) {
          e->options.resource_version = std::to_string(outcome.object->revision());
        }
        remove(std::move(e));
      },
      e->options.fence);
}

void PodActions::remove(base::Ref<Eviction> e) {
  writer_.remove(KindId::kPod, e->call->ns, e->call->name, e->options, e->dry_run,
                 [this, e, alive = live_.token()](Outcome outcome) mutable {
                   if (!alive.alive()) return;
                   if (outcome.failure) return failed(std::move(e), outcome.failure);
                   auto response = base::make_ref<api::ApiResponse>();
                   api::ApiStatus status;
                   status.status = "Success";
                   status.code = 201;
                   response->code = 201;
                   response->status = std::move(status);
                   e->call->answer(std::move(response));
                 });
}

void PodActions::failed(base::Ref<Eviction> e, const Failure& failure) {
  const bool conflicted = failure->reason == "Conflict";
  if (!conflicted || !e->own_revision || e->fixed_revision) return e->call->fail(failure);
  if (!e->budget.empty()) return e->call->fail(still_processing(e->budget));
  // A pod without need of a budget changed: look again.
  if (e->looks >= kMaxLooks || e->call->finished()) return e->call->fail(failure);
  e->options.resource_version = Str();
  e->own_revision = false;
  look(std::move(e));
}

}  // namespace orrery::apiserver
