#include "model/api/qos.h"

namespace orrery::api {

namespace {

const Quantity* positive(const ResourceList& list, const char* name) {
  const Quantity* amount = list.find(name);
  return amount && amount->sign() > 0 ? amount : nullptr;
}

/// Sums over all containers of one resource.
struct Totals {
  Quantity requests, limits;
  bool requested = false, limited = false, limited_everywhere = true;

  void add(const Container& c, const char* name) {
    if (const Quantity* request = positive(c.resources.requests, name))
      requests.add(*request), requested = true;
    const Quantity* limit = positive(c.resources.limits, name);
    if (limit) limits.add(*limit), limited = true;
    else limited_everywhere = false;
  }
};

Totals totals_of(const PodSpec& spec, const char* name) {
  Totals totals;
  for (const Container& c : spec.containers) totals.add(c, name);
  for (const Container& c : spec.init_containers) totals.add(c, name);
  return totals;
}

}  // namespace

const char* qos_class(const PodSpec& spec) {
  const Totals cpu = totals_of(spec, "cpu");
  const Totals memory = totals_of(spec, "memory");
  if (!cpu.requested && !cpu.limited && !memory.requested && !memory.limited) return "BestEffort";
  const bool everywhere = cpu.limited_everywhere && memory.limited_everywhere && !spec.containers.empty();
  const auto matches = [](const Totals& t) { return t.requested && t.requests == t.limits; };
  return everywhere && matches(cpu) && matches(memory) ? "Guaranteed" : "Burstable";
}

}  // namespace orrery::api
