#include <algorithm>

#include "control/apiserver/bootstrap.h"
#include "model/api/endpoint_slice.h"
#include "model/api/endpoints.h"

namespace orrery::apiserver {

namespace {

constexpr std::string_view kPrefix = "/registry/masterleases/";
constexpr const char* kSkipMirror = "endpointslice.kubernetes.io/skip-mirror";

ObjectRef lease_record(const Str& address) {
  api::Endpoints e;
  e.metadata.name = address;
  e.metadata.generation = 1;
  api::EndpointAddress a;
  a.ip = address;
  api::EndpointSubset subset;
  subset.addresses.push_back(std::move(a));
  e.subsets.push_back(std::move(subset));
  return api::make_object(std::move(e));
}

api::Endpoints make_endpoints(const std::vector<Str>& addresses) {
  api::Endpoints e;
  e.metadata.name = "kubernetes";
  e.metadata.namespace_ = "default";
  e.metadata.labels.set(kSkipMirror, "true");
  if (addresses.empty()) return e;
  api::EndpointSubset subset;
  for (const Str& ip : addresses) {
    api::EndpointAddress a;
    a.ip = ip;
    subset.addresses.push_back(std::move(a));
  }
  api::EndpointPort port;
  port.name = "https";
  port.port = api::kApiserverPort;
  port.protocol = "TCP";
  subset.ports.push_back(std::move(port));
  e.subsets.push_back(std::move(subset));
  return e;
}

api::EndpointSlice make_slice(const std::vector<Str>& addresses) {
  api::EndpointSlice s;
  s.metadata.name = "kubernetes";
  s.metadata.namespace_ = "default";
  s.metadata.labels.set("kubernetes.io/service-name", "kubernetes");
  s.address_type = "IPv4";
  for (const Str& ip : addresses) {
    api::Endpoint e;
    e.addresses = {ip};
    e.conditions.ready = true;
    s.endpoints.push_back(std::move(e));
  }
  api::EndpointSlicePort port;
  port.name = "https";
  port.port = api::kApiserverPort;
  port.protocol = "TCP";
  s.ports.push_back(std::move(port));
  return s;
}

RequestRef put_request(api::Verb verb, ObjectRef object) {
  auto request = base::make_ref<api::ApiRequest>();
  request->verb = verb;
  request->kind = object->kind_id();
  request->namespace_ = "default";
  if (verb != api::Verb::kCreate) request->name = "kubernetes";
  request->user = "system:apiserver";
  request->format = api::BodyFormat::kHandle;
  request->object = std::move(object);
  return request;
}

RequestRef get_request(KindId kind) {
  auto request = base::make_ref<api::ApiRequest>();
  request->verb = api::Verb::kGet;
  request->kind = kind;
  request->namespace_ = "default";
  request->name = "kubernetes";
  request->user = "system:apiserver";
  return request;
}

}  // namespace

MasterLeases::MasterLeases(env::Environment& env, const ApiserverConfig& config, store::Kv& kv,
                           LocalHandle handle)
    : env_(env),
      config_(config),
      kv_(kv),
      handle_(std::move(handle)),
      ids_(env.random.stream("master-lease")) {}

void MasterLeases::start() {
  if (config_.advertise_address.empty()) return;
  tick();
}

void MasterLeases::tick() {
  renew();
  env_.timers.after(config_.master_lease_interval, [this, alive = live_.token()] {
    if (alive.alive()) tick();
  });
}

// A fresh lease each time: the key is written anew anyway, and the former lease ends by itself
// without a key.
void MasterLeases::renew() {
  const auto id = static_cast<std::int64_t>(ids_.next() >> 1 | 1);
  auto grant = store::control_request(store::ControlKind::kLeaseGrant, id,
                                      config_.master_lease_ttl / base::kSecond);
  kv_.control(std::move(grant),
              [this, id, alive = live_.token()](base::Result<store::ControlReplyRef> r) {
                if (!alive.alive() || !r.ok()) return;
                auto txn = base::make_ref<store::TxnRequest>();
                txn->then.push_back(store::put_op(base::cat(kPrefix, config_.advertise_address),
                                                  lease_record(config_.advertise_address), id));
                kv_.txn(std::move(txn), [this, alive](base::Result<store::TxnReplyRef> written) {
                  if (alive.alive() && written.ok()) read_masters();
                });
              });
}

void MasterLeases::read_masters() {
  auto request = store::range_request(kPrefix, store::prefix_end(kPrefix));
  kv_.range(std::move(request),
            [this, alive = live_.token()](base::Result<store::RangeReplyRef> r) {
              if (!alive.alive() || !r.ok()) return;
              std::vector<Str> addresses;
              for (const store::KeyValue& kv : (*r)->kvs)
                addresses.push_back(kv.key.view().substr(kPrefix.size()));
              std::sort(addresses.begin(), addresses.end());
              publish(std::move(addresses));
            });
}

void MasterLeases::publish(std::vector<Str> addresses) {
  handle_(get_request(KindId::kEndpoints),
          [this, addresses = std::move(addresses), alive = live_.token()](ResponseRef r) {
            if (!alive.alive() || (r->code != 200 && r->code != 404)) return;
            publish_endpoints(addresses, r->object);
            handle_(get_request(KindId::kEndpointSlice), [this, addresses, alive](ResponseRef slice) {
              if (!alive.alive() || (slice->code != 200 && slice->code != 404)) return;
              publish_slice(addresses, slice->object);
            });
          });
}

void MasterLeases::publish_endpoints(const std::vector<Str>& addresses, ObjectRef present) {
  api::Endpoints wanted = make_endpoints(addresses);
  if (present && api::deep_equal(present->as<api::Endpoints>().subsets, wanted.subsets)) return;
  put(std::move(wanted), present);
}

// Looked at on every tick, whatever became of the Endpoints: of several apiservers that start at once the last one to write
// may have seen the fewest (EnsureEndpointSliceFromEndpoints in pkg/controlplane/reconcilers).
void MasterLeases::publish_slice(const std::vector<Str>& addresses, ObjectRef present) {
  api::EndpointSlice wanted = make_slice(addresses);
  if (present && api::deep_equal(present->as<api::EndpointSlice>().endpoints, wanted.endpoints) &&
      api::deep_equal(present->as<api::EndpointSlice>().ports, wanted.ports))
    return;
  put(std::move(wanted), present);
}

template <class T>
void MasterLeases::put(T wanted, const ObjectRef& present) {
  if (present) wanted.metadata.resource_version = present->meta().resource_version;
  handle_(put_request(present ? api::Verb::kUpdate : api::Verb::kCreate, api::make_object(std::move(wanted))),
          [](ResponseRef) {});
}

}  // namespace orrery::apiserver
