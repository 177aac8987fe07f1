#include "control/controllers/namespace_deletion.h"

#include <algorithm>

#include "control/controllers/cost.h"
#include "model/api/pod.h"

namespace orrery::controllers {
namespace {

constexpr base::Nanos kGrace = 5 * base::kSecond;  // lets all apiservers see the deletion
constexpr std::int64_t kFinalizerEstimate = 15;
constexpr int kFinalizeTries = 5;

QueueControllerOptions namespace_deletion_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  o.queue.max_delay = base::kMinute;
  return o;
}

bool gone(const ApiError& error) { return error.not_found(); }

}  // namespace

NamespaceController::NamespaceController(ControllerContext context)
    : QueueController(context, "namespace-controller", namespace_deletion_options()),
      namespaces_(informer(KindId::kNamespace)) {
  namespaces_.add_handler([this](const ObjectRef&, const ObjectRef& now) {
    if (now && now->meta().deleting()) enqueue_after(now->meta(), kGrace);
  });
}

env::Task<SyncResult> NamespaceController::sync(Str name) {
  if (!namespaces_.get({}, name)) co_return SyncResult::ok();
  const auto live = co_await client_.get(KindId::kNamespace, {}, name);
  if (!live && gone(live.error())) co_return SyncResult::ok();
  if (!live) co_return SyncResult::fail(live.error());
  ObjectRef ns = *live;
  if (!ns->meta().deleting()) co_return SyncResult::ok();
  Failure failure = co_await mark_terminating(name, &ns);
  if (failure && gone(*failure)) co_return SyncResult::ok();
  if (failure) co_return SyncResult::fail(*failure);
  if (!ns->meta().deleting() || ns->as<api::Namespace>().spec->finalizers.empty())
    co_return SyncResult::ok();

  NamespaceRemains left;
  if (!env_.faults.here(env::Site::kNamespaceLeavesObjects)) {
    co_await empty(KindId::kPod, ns, &left);
    NamespaceRemains told;
    if (left.resources.empty()) {
      for (int k = 1; k <= static_cast<int>(api::kLastStored); ++k) {
        const KindId kind = static_cast<KindId>(k);
        if (kind != KindId::kPod && api::kind_of(kind).namespaced) co_await empty(kind, ns, &left);
      }
      told = left;
    } else {
      // Upstream does not come to tell which pods remain: deleteAllContent returns before.
      told.errors = left.errors;
    }
    co_await tell(ns, &told);
  }
  if (!left.errors.empty()) co_return SyncResult::fail(Str(left.errors.front()));
  if (left.estimate > 0) {
    queue_.add_after(name, (left.estimate / 2 + 1) * base::kSecond);
    co_return SyncResult{false, false, {}};
  }
  failure = co_await finalize(ns);
  if (failure && !gone(*failure)) co_return SyncResult::fail(*failure);
  co_return SyncResult::ok();
}

env::Task<NamespaceController::Failure> NamespaceController::mark_terminating(Str name,
                                                                              ObjectRef* ns) {
  for (int tries = 1;; ++tries) {
    const auto& value = (*ns)->as<api::Namespace>();
    if (!value.metadata.deleting() || value.status->phase == "Terminating") co_return std::nullopt;
    api::Namespace next = value;
    next.status.edit().phase = "Terminating";
    const auto written = co_await client_.update_status(api::make_object(std::move(next)));
    if (written) {
      *ns = *written;
      co_return std::nullopt;
    }
    if (!written.error().conflict() || tries == kFinalizeTries) co_return written.error();
    const auto fresh = co_await client_.get(KindId::kNamespace, {}, name);
    if (!fresh) co_return fresh.error();
    *ns = *fresh;
  }
}

/// The longest grace period of a pod that still runs, unless the namespace has been going for
/// longer.
env::Task<std::int64_t> NamespaceController::pod_estimate(ObjectRef ns, Str* error) {
  client::ListParams params;
  params.namespace_ = ns->meta().name;
  const auto pods = co_await client_.list(KindId::kPod, params);
  if (!pods) {
    *error = pods.error().message;
    co_return 0;
  }
  std::int64_t longest = 0;
  for (const ObjectRef& object : pods->items) {
    const auto& pod = object->as<api::Pod>();
    if (pod.status->phase == "Succeeded" || pod.status->phase == "Failed") continue;
    longest = std::max(longest, pod.spec->termination_grace_period_seconds.value_or(0));
  }
  const base::Nanos passed = wall() - ns->meta().deletion_timestamp.instant();
  co_return passed >= longest* base::kSecond ? 0 : longest;
}

env::Task<> NamespaceController::empty(KindId kind, ObjectRef ns, NamespaceRemains* left) {
  const Str name = ns->meta().name;
  std::int64_t estimate = 0;
  if (kind == KindId::kPod) {
    Str error;
    estimate = co_await pod_estimate(ns, &error);
    if (!error.empty()) {
      left->errors.push_back(error.str());
      co_return;
    }
  }
  client::DeleteParams background;
  background.propagation = api::Propagation::kBackground;
  const auto removed = co_await client_.remove_collection(kind, name, {}, background);
  if (!removed && !gone(removed.error())) {
    left->errors.push_back(removed.error().message.str());
    co_return;
  }
  client::ListParams params;
  params.namespace_ = name;
  const auto rest = co_await client_.list(kind, params);
  if (!rest) {
    left->errors.push_back(rest.error().message.str());
    co_return;
  }
  if (rest->items.empty()) co_return;
  bool finalized = false;
  for (const ObjectRef& object : rest->items) {
    for (const Str& f : object->meta().finalizers) {
      ++left->finalizers[f];
      finalized = true;
    }
  }
  const api::Kind& what = api::kind_of(kind);
  left->resources[base::cat(what.plural, ".", what.group)] = static_cast<int>(rest->items.size());
  if (estimate == 0 && finalized) estimate = kFinalizerEstimate;
  if (estimate == 0) {
    left->errors.push_back(base::cat("unexpected items still remain in namespace: ", name,
                                     " for gvr: ", what.group, "/", what.version,
                                     ", Resource=", what.plural));
  }
  left->estimate = std::max(left->estimate, estimate);
}

/// A failed write stops nothing: the conditions are only for the user.
env::Task<> NamespaceController::tell(ObjectRef ns, const NamespaceRemains* left) {
  api::Namespace next = ns->as<api::Namespace>();
  if (!set_deletion_conditions(next.status.edit(), *left, wall_time())) co_return;
  (void)co_await client_.update_status(api::make_object(std::move(next)));
}

env::Task<NamespaceController::Failure> NamespaceController::finalize(ObjectRef ns) {
  const Str name = ns->meta().name;
  for (int tries = 1;; ++tries) {
    const auto fresh = co_await client_.get(KindId::kNamespace, {}, name);
    if (!fresh) co_return fresh.error();
    api::Namespace next = (*fresh)->as<api::Namespace>();
    std::vector<Str> rest;
    for (const Str& f : next.spec->finalizers) {
      if (!(f == "kubernetes")) rest.push_back(f);
    }
    if (rest.size() == next.spec->finalizers.size()) co_return std::nullopt;
    if (rest.empty()) next.spec.edit().finalizers.clear();
    else next.spec.edit().finalizers = std::move(rest);
    const auto written = co_await client_.update(api::make_object(std::move(next)), "finalize");
    if (written) co_return std::nullopt;
    if (!written.error().conflict() || tries == kFinalizeTries) co_return written.error();
  }
}

}  // namespace orrery::controllers
