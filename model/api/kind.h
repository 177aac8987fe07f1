// Kind: the registry of served types. One row per kind; the object's C++ struct is the hub version.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "model/api/type.h"

namespace orrery::api {

/// Stable numbers: they stand in messages and logs. Append only.
enum class KindId : std::uint8_t {
  kNone, kNamespace, kNode, kPod, kService, kEndpoints, kEndpointSlice, kConfigMap, kSecret, kServiceAccount, kEvent,
  kLease, kReplicaSet, kDeployment, kStatefulSet, kDaemonSet, kControllerRevision, kJob, kPodDisruptionBudget,
  kPriorityClass, kResourceQuota, kPersistentVolume, kPersistentVolumeClaim, kStorageClass,
  kCronJob, kPodGroup, kCSINode, kCSIDriver, kCSIStorageCapacity, kVolumeAttachment,
  kReplicationController,
  // Bodies of sub-resources; never stored.
  kBinding, kEviction, kScale,
  kCount
};

/// The last kind that has a collection of its own.
inline constexpr KindId kLastStored = KindId::kReplicationController;

class Object;

struct Kind {
  KindId id = KindId::kNone;
  const char* group = "";      ///< "" for core, "apps", "batch", ...
  const char* version = "v1";
  const char* kind = "";       ///< "Pod"
  const char* plural = "";     ///< "pods"
  const char* singular = "";
  const char* short_names = "";///< comma separated
  bool namespaced = true;
  bool custom = false;         ///< upstream it is a custom resource, which the built-in controllers of every cluster leave alone
  bool has_status = false;     ///< /status is served; spec writes drop status and the other way round
  bool has_scale = false;
  bool has_generation = false; ///< metadata.generation counts spec changes
  bool unconditional_update = false;  ///< update without resourceVersion overwrites (upstream's AllowUnconditionalUpdate)
  TypeFn type = nullptr;       ///< struct whose first member is `ObjectMeta metadata`
  Object* (*make)() = nullptr; ///< a new empty object, count 0

  /// "v1" or "apps/v1".
  std::string api_version() const;
  /// "pods" or "deployments.apps", as error messages name a resource.
  std::string resource_name() const;
  /// The description of the member "spec" / "status"; null when the kind has none.
  const Field* part(std::string_view json_name) const { return type().find(json_name); }
};

/// The row of a kind; aborts for kNone and kCount.
const Kind& kind_of(KindId id);
/// By apiVersion ("apps/v1") and kind; null when not served.
const Kind* find_kind(std::string_view api_version, std::string_view kind);
/// By group, version and plural; null when not served.
const Kind* find_resource(std::string_view group, std::string_view version, std::string_view plural);

/// KindOf<Pod>::kId; specialised by ORRERY_DECLARE_KIND in the kind's header.
template <class T>
struct KindOf;

#define ORRERY_DECLARE_KIND(T)                                                         \
  ORRERY_DECLARE_STRUCT(T)                                                             \
  template <>                                                                          \
  struct KindOf<T> {                                                                   \
    static constexpr ::orrery::api::KindId kId = ::orrery::api::KindId::k##T;          \
  };

}  // namespace orrery::api
