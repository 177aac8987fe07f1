#include "scenarios/load/load_clients.h"

#include <set>

#include "model/api/service.h"
#include "model/base/str.h"
#include "scenarios/load/references.h"

namespace orrery::scenarios {
namespace {

using base::cat;

bool has_port(const api::Service& service, std::int32_t port) {
  for (const api::ServicePort& p : service.spec->ports)
    if (p.port == port) return true;
  return false;
}

void load_http(const YamlCursor& c, const Scenario& scenario, ClientSpec& client) {
  client.kind = ClientSpec::Kind::kHttp;
  const std::string service = c.at("service").text();
  const std::size_t slash = service.find('/');
  if (slash == std::string::npos) c.at("service").fail(cat("\"", service, "\" is not a service (write namespace/name)"));
  client.service_namespace = service.substr(0, slash);
  client.service_name = service.substr(slash + 1);
  const ObjectName name{client.service_namespace, client.service_name, api::KindId::kService};
  check_declared(c.at("service"), scenario, name);
  client.port = static_cast<std::int32_t>(c.integer_or("port", 0, 1, 65535));
  if (client.port != 0 && !has_port(find_declared(scenario, name)->as<api::Service>(), client.port))
    c.at("port").fail(cat("Service \"", service, "\" has no port ", std::to_string(client.port)));
}

/// A client sends at a rate, whatever comes back, or keeps a number of requests under way.
void load_pace(const YamlCursor& c, ClientSpec& client) {
  if (c.has("inFlight")) {
    if (client.kind == ClientSpec::Kind::kHttp) c.at("inFlight").fail("is for clients of kind write-configmaps");
    for (const char* key : {"rate", "arrivals"})
      if (c.has(key)) c.at(key).fail("does not go with inFlight");
    client.in_flight = c.at("inFlight").integer(1, 10'000);
    return;
  }
  client.rate = c.at("rate").rate();
  if (client.rate <= 0 || client.rate > 1e6) c.at("rate").fail("must be above 0 and at most 1000000/s");
  if (c.has("arrivals")) client.poisson = c.at("arrivals").one_of({"poisson", "regular"}) == "poisson";
}

}  // namespace

std::vector<ClientSpec> load_clients(const YamlCursor& clients, const Scenario& scenario) {
  std::vector<ClientSpec> out;
  std::set<std::string> names;
  for (const YamlCursor& c : clients.items()) {
    c.keys({"name", "kind", "rate", "arrivals", "inFlight", "via", "service", "port", "from", "until", "timeout"});
    ClientSpec client;
    client.name = c.at("name").text();
    if (!names.insert(client.name).second) c.at("name").fail(cat("a client named \"", client.name, "\" exists already"));
    const std::string kind = c.at("kind").one_of({"write-configmaps", "http"});
    if (kind == "http") load_http(c, scenario, client);
    for (const char* key : {"service", "port"})
      if (kind != "http" && c.has(key)) c.at(key).fail("is for clients of kind http");
    if (kind == "http" && c.has("via")) c.at("via").fail("is for clients of kind write-configmaps");
    load_pace(c, client);
    if (kind == "http" && scenario.cluster.nodes.empty()) c.fail("needs nodes in the cluster to start from");
    if (c.has("via")) client.via = c.at("via").one_of({"all", "api"});
    client.from = c.duration_or("from", 0);
    client.when_served = kind == "http" && !c.has("from");
    client.until = c.duration_or("until", scenario.until);
    if (client.until <= client.from) c.fail("ends before it begins");
    client.timeout = c.duration_or("timeout", client.timeout);
    out.push_back(std::move(client));
  }
  return out;
}

}  // namespace orrery::scenarios
