#include "control/controllers/pod_tally.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "model/base/random.h"

namespace orrery::controllers {
namespace {

/// A pod of one of three owners (or none), with one of two label sets, ready or not, active or not.
api::ObjectRef draw(base::RandomStream& random) {
  api::Pod pod;
  const auto owner = random.below(4);
  if (owner < 3) {
    api::OwnerReference ref;
    ref.uid = "owner-" + std::to_string(owner);
    ref.kind = "ReplicaSet";
    ref.controller = true;
    pod.metadata.owner_references.push_back(ref);
  }
  pod.metadata.labels.set("app", random.below(2) ? "a" : "b");
  const auto phase = random.below(5);
  pod.status.edit().phase = phase == 0 ? "Succeeded" : "Running";
  if (random.below(5) == 0) pod.metadata.deletion_timestamp = api::Time::from(base::Instant{base::kSecond});
  api::PodCondition ready;
  ready.type = "Ready";
  ready.status = random.below(2) ? "True" : "False";
  pod.status.edit().conditions.push_back(ready);
  return api::make_object(std::move(pod));
}

/// "app=LABEL pods ready" of each group of the owner.
std::map<std::string, std::pair<int, int>> groups_of(const PodTallies& tallies, const std::string& owner) {
  std::map<std::string, std::pair<int, int>> out;
  if (const PodTally* tally = tallies.of(owner))
    for (const PodTally::Group& g : tally->groups) out[g.labels.get("app").str()] = {g.pods, g.ready};
  return out;
}

std::map<std::string, std::pair<int, int>> counted(const std::map<int, api::ObjectRef>& pods, const std::string& owner) {
  std::map<std::string, std::pair<int, int>> out;
  for (const auto& [key, object] : pods) {
    const auto& pod = object->as<api::Pod>();
    const api::OwnerReference* ref = api::controller_of(pod.metadata);
    if (!ref || !(ref->uid == owner) || !client::is_pod_active(pod)) continue;
    auto& group = out[pod.metadata.labels.get("app").str()];
    ++group.first;
    if (client::is_pod_ready(pod)) ++group.second;
  }
  return out;
}

}  // namespace

TEST_CASE("pod_tally: equals a count after every change") {
  PodTallies tallies;
  std::map<int, api::ObjectRef> pods;
  base::RandomStream random(3);
  for (int i = 0; i < 4000; ++i) {
    const int key = static_cast<int>(random.below(60));
    const auto known = pods.find(key);
    const api::ObjectRef old = known == pods.end() ? nullptr : known->second;
    const api::ObjectRef now = old && random.below(4) == 0 ? api::ObjectRef() : draw(random);
    tallies.on_change(old, now);
    if (now) pods[key] = now;
    else pods.erase(key);
    for (const char* owner : {"owner-0", "owner-1", "owner-2"}) CHECK(groups_of(tallies, owner) == counted(pods, owner));
  }
}

}  // namespace orrery::controllers
