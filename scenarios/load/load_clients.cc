#include "scenarios/load/load_clients.h"

#include <set>

#include "model/base/str.h"

namespace orrery::scenarios {
namespace {

using base::cat;

bool has_service(const Scenario& scenario, const std::string& ns, const std::string& name) {
  for (const WorkloadSpec& w : scenario.workloads)
    for (const api::ObjectRef& o : w.objects)
      if (o->kind_id() == api::KindId::kService && o->meta().namespace_ == ns && o->meta().name == name) return true;
  return false;
}

void load_http(const YamlCursor& c, const Scenario& scenario, ClientSpec& client) {
  client.kind = ClientSpec::Kind::kHttp;
  const std::string service = c.at("service").text();
  const std::size_t slash = service.find('/');
  if (slash == std::string::npos) c.at("service").fail(cat("\"", service, "\" is not a service (write namespace/name)"));
  client.service_namespace = service.substr(0, slash);
  client.service_name = service.substr(slash + 1);
  if (!has_service(scenario, client.service_namespace, client.service_name))
    c.at("service").fail(cat("there is no Service \"", service, "\" among the workloads"));
  client.port = static_cast<std::int32_t>(c.integer_or("port", 0, 1, 65535));
}

}  // namespace

std::vector<ClientSpec> load_clients(const YamlCursor& clients, const Scenario& scenario) {
  std::vector<ClientSpec> out;
  std::set<std::string> names;
  for (const YamlCursor& c : clients.items()) {
    c.keys({"name", "kind", "rate", "arrivals", "via", "service", "port", "from", "until", "timeout"});
    ClientSpec client;
    client.name = c.at("name").text();
    if (!names.insert(client.name).second) c.at("name").fail(cat("a client named \"", client.name, "\" exists already"));
    const std::string kind = c.at("kind").one_of({"write-configmaps", "http"});
    if (kind == "http") load_http(c, scenario, client);
    else if (c.has("service")) c.at("service").fail("is for clients of kind http");
    client.rate = c.at("rate").rate();
    if (client.rate <= 0 || client.rate > 1e6) c.at("rate").fail("must be above 0 and at most 1000000/s");
    if (kind == "http" && scenario.cluster.nodes.empty()) c.fail("needs nodes in the cluster to start from");
    if (c.has("arrivals")) client.poisson = c.at("arrivals").one_of({"poisson", "regular"}) == "poisson";
    if (c.has("via")) client.via = c.at("via").one_of({"all", "api"});
    client.from = c.duration_or("from", 0);
    client.until = c.duration_or("until", scenario.until);
    if (client.until <= client.from) c.fail("ends before it begins");
    client.timeout = c.duration_or("timeout", client.timeout);
    out.push_back(std::move(client));
  }
  return out;
}

}  // namespace orrery::scenarios
