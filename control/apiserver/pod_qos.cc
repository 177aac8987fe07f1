#include "control/apiserver/pod_qos.h"

namespace orrery::apiserver {

namespace {

struct Totals {
  api::ResourceList requests, limits;
  bool every_container_limited = true;
};

bool counts(const api::ResourceList::Entry& e) {
  return (e.first == "cpu" || e.first == "memory") && e.second.sign() > 0;
}

void add(const api::List<api::Container>& containers, Totals& totals) {
  for (const api::Container& c : containers) {
    int limited = 0;
    for (const auto& e : c.resources.requests) {
      if (counts(e)) totals.requests.edit(e.first).add(e.second);
    }
    for (const auto& e : c.resources.limits) {
      if (!counts(e)) continue;
      totals.limits.edit(e.first).add(e.second);
      ++limited;
    }
    if (limited != 2) totals.every_container_limited = false;
  }
}

}  // namespace

const char* pod_qos(const api::PodSpec& spec) {
  Totals totals;
  add(spec.containers, totals);
  add(spec.init_containers, totals);
  if (totals.requests.empty() && totals.limits.empty()) return "BestEffort";
  bool guaranteed =
      totals.every_container_limited && totals.requests.size() == totals.limits.size();
  for (const auto& [name, amount] : totals.requests) {
    const api::Quantity* limit = totals.limits.find(name);
    guaranteed = guaranteed && limit && *limit == amount;
  }
  return guaranteed ? "Guaranteed" : "Burstable";
}

}  // namespace orrery::apiserver
