// The EndpointSlice, Endpoints and mirroring controllers (pkg/controller/endpointslice, endpoint, endpointslicemirroring).
#pragma once
#include "control/controllers/controller.h"
#include "control/controllers/endpoint_slice_plan.h"
#include "control/controllers/endpoint_slice_tracker.h"

namespace orrery::controllers {

/// Which Services a pod change concerns: those whose selector matches the pod before or after it.
class ServiceSelectors {
 public:
  explicit ServiceSelectors(client::Informer& services) : services_(services) {}
  /// Keys of the services that select a pod with these labels.
  std::vector<Str> matching(const api::ObjectMeta& pod) const;

 private:
  client::Informer& services_;
};

class EndpointSliceController final : public QueueController {
 public:
  explicit EndpointSliceController(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str key) override;
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  void slice_changed(const ObjectRef& old, const ObjectRef& now);
  std::vector<ObjectRef> slices_of(const api::ObjectMeta& service) const;
  std::vector<ObjectRef> placed_pods(const api::Service& service, base::Map<Str>& zones,
                                     std::vector<std::string>& problems) const;
  /// What is wrong, "" when the slices are as they should be.
  env::Task<std::string> reconcile(ObjectRef service, Str key);

  client::Informer& services_;
  client::Informer& pods_;
  client::Informer& slices_;
  client::Informer& nodes_;
  int slices_by_service_;
  ServiceSelectors selectors_;
  EndpointSliceTracker tracker_;
};

/// The older Endpoints objects, at most 1,000 addresses each.
class EndpointsController final : public QueueController {
 public:
  explicit EndpointsController(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str key) override;
  void pod_changed(const ObjectRef& old, const ObjectRef& now);

  client::Informer& services_;
  client::Informer& pods_;
  client::Informer& endpoints_;
  ServiceSelectors selectors_;
  base::SortedMap<Str, std::int64_t> replaced_;  ///< by key, the version that the last update was made of
};

/// Slices for Endpoints that somebody else keeps, of services without a selector.
class EndpointSliceMirroring final : public QueueController {
 public:
  explicit EndpointSliceMirroring(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str key) override;
  /// Only what has slices here, or may get some, is looked at.
  void consider(const api::ObjectMeta& meta);
  std::vector<ObjectRef> slices_of(std::string_view key) const { return slices_.by_index(mirrored_, key); }

  client::Informer& services_;
  client::Informer& endpoints_;
  client::Informer& slices_;
  int mirrored_;
};

}  // namespace orrery::controllers
