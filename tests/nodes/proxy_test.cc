#include "model/api/endpoint_slice.h"
#include "model/api/service.h"
#include "nodes/proxy/proxy.h"
#include "nodes/proxy/service_table.h"
#include "tests/client/fake_apiserver.h"

#include <doctest/doctest.h>

using namespace orrery;
using namespace orrery::test;
using base::kMillisecond;
using base::kSecond;

namespace {

api::Service service(const char* name) {
  api::Service s;
  s.metadata.name = name;
  s.metadata.namespace_ = "default";
  api::ServiceSpec& spec = s.spec.edit();
  spec.type = "ClusterIP";
  spec.cluster_ip = "10.96.0.10";
  api::ServicePort port;
  port.name = "http";
  port.protocol = "TCP";
  port.port = 80;
  spec.ports.push_back(port);
  return s;
}

/// One letter for each endpoint: r(eady) n(ot ready) t(erminating, serving) x(terminating, not serving).
api::EndpointSlice slice(const char* name, const char* service, const char* letters, int first = 1) {
  api::EndpointSlice s;
  s.metadata.name = name;
  s.metadata.namespace_ = "default";
  s.metadata.labels.set("kubernetes.io/service-name", service);
  s.address_type = "IPv4";
  api::EndpointSlicePort port;
  port.name = Str("http");
  port.port = 8080;
  s.ports.push_back(port);
  for (int i = 0; letters[i]; ++i) {
    api::Endpoint e;
    e.addresses.push_back("10.1.0." + std::to_string(first + i));
    e.node_name = Str(i % 2 == 0 ? "worker-1" : "worker-2");
    e.conditions.ready = letters[i] == 'r';
    e.conditions.serving = letters[i] == 'r' || letters[i] == 't';
    e.conditions.terminating = letters[i] == 't' || letters[i] == 'x';
    s.endpoints.push_back(e);
  }
  return s;
}

std::string text(const std::vector<env::Backend>& backends) {
  std::string out;
  for (const env::Backend& b : backends) out += b.ip.str() + ":" + std::to_string(b.port) + " ";
  return out;
}

struct Table final : env::Dataplane {
  explicit Table(VirtualTime& t) : time(t) {}
  void apply(std::vector<base::Ref<const env::ServiceEntry>> entries, bool full,
             base::UniqueFunction<void(base::Status)> done) override {
    ++applies;
    written += entries.size();
    if (full) services.clear();
    for (const auto& e : entries) {
      if (e->ports.empty()) services.erase(e->service_name.str());
      else services[e->service_name.str()] = e;
    }
    time.after(kMillisecond, [done = std::move(done)]() mutable { done(base::ok_status()); });
  }
  std::string of(const char* name) const {
    const auto it = services.find(name);
    return it == services.end() ? "none" : text(it->second->ports[0].backends);
  }
  VirtualTime& time;
  std::map<std::string, base::Ref<const env::ServiceEntry>> services;
  int applies = 0;
  std::size_t written = 0;
};

struct ProxyWorld {
  FakeProcess p;
  FakeApiserver api{p};
  Table table{p.time};
  env::Environment env{p.time, p.time, p.random, p.network, p.disk, p.containers, table, p.compute, p.trace, p.faults, p.self, p.trampoline};
  std::unique_ptr<proxy::Proxy> proxy;
  void start() {
    proxy::ProxyConfig c;
    c.node_name = "worker-1";
    c.apiservers.push_back({"api-1", api::kApiserverPort});
    proxy = std::make_unique<proxy::Proxy>(env, c);
    run(kSecond);
  }
  void run(base::Nanos span) { p.time.run_for(span); }
};

}  // namespace

TEST_CASE("backends of a service") {
  struct Case { const char* letters; const char* internal; const char* backends; };
  for (const Case& c : {Case{"rr", "Cluster", "10.1.0.1:8080 10.1.0.2:8080 "}, Case{"rn", "Cluster", "10.1.0.1:8080 "},
                        Case{"nt", "Cluster", "10.1.0.2:8080 "}, Case{"rt", "Cluster", "10.1.0.1:8080 "}, Case{"nx", "Cluster", ""},
                        Case{"rrr", "Local", "10.1.0.1:8080 10.1.0.3:8080 "}, Case{"nr", "Local", ""}, Case{"tr", "Local", "10.1.0.1:8080 "}}) {
    CAPTURE(c.letters);
    api::Service s = service("web");
    s.spec.edit().internal_traffic_policy = Str(c.internal);
    const std::vector<api::ObjectRef> slices = {api::make_object(slice("web-1", "web", c.letters))};
    CHECK(text(proxy::service_entry(*api::make_object(s), slices, "worker-1")->ports[0].backends) == c.backends);
  }
}

TEST_CASE("node ports, affinity and what is not proxied") {
  api::Service s = service("web");
  api::ServiceSpec& spec = s.spec.edit();
  spec.type = "NodePort";
  spec.ports.edit()[0].node_port = 30080;
  spec.session_affinity = "ClientIP";
  const std::vector<api::ObjectRef> slices = {api::make_object(slice("web-1", "web", "rr"))};
  auto entry = proxy::service_entry(*api::make_object(s), slices, "worker-2");
  REQUIRE(entry->ports.size() == 1);
  CHECK(entry->ports[0].node_port == 30080);
  CHECK(entry->ports[0].affinity_seconds == 10800);
  spec.external_traffic_policy = "Local";
  entry = proxy::service_entry(*api::make_object(s), slices, "worker-2");
  REQUIRE(entry->ports.size() == 2);
  CHECK(entry->ports[0].node_port == 30080);
  CHECK(text(entry->ports[0].backends) == "10.1.0.2:8080 ");
  CHECK(entry->ports[1].node_port == 0);
  CHECK(text(entry->ports[1].backends) == "10.1.0.1:8080 10.1.0.2:8080 ");
  CHECK(proxy::is_proxied(*api::make_object(s)));
  spec.cluster_ip = "None";
  CHECK(!proxy::is_proxied(*api::make_object(s)));
  spec.cluster_ip = "10.96.0.10";
  s.metadata.labels.set("service.kubernetes.io/service-proxy-name", "other");
  CHECK(!proxy::is_proxied(*api::make_object(s)));
}

TEST_CASE("the table follows the API, changed services only") {
  ProxyWorld w;
  w.api.put(service("web"));
  w.api.put(service("other"));
  w.api.put(slice("web-1", "web", "rr"));
  w.start();
  CHECK(w.table.applies == 1);
  CHECK(w.table.of("web") == "10.1.0.1:8080 10.1.0.2:8080 ");
  CHECK(w.table.of("other") == "");
  w.run(10 * kSecond);
  CHECK(w.table.applies == 1);

  w.table.written = 0;
  w.api.put(slice("web-2", "web", "r", 7));
  w.run(10 * kMillisecond);
  CHECK(w.table.of("web") == "10.1.0.1:8080 10.1.0.2:8080 10.1.0.7:8080 ");
  CHECK(w.table.written == 1);

  SUBCASE("later changes wait for the least time between syncs and go together") {
    w.api.put(slice("web-2", "web", "rr", 7));
    w.api.put(slice("other-1", "other", "r", 20));
    w.run(500 * kMillisecond);
    CHECK(w.table.of("other") == "");
    w.run(600 * kMillisecond);
    CHECK(w.table.of("other") == "10.1.0.20:8080 ");
    CHECK(w.table.applies == 3);
    CHECK(w.table.written == 3);
  }
  SUBCASE("a change that changes nothing is not written") {
    w.run(2 * kSecond);
    w.api.edit<api::EndpointSlice>("default", "web-2", [](auto& s) { s.metadata.labels.set("x", "y"); });
    w.run(2 * kSecond);
    CHECK(w.table.applies == 2);
  }
  SUBCASE("removed endpoints and services go") {
    w.run(2 * kSecond);
    w.api.erase(api::KindId::kEndpointSlice, "default", "web-1");
    w.run(2 * kSecond);
    CHECK(w.table.of("web") == "10.1.0.7:8080 ");
    w.api.erase(api::KindId::kService, "default", "web");
    w.run(2 * kSecond);
    CHECK(w.table.of("web") == "none");
  }
  SUBCASE("unless a bug is planted") {
    w.p.faults.plant(env::Site::kProxyKeepsRemovedEndpoint);
    w.run(2 * kSecond);
    w.api.erase(api::KindId::kEndpointSlice, "default", "web-1");
    w.run(2 * kSecond);
    CHECK(w.table.of("web") == "10.1.0.1:8080 10.1.0.2:8080 10.1.0.7:8080 ");
  }
}
