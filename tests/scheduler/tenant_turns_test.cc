// Whose turn it is by dominant shares, from what pods on nodes ask for.
#include <doctest/doctest.h>

#include "control/scheduler/policies/tenant_turns.h"
#include "model/api/node.h"
#include "model/api/object.h"
#include "model/base/str.h"

namespace tenant_turns_test {

using namespace orrery;
using namespace orrery::scheduler;

namespace {

NodeHandle turns_node(const char* name, std::int64_t cpu, std::int64_t memory, bool tainted = false) {
  api::Node out;
  out.metadata.name = name;
  auto& has = out.status.edit().allocatable;
  has.set("cpu", api::Quantity::milli(cpu * 1000, api::QuantityFormat::kDecimalSI));
  has.set("memory", api::Quantity(memory, api::QuantityFormat::kBinarySI));
  has.set("pods", api::Quantity(100, api::QuantityFormat::kDecimalSI));
  if (tainted) {
    api::Taint taint;
    taint.key = "node-role.kubernetes.io/control-plane";
    taint.effect = "NoSchedule";
    out.spec.edit().taints.push_back(taint);
  }
  return NodeHandle(api::make_object(std::move(out)));
}

PodInfoRef turns_pod(const char* tenant, const char* name, std::int64_t cpu, std::int64_t memory) {
  api::Pod out;
  out.metadata.namespace_ = "default";
  out.metadata.name = out.metadata.uid = name;
  if (*tenant) out.metadata.labels.set(kTenantLabel, Str(tenant));
  api::Container c;
  c.name = "main";
  c.resources.requests.set("cpu", api::Quantity::milli(cpu * 1000, api::QuantityFormat::kDecimalSI));
  c.resources.requests.set("memory", api::Quantity(memory, api::QuantityFormat::kBinarySI));
  out.spec.edit().containers.push_back(std::move(c));
  return base::make_ref<PodInfo>(api::make_object(std::move(out)));
}

}  // namespace

TEST_CASE("the tenant with the smallest dominant share goes next, its pods in their order") {
  // The example of the publication: 9 CPUs and 18 of memory; A asks for <1, 4>, B for <3, 1>.
  Snapshot snapshot;
  snapshot.set_node(turns_node("n", 9, 18));
  snapshot.set_node(turns_node("master", 100, 1000, true));   // its room counts for nothing
  TenantTurns turns(snapshot);
  std::vector<PodInfoRef> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(turns_pod("A", base::cat("a", std::to_string(i)).c_str(), 1, 4));
    waiting.push_back(turns_pod("B", base::cat("b", std::to_string(i)).c_str(), 3, 1));
  }
  std::string order;
  std::vector<PodInfoRef> placed;
  while (placed.size() < 5) {
    std::vector<const PodInfo*> ready;
    for (const PodInfoRef& p : waiting) ready.push_back(p.get());
    const std::size_t next = turns.next(ready);
    order += waiting[next]->meta().name.str();
    snapshot.add_pod(waiting[next], "n");
    placed.push_back(waiting[next]);
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(next));
  }
  CHECK(order == "a0b0a1b1a2");                       // 3 of A and 2 of B, 2/3 of the memory and of the CPUs
  // When B's have gone it is B's turn again.
  for (const PodInfoRef& p : placed) {
    if (p->meta().name.view().starts_with("b")) snapshot.remove_pod(p->pod(), "n");
  }
  const PodInfo* const left[] = {waiting[0].get(), waiting[1].get()};
  CHECK(waiting[turns.next(left)]->meta().name.view().starts_with("b"));
  // Nodes that come and go change what a share is, not whose pods count.
  snapshot.set_node(turns_node("n2", 9, 18));
  CHECK(waiting[turns.next(left)]->meta().name.view().starts_with("b"));
  const PodInfoRef nobodys = turns_pod("", "x", 1, 1);
  const PodInfo* const nobody[] = {nobodys.get()};
  CHECK(turns.next(nobody) == 0);
}

}  // namespace tenant_turns_test
