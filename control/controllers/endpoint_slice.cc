#include "control/controllers/endpoint_slice.h"

#include "control/client/pod_util.h"
#include "control/controllers/cost.h"
#include "control/controllers/pod_control.h"
#include "model/api/node.h"

namespace orrery::controllers {
namespace {

constexpr const char* kSkipMirror = "endpointslice.kubernetes.io/skip-mirror";
constexpr const char* kLeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
constexpr const char* kZone = "topology.kubernetes.io/zone";

QueueControllerOptions endpoint_slice_options() {
  QueueControllerOptions o;
  o.max_retries = 15;
  o.sync_cpu = kSyncCpu;
  return o;
}

/// Its own, slower limiter (defaultSyncBackOff, maxSyncBackOff).
QueueControllerOptions slice_options() {
  QueueControllerOptions o = endpoint_slice_options();
  o.queue.base_delay = base::kSecond;
  return o;
}

bool selects(const base::Map<Str>& selector, const base::Map<Str>& labels) {
  if (selector.empty()) return false;
  for (const auto& [key, value] : selector) {
    const Str* v = labels.find(key);
    if (!v || !(*v == value)) return false;
  }
  return true;
}

bool has_selector(const ObjectRef& service) {
  return service && !service->as<api::Service>().spec->selector.empty() &&
         !(service->as<api::Service>().spec->type == "ExternalName");
}

std::vector<ObjectRef> selected_pods(const client::Informer& pods, const api::Service& service) {
  std::vector<ObjectRef> out;
  for (const ObjectRef& pod : pods.list(service.metadata.namespace_))
    if (selects(service.spec->selector, pod->meta().labels)) out.push_back(pod);
  return out;
}

bool is_mirrored(const api::ObjectMeta& endpoints) {
  return !(endpoints.labels.get(kSkipMirror) == "true") && !endpoints.annotations.contains(kLeaderAnnotation);
}

/// What of a pod stands in an endpoint.
bool endpoint_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!old || !now) return true;
  const auto& a = old->as<api::Pod>();
  const auto& b = now->as<api::Pod>();
  return !(a.status->pod_ip == b.status->pod_ip) || !(a.spec->node_name == b.spec->node_name) ||
         a.metadata.deleting() != b.metadata.deleting() || client::is_pod_ready(a) != client::is_pod_ready(b) ||
         client::is_pod_terminal(a) != client::is_pod_terminal(b) || !api::deep_equal(a.metadata.labels, b.metadata.labels);
}

template <class Queue>
void enqueue_services(const ServiceSelectors& selectors, Queue& queue, const ObjectRef& old, const ObjectRef& now) {
  if (!endpoint_changed(old, now)) return;
  if (now)
    for (const Str& key : selectors.matching(now->meta())) queue.add(key);
  if (old && (!now || !api::deep_equal(old->meta().labels, now->meta().labels)))
    for (const Str& key : selectors.matching(old->meta())) queue.add(key);
}

}  // namespace

std::vector<Str> ServiceSelectors::matching(const api::ObjectMeta& pod) const {
  std::vector<Str> out;
  for (const ObjectRef& s : services_.list(pod.namespace_))
    if (selects(s->as<api::Service>().spec->selector, pod.labels)) out.push_back(api::key_of(s->meta()));
  return out;
}

EndpointSliceController::EndpointSliceController(ControllerContext context)
    : QueueController(context, "endpoint-slice-controller", slice_options()), services_(informer(KindId::kService)),
      pods_(informer(KindId::kPod)), slices_(informer(KindId::kEndpointSlice)), nodes_(informer(KindId::kNode)),
      slices_by_service_(slices_.add_index([](const ObjectRef& o, std::vector<Str>& values) {
        if (!(o->meta().labels.get(kManagedByLabel) == kSliceManager)) return;
        values.push_back(base::cat(o->meta().namespace_, "/", o->meta().labels.get(kServiceNameLabel)));
      })),
      selectors_(services_) {
  services_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { enqueue((now ? now : old)->meta()); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
  slices_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { slice_changed(old, now); });
}

/// What others do to a slice is looked at a second later (endpointSliceChangeMinSyncDelay).
void EndpointSliceController::slice_changed(const ObjectRef& old, const ObjectRef& now) {
  const api::ObjectMeta& slice = (now ? now : old)->meta();
  const Str name = slice.labels.get(kServiceNameLabel);
  if (name.empty() || !(slice.labels.get(kManagedByLabel) == kSliceManager)) return;
  const Str service = base::cat(slice.namespace_, "/", name);
  const bool others = now ? tracker_.is_news(service, slice) : !tracker_.gone(service, slice);
  if (others) queue_.add_after(service, base::kSecond);
}

void EndpointSliceController::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  enqueue_services(selectors_, queue_, old, now);
}

/// Those that are being deleted are left out (dropEndpointSlicesPendingDeletion).
std::vector<ObjectRef> EndpointSliceController::slices_of(const api::ObjectMeta& service) const {
  std::vector<ObjectRef> out = slices_.by_index(slices_by_service_, api::key_of(service));
  std::erase_if(out, [](const ObjectRef& slice) { return slice->meta().deleting(); });
  return out;
}

env::Task<SyncResult> EndpointSliceController::sync(Str key) {
  const SplitKey split = split_key(key);
  const ObjectRef object = services_.get(split.namespace_, split.name);
  if (!object) tracker_.forget(key);
  if (!has_selector(object)) co_return SyncResult::ok();
  if (tracker_.stale(key, slices_of(object->meta())))
    co_return SyncResult::fail(Str("EndpointSlice informer cache is out of date"));
  const std::string problem = co_await reconcile(object, key);
  if (problem.empty()) co_return SyncResult::ok();
  events_.event(*object, "Warning", "FailedToUpdateEndpointSlices",
                base::cat("Error updating Endpoint Slices for Service ", key, ": ", problem));
  co_return SyncResult::fail(Str(problem));
}

/// A pod on a node that is not there is left out and tried again (reconcileByAddressType), unless the service wants all.
std::vector<ObjectRef> EndpointSliceController::placed_pods(const api::Service& service, base::Map<Str>& zones,
                                                            std::vector<std::string>& problems) const {
  std::vector<ObjectRef> out;
  for (const ObjectRef& object : selected_pods(pods_, service)) {
    const auto& pod = object->as<api::Pod>();
    const ObjectRef node = pod.spec->node_name.empty() ? nullptr : nodes_.get({}, pod.spec->node_name);
    if (node) zones.set(pod.spec->node_name, node->meta().labels.get(kZone));
    const bool counts = !client::is_pod_terminal(pod) && !pod.status->pod_ip.empty();
    if (counts && !node && !service.spec->publish_not_ready_addresses) {
      problems.push_back(base::cat("skipping Pod ", pod.metadata.name, " for Service ", service.metadata.namespace_, "/",
                                   service.metadata.name, ": Node ", pod.spec->node_name, " Not Found"));
      continue;
    }
    out.push_back(object);
  }
  return out;
}

env::Task<std::string> EndpointSliceController::reconcile(ObjectRef object, Str key) {
  const auto& service = object->as<api::Service>();
  const Str& ns = service.metadata.namespace_;
  base::Map<Str> zones;
  std::vector<std::string> problems;
  const std::vector<ObjectRef> pods = placed_pods(service, zones, problems);
  SlicePlan plan = plan_slices(service, pods, slices_of(service.metadata), zones);
  const Str trigger(api::Time::from(wall()).str());
  for (std::size_t i = 0; i < plan.create.size(); ++i) {
    plan.create[i].metadata.annotations.set(kTriggerTime, trigger);
    auto created = co_await client_.create(api::make_object(plan.create[i]));
    if (!created.ok() && namespace_terminating(created.error())) co_return std::string();
    if (!created.ok())
      co_return base::cat("failed to create EndpointSlice for Service ", key, ": ", created.error().message);
    tracker_.written(key, (*created)->meta());
  }
  for (std::size_t i = 0; i < plan.update.size(); ++i) {
    plan.update[i].metadata.annotations.set(kTriggerTime, trigger);
    const Str name = plan.update[i].metadata.name;
    auto updated = co_await client_.update(api::make_object(plan.update[i]));
    if (!updated.ok())
      co_return base::cat("failed to update ", name, " EndpointSlice for Service ", key, ": ", updated.error().message);
    tracker_.written(key, (*updated)->meta());
  }
  for (std::size_t i = 0; i < plan.remove.size(); ++i) {
    const Str name = plan.remove[i]->meta().name;
    auto removed = co_await client_.remove(KindId::kEndpointSlice, ns, name);
    if (!removed.ok() && !removed.error().not_found())
      co_return base::cat("failed to delete ", name, " EndpointSlice for Service ", key, ": ", removed.error().message);
    tracker_.deleting(key, plan.remove[i]->meta());
  }
  std::string all;
  for (const std::string& p : problems) all += base::cat(all.empty() ? "" : ", ", p);
  co_return problems.size() > 1 ? base::cat("[", all, "]") : all;
}

EndpointsController::EndpointsController(ControllerContext context)
    : QueueController(context, "endpoint-controller", endpoint_slice_options()), services_(informer(KindId::kService)),
      pods_(informer(KindId::kPod)), endpoints_(informer(KindId::kEndpoints)), selectors_(services_) {
  services_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { enqueue((now ? now : old)->meta()); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
  endpoints_.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
    if (!now) enqueue(old->meta());
  });
}

void EndpointsController::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  enqueue_services(selectors_, queue_, old, now);
}

env::Task<SyncResult> EndpointsController::sync(Str key) {
  const SplitKey split = split_key(key);
  const Str ns(split.namespace_), name(split.name);
  const ObjectRef object = services_.get(ns, name);
  if (!object) {
    replaced_.erase(key);
    auto removed = co_await client_.remove(KindId::kEndpoints, ns, name);
    if (!removed.ok() && !removed.error().not_found()) co_return SyncResult::fail(removed.error());
    co_return SyncResult::ok();
  }
  if (!has_selector(object)) co_return SyncResult::ok();
  const auto& service = object->as<api::Service>();
  const ObjectRef present = endpoints_.get(ns, name);
  // staleEndpointsTracker: the copy still shows what the last update replaced.
  if (const auto it = replaced_.find(key); present && it != replaced_.end() && it->second == present->revision())
    co_return SyncResult::fail(Str(base::cat("endpoints informer cache is out of date, resource version ",
                                             std::to_string(present->revision()), " already processed for endpoints ", key)));
  api::Endpoints next;
  if (present) next = present->as<api::Endpoints>();
  next.metadata.name = name;
  next.metadata.namespace_ = ns;
  base::Map<Str> labels = service.metadata.labels;
  labels.set("endpoints.kubernetes.io/managed-by", "endpoint-controller");
  if (service.spec->cluster_ip == "None") labels.set("service.kubernetes.io/headless", Str());
  const std::vector<api::EndpointSubset> subsets = plan_subsets(service, selected_pods(pods_, service));
  const api::List<api::EndpointSubset> wanted(subsets);
  if (present && api::deep_equal(next.subsets, wanted) && api::deep_equal(next.metadata.labels, labels)) co_return SyncResult::ok();
  next.metadata.labels = labels;
  next.subsets = wanted;
  next.metadata.annotations.set(kTriggerTime, Str(api::Time::from(wall()).str()));
  const ObjectRef object_to_write = api::make_object(next);
  client::ApiFuture write;
  if (present) write = client_.update(object_to_write);
  else write = client_.create(object_to_write);
  auto outcome = co_await write;
  if (outcome.ok() && present && (*outcome)->revision() != present->revision()) replaced_[key] = present->revision();
  if (outcome.ok() || outcome.error().not_found()) co_return SyncResult::ok();
  if (!present && namespace_terminating(outcome.error())) co_return SyncResult::ok();
  if (!present) {
    events_.event(*object_to_write, "Warning", "FailedToCreateEndpoint",
                  base::cat("Failed to create endpoint for service ", key, ": ", outcome.error().message));
  } else {
    events_.event(*object_to_write, "Warning", "FailedToUpdateEndpoint",
                  base::cat("Failed to update endpoint ", key, ": ", outcome.error().message));
  }
  co_return SyncResult::fail(outcome.error());
}

EndpointSliceMirroring::EndpointSliceMirroring(ControllerContext context)
    : QueueController(context, "endpoint-slice-mirroring-controller", slice_options()), services_(informer(KindId::kService)),
      endpoints_(informer(KindId::kEndpoints)), slices_(informer(KindId::kEndpointSlice)),
      mirrored_(slices_.add_index([](const ObjectRef& o, std::vector<Str>& values) {
        if (o->meta().labels.get(kManagedByLabel) == kMirroringManager)
          values.push_back(base::cat(o->meta().namespace_, "/", o->meta().labels.get(kServiceNameLabel)));
      })) {
  services_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { consider((now ? now : old)->meta()); });
  endpoints_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { consider((now ? now : old)->meta()); });
}

void EndpointSliceMirroring::consider(const api::ObjectMeta& meta) {
  const ObjectRef service = services_.get(meta.namespace_, meta.name), endpoints = endpoints_.get(meta.namespace_, meta.name);
  const bool wanted = service && service->as<api::Service>().spec->selector.empty() && endpoints && is_mirrored(endpoints->meta());
  if (wanted || slices_.count_by_index(mirrored_, api::key_of(meta)) > 0) enqueue(meta);
}

env::Task<SyncResult> EndpointSliceMirroring::sync(Str key) {
  const SplitKey split = split_key(key);
  const ObjectRef service = services_.get(split.namespace_, split.name), endpoints = endpoints_.get(split.namespace_, split.name);
  SlicePlan plan;
  if (service && service->as<api::Service>().spec->selector.empty() && endpoints && is_mirrored(endpoints->meta()))
    plan = plan_mirrors(endpoints->as<api::Endpoints>(), slices_of(key));
  else plan.remove = slices_of(key);
  std::string problem;
  for (const api::EndpointSlice& slice : plan.create) {
    const auto created = co_await client_.create(api::make_object(slice));
    if (!created && namespace_terminating(created.error())) co_return SyncResult::ok();
    if (!created) problem = base::cat("failed to create EndpointSlice for Endpoints ", key, ": ", created.error().message);
    // The copy must show it before the next plan.
    for (int wait = 0; created && wait < 100 && !slices_.get(split.namespace_, (*created)->meta().name); ++wait)
      co_await env::sleep(env_, 10 * base::kMillisecond);
  }
  for (const api::EndpointSlice& slice : plan.update) {
    const auto written = co_await client_.update(api::make_object(slice));
    if (!written) problem = base::cat("failed to update ", slice.metadata.name, " EndpointSlice for Endpoints ", key, ": ",
                                      written.error().message);
  }
  for (const ObjectRef& slice : plan.remove) {
    const auto removed = co_await client_.remove(KindId::kEndpointSlice, slice->meta().namespace_, slice->meta().name);
    if (!removed && !removed.error().not_found())
      problem = base::cat("failed to delete ", slice->meta().name, " EndpointSlice for Endpoints ", key, ": ", removed.error().message);
  }
  if (problem.empty()) co_return SyncResult::ok();
  co_return SyncResult::fail(Str(problem));
}

}  // namespace orrery::controllers
