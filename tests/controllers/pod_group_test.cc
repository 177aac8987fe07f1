// The PodGroup controller: each step of the status by hand (the rows of scheduler-plugins' own table among them), and a group's life.
#include "control/controllers/pod_group.h"

#include "tests/controllers/cluster.h"

namespace pod_group_test {

using namespace orrery;
using namespace orrery::test;

namespace {

constexpr api::Time kNow{1'735'689'700};

api::PodGroup group(const char* name, int members, const char* phase = "") {
  api::PodGroup g;
  g.metadata.namespace_ = "default";
  g.metadata.name = name;
  g.metadata.creation_timestamp = api::Time{1'735'689'600};
  g.spec.edit().min_member = members;
  if (*phase) g.status.edit().phase = phase;
  return g;
}

api::Pod member(const std::string& name, const char* group, const char* phase, const char* ns = "default") {
  api::Pod p;
  p.metadata.namespace_ = ns;
  p.metadata.name = Str(name);
  p.metadata.labels.set(api::kPodGroupLabel, Str(group));
  p.status.edit().phase = phase;
  p.spec.edit().containers.push_back({});
  p.spec.edit().containers.edit()[0].image = "work:1";
  return p;
}

std::vector<ObjectRef> members(int count, const char* phase) {
  std::vector<ObjectRef> out;
  for (int i = 0; i < count; ++i) out.push_back(api::make_object(member(base::cat("p", std::to_string(i)), "g", phase)));
  return out;
}

std::string step(const char* from, int wanted, const std::vector<ObjectRef>& pods) {
  return controllers::next_status(group("g", wanted, from), pods, kNow).phase.str();
}

}  // namespace

TEST_CASE("PodGroup: the phase after each phase") {
  CHECK(step("", 2, members(2, "Running")) == "Pending");
  CHECK(step("Pending", 3, members(2, "Running")) == "Pending");
  CHECK(step("Pending", 2, members(2, "Pending")) == "Scheduling");
  CHECK(step("Scheduling", 2, members(2, "Pending")) == "Scheduling");
  CHECK(step("Scheduling", 2, members(2, "Running")) == "Running");
  CHECK(step("Scheduling", 2, members(4, "Running")) == "Running");
  CHECK(step("Scheduling", 2, members(2, "Failed")) == "Failed");
  CHECK(step("Scheduling", 2, members(2, "Succeeded")) == "Finished");
  CHECK(step("Running", 4, members(2, "Pending")) == "Pending");
  CHECK(step("Running", 2, members(2, "Pending")) == "Scheduling");
  CHECK(step("Running", 2, {}) == "Pending");
  // As of an older version, which had more phases.
  CHECK(step("PreScheduling", 2, members(2, "Running")) == "Running");
  CHECK(step("Scheduled", 2, members(2, "Pending")) == "Scheduling");
  // Final ones stay.
  CHECK(step("Finished", 2, members(2, "Running")) == "Finished");
  CHECK(step("Failed", 2, members(2, "Running")) == "Failed");
  // One failed, the other does not run yet: nothing is decided.
  std::vector<ObjectRef> mixed = members(2, "Failed");
  mixed[1] = api::make_object(member("p1", "g", "Pending"));
  CHECK(step("Scheduling", 2, mixed) == "Scheduling");
}

TEST_CASE("PodGroup: counts, owners and the time of the start") {
  std::vector<ObjectRef> pods = members(3, "Running");
  pods[1] = api::make_object(member("p1", "g", "Succeeded"));
  const api::PodGroupStatus counted = controllers::next_status(group("g", 2, "Scheduling"), pods, kNow);
  CHECK(counted.running == 2);
  CHECK(counted.succeeded == 1);
  CHECK(counted.failed == 0);
  api::Pod owned = member("p0", "g", "Pending");
  for (const char* name : {"set-b", "set-a"}) {
    api::OwnerReference o;
    o.name = name;
    owned.metadata.owner_references.push_back(o);
  }
  pods[0] = api::make_object(owned);
  const api::PodGroupStatus begun = controllers::next_status(group("g", 2, "Pending"), pods, kNow);
  CHECK(begun.occupied_by == "default/set-a,default/set-b");
  CHECK(begun.schedule_start_time == kNow);
  // The time stays when the group falls back and begins again.
  api::PodGroup again = group("g", 2, "Pending");
  again.status = begun;
  again.status.edit().phase = "Pending";
  CHECK(controllers::next_status(again, pods, api::Time{kNow.seconds + 60}).schedule_start_time == kNow);
}

TEST_CASE("PodGroup: one that began over two days after its creation is given up") {
  api::PodGroup g = group("g", 2, "Scheduling");
  CHECK(!controllers::is_overdue(g));
  g.status.edit().schedule_start_time = api::Time{g.metadata.creation_timestamp.seconds + 48 * 3600};
  CHECK(!controllers::is_overdue(g));
  g.status.edit().schedule_start_time = api::Time{g.metadata.creation_timestamp.seconds + 48 * 3600 + 1};
  CHECK(controllers::is_overdue(g));
  g.status.edit().running = 1;
  CHECK(!controllers::is_overdue(g));
}

TEST_CASE("PodGroup: a group's life, and only its own namespace counts") {
  test::Cluster w;
  w.add<controllers::PodGroupController>();
  w.api.put(group("g", 2));
  w.start();
  const auto status = [&] { return *w.api.get<api::PodGroup>("default", "g")->status; };
  CHECK(status().phase == "Pending");
  const std::size_t before = w.api.writes.size();
  w.run(10 * kSecond);
  CHECK(w.api.writes.size() == before);        // at rest nothing is written
  w.api.put(member("elsewhere", "g", "Pending", "other"));
  w.api.put(member("a", "g", "Pending"));
  w.run(kSecond / 2);
  CHECK(status().phase == "Pending");
  w.api.put(member("b", "g", "Pending"));
  w.run(kSecond / 2);
  CHECK(status().phase == "Scheduling");
  w.run(3 * kSecond);
  CHECK(status().phase == "Running");
  CHECK(status().running == 2);
  for (const char* name : {"a", "b"}) w.api.edit<api::Pod>("default", name, [](api::Pod& p) { p.status.edit().phase = "Succeeded"; });
  w.run(kSecond);
  CHECK(status().phase == "Finished");
  CHECK(status().succeeded == 2);
  w.api.erase(KindId::kPod, "default", "a");
  w.run(kSecond);
  CHECK(status().phase == "Finished");
}

}  // namespace pod_group_test
