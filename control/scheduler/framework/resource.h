// Resource: amounts as the scheduler counts them, and what a pod requests (component-helpers/resource, NodeInfo).
#pragma once
#include <cstdint>
#include <vector>

#include "model/api/pod.h"

namespace orrery::scheduler {

using base::Str;

struct ScalarAmount {
  Str name;
  std::int64_t amount = 0;
  friend bool operator==(const ScalarAmount&, const ScalarAmount&) = default;
};

/// cpu in thousandths, memory and ephemeral-storage in bytes, everything else in units. Scalars are sorted by name.
struct Resource {
  std::int64_t milli_cpu = 0, memory = 0, ephemeral_storage = 0, allowed_pods = 0;
  std::vector<ScalarAmount> scalars;

  void add(const api::ResourceList& list);
  void add(const Resource& other, std::int64_t sign = 1);
  /// 0 when absent.
  std::int64_t scalar(std::string_view name) const;
  bool has_scalar(std::string_view name) const;
  std::int64_t& edit_scalar(const Str& name);
  friend bool operator==(const Resource&, const Resource&) = default;
};

/// Extended, hugepages, attachable volumes and prefixed native resources.
bool is_scalar_resource(std::string_view name);

/// Requests that count for scoring where a container names none.
inline constexpr std::int64_t kDefaultMilliCpuRequest = 100;
inline constexpr std::int64_t kDefaultMemoryRequest = 200LL * 1024 * 1024;

struct RequestOptions {
  bool use_status = false;           ///< the greater of spec and what the kubelet reports, for pods that run
  bool default_missing = false;      ///< cpu and memory default per container
};

/// Containers and sidecars summed, against the largest init step; plus overhead (resource.PodRequests).
api::ResourceList pod_requests(const api::Pod& pod, RequestOptions options);

/// The amount of one resource of a list in the unit that Resource uses.
std::int64_t amount_of(const api::ResourceList& list, std::string_view name);

}  // namespace orrery::scheduler
