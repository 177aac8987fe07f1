#include "control/scheduler/framework/resource.h"

#include <algorithm>

#include "model/api/pod_resources.h"

namespace orrery::scheduler {
namespace {

using api::Quantity;
using api::ResourceList;

void default_missing(ResourceList& list) {
  if (!list.contains("cpu")) {
    list.set("cpu", Quantity::milli(kDefaultMilliCpuRequest, api::QuantityFormat::kDecimalSI));
  }
  if (!list.contains("memory")) {
    list.set("memory", Quantity(kDefaultMemoryRequest, api::QuantityFormat::kBinarySI));
  }
}

const api::ContainerStatus* status_of(const api::List<api::ContainerStatus>& statuses, const Str& name) {
  for (const api::ContainerStatus& s : statuses) {
    if (s.name == name) return s.resources ? &s : nullptr;
  }
  return nullptr;
}

ResourceList container_requests(const api::Container& container, const api::List<api::ContainerStatus>& statuses,
                                RequestOptions options) {
  ResourceList out = container.resources.requests;
  if (options.use_status) {
    if (const api::ContainerStatus* status = status_of(statuses, container.name)) {
      api::raise_to(out, status->resources->requests);
      api::raise_to(out, status->allocated_resources);
    }
  }
  if (options.default_missing) default_missing(out);
  return out;
}

}  // namespace

bool is_scalar_resource(std::string_view name) {
  if (name.starts_with("hugepages-") || name.starts_with("attachable-volumes-")) return true;
  return name.find('/') != std::string_view::npos && !name.starts_with("requests.");
}

std::int64_t Resource::scalar(std::string_view name) const {
  for (const ScalarAmount& s : scalars) {
    if (s.name == name) return s.amount;
  }
  return 0;
}

bool Resource::has_scalar(std::string_view name) const {
  return std::any_of(scalars.begin(), scalars.end(), [&](const ScalarAmount& s) { return s.name == name; });
}

std::int64_t& Resource::edit_scalar(const Str& name) {
  auto at = std::find_if(scalars.begin(), scalars.end(), [&](const ScalarAmount& s) { return !(s.name < name); });
  if (at == scalars.end() || !(at->name == name)) at = scalars.insert(at, ScalarAmount{name, 0});
  return at->amount;
}

void Resource::add(const api::ResourceList& list) {
  for (const auto& [name, quantity] : list) {
    if (name == "cpu") milli_cpu += quantity.milli_value();
    else if (name == "memory") memory += quantity.value();
    else if (name == "pods") allowed_pods += quantity.value();
    else if (name == "ephemeral-storage") ephemeral_storage += quantity.value();
    else if (is_scalar_resource(name)) edit_scalar(name) += quantity.value();
  }
}

void Resource::add(const Resource& other, std::int64_t sign) {
  milli_cpu += sign * other.milli_cpu;
  memory += sign * other.memory;
  ephemeral_storage += sign * other.ephemeral_storage;
  for (const ScalarAmount& s : other.scalars) edit_scalar(s.name) += sign * s.amount;
}

std::int64_t amount_of(const api::ResourceList& list, std::string_view name) {
  const Quantity* quantity = list.find(name);
  if (!quantity) return 0;
  return name == "cpu" ? quantity->milli_value() : quantity->value();
}

api::ResourceList pod_requests(const api::Pod& pod, RequestOptions options) {
  ResourceList total = api::total_of_containers(*pod.spec, [&](const api::Container& c, bool is_init) {
    RequestOptions mine = options;
    mine.use_status = options.use_status && (!is_init || api::is_sidecar(c));
    return container_requests(c, is_init ? pod.status->init_container_statuses : pod.status->container_statuses, mine);
  });
  api::add_to(total, pod.spec->overhead);
  return total;
}

}  // namespace orrery::scheduler
