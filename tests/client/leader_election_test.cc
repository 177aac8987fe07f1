#include "control/client/leader_election.h"

#include <doctest/doctest.h>

#include "model/api/lease.h"
#include "tests/client/fake_apiserver.h"

namespace orrery::test {
namespace {

using base::kSecond;

struct Candidate {
  Candidate(FakeProcess& process, FakeApiserver& api, const char* id) : client(process.env(), config(api, id)) {
    client::LeaderElectionConfig c;
    c.lease_name = "controller";
    c.identity = id;
    c.component = "controller";
    elector = std::make_unique<client::LeaderElector>(
        process.env(), client, c, [this] { ++started; }, [this] { ++stopped; });
    elector->start();
  }
  static client::ClientConfig config(FakeApiserver& api, const char* id) {
    client::ClientConfig c = api.config();
    c.endpoints = {{id, 6443}};
    c.timeout = 5 * kSecond;
    return c;
  }
  client::Client client;
  int started = 0, stopped = 0;
  std::unique_ptr<client::LeaderElector> elector;
};

TEST_CASE("the first candidate leads and renews; a second waits") {
  FakeProcess process;
  FakeApiserver api(process);
  Candidate a(process, api, "a");
  process.time.run_for(kSecond);
  Candidate b(process, api, "b");
  process.time.run_for(100 * kSecond);
  CHECK(a.elector->leading());
  CHECK(a.started == 1);
  CHECK_FALSE(b.elector->leading());
  CHECK(b.elector->observed_holder() == "a");
  const auto lease = api.get<api::Lease>("kube-system", "controller");
  REQUIRE(lease);
  CHECK(*lease->spec.holder_identity == "a");
  CHECK(*lease->spec.lease_duration_seconds == 15);
  CHECK(*lease->spec.lease_transitions == 0);
  CHECK(lease->spec.renew_time > lease->spec.acquire_time);
  const auto renewals = std::count(api.writes.begin(), api.writes.end(), "update leases");
  CHECK((renewals >= 49 && renewals <= 51));
  const auto events = api.all<api::Event>("kube-system");
  REQUIRE(events.size() == 1);
  CHECK(events[0]->message == "a became leader");
  CHECK(events[0]->reason == "LeaderElection");
  CHECK(events[0]->involved_object.kind == "Lease");
}

TEST_CASE("a dead holder is followed 15 s after its last renewal was seen, and the term counts up") {
  FakeProcess process;
  FakeApiserver api(process);
  auto a = std::make_unique<Candidate>(process, api, "a");
  process.time.run_for(kSecond);
  Candidate b(process, api, "b");
  process.time.run_for(60 * kSecond);
  a.reset();
  process.time.run_for(10 * kSecond);
  CHECK_FALSE(b.elector->leading());
  process.time.run_for(14 * kSecond);
  CHECK(b.elector->leading());
  CHECK(b.elector->epoch() == 1);
  CHECK(*api.get<api::Lease>("kube-system", "controller")->spec.lease_transitions == 1);
}

TEST_CASE("a holder cut off stops by itself before anybody else may start") {
  FakeProcess process;
  FakeApiserver api(process);
  Candidate a(process, api, "a");
  process.time.run_for(kSecond);
  Candidate b(process, api, "b");
  process.time.run_for(60 * kSecond);
  api.down["a"] = 1;
  base::Nanos stopped_after = 0, led_after = 0;
  for (int i = 0; i < 400; ++i) {
    process.time.run_for(100 * base::kMillisecond);
    if (a.stopped && !stopped_after) stopped_after = (i + 1) * 100 * base::kMillisecond;
    if (b.elector->leading() && !led_after) led_after = (i + 1) * 100 * base::kMillisecond;
  }
  CHECK(a.stopped == 1);
  CHECK((stopped_after >= 10 * kSecond && stopped_after <= 12 * kSecond + kSecond / 10));
  CHECK((led_after > stopped_after && led_after <= 24 * kSecond));
}

}  // namespace
}  // namespace orrery::test
