#include "control/controllers/pod_tally.h"

#include <algorithm>

#include "control/client/owner.h"

namespace orrery::controllers {
namespace {

bool counts_alike(const api::Pod& a, const api::Pod& b) {
  return client::is_pod_active(a) == client::is_pod_active(b) && client::is_pod_ready(a) == client::is_pod_ready(b) &&
         a.metadata.labels.shares(b.metadata.labels) &&
         client::same_controller(api::controller_of(a.metadata), api::controller_of(b.metadata));
}

}  // namespace

void PodTallies::on_change(const ObjectRef& old, const ObjectRef& now) {
  if (old && now && counts_alike(old->as<api::Pod>(), now->as<api::Pod>())) return;
  if (old) add(old->as<api::Pod>(), -1);
  if (now) add(now->as<api::Pod>(), 1);
}

void PodTallies::add(const api::Pod& pod, std::int32_t sign) {
  const api::OwnerReference* owner = api::controller_of(pod.metadata);
  if (!owner || !client::is_pod_active(pod)) return;
  const api::Map<Str>& labels = pod.metadata.labels;
  std::vector<PodTally::Group>& groups = tallies_[owner->uid].groups;
  auto at = std::find_if(groups.begin(), groups.end(), [&labels](const PodTally::Group& g) {
    return g.labels.shares(labels) || api::deep_equal(g.labels, labels);
  });
  if (at == groups.end()) at = groups.insert(at, {labels, 0, 0});
  at->pods += sign;
  if (client::is_pod_ready(pod)) at->ready += sign;
  if (at->pods > 0) return;
  groups.erase(at);
  if (groups.empty()) tallies_.erase(owner->uid);
}

}  // namespace orrery::controllers
