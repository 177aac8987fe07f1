#include "scenarios/run/write_load.h"

#include "model/api/config_map.h"
#include "model/api/namespace.h"
#include "model/base/sorted_map.h"
#include "model/base/str.h"

namespace orrery::scenarios {
namespace {

using api::KindId;
using base::cat;
using base::Str;

constexpr base::Nanos kPauseAfterFailure = 100 * base::kMillisecond;

Str load_namespace(const ClientSpec& spec) { return cat("load-", spec.name); }

Str write_name(std::uint64_t number) { return cat("w", std::to_string(number)); }

api::ObjectRef write_object(const ClientSpec& spec, std::uint64_t number) {
  api::ConfigMap map;
  map.metadata.namespace_ = load_namespace(spec);
  map.metadata.name = write_name(number);
  map.data.set("number", std::to_string(number));
  return api::make_object(std::move(map));
}

base::Ref<api::ApiRequest> create_request(api::ObjectRef object) {
  auto request = base::make_ref<api::ApiRequest>();
  request->verb = api::Verb::kCreate;
  request->kind = object->kind_id();
  request->namespace_ = object->meta().namespace_;
  request->format = api::BodyFormat::kHandle;
  request->object = std::move(object);
  return request;
}

}  // namespace

WriteLoad::WriteLoad(env::Environment& env, std::vector<client::ClientConfig> ways, ClientSpec spec, ClientTally& tally)
    : env_(env), spec_(std::move(spec)), tally_(tally), arrivals_(env.random.stream("arrivals")), tasks_(env.trampoline) {
  for (client::ClientConfig& way : ways) {
    way.timeout = spec_.timeout;
    clients_.push_back(std::make_unique<client::Client>(env, std::move(way)));
  }
  tasks_.spawn(prepare_and_run());
}

base::Instant WriteLoad::now() const { return base::Instant{env_.clock.wall() - tally_.epoch}; }

env::Task<> WriteLoad::prepare_and_run() {
  if (spec_.from > 0) co_await env::sleep(env_, spec_.from);
  api::Namespace ns;
  ns.metadata.name = load_namespace(spec_);
  const api::ObjectRef object = api::make_object(std::move(ns));
  while (true) {
    auto created = co_await clients_[number_++ % clients_.size()]->create(object);
    if (created.ok() || created.error().already_exists()) break;
    co_await env::sleep(env_, base::kSecond);
  }
  next_ = now();
  if (spec_.in_flight == 0) schedule_next();
  for (std::int64_t i = 0; i < spec_.in_flight; ++i) keep_writing(static_cast<std::size_t>(i) % clients_.size());
}

void WriteLoad::schedule_next() {
  const double mean_ns = 1e9 / spec_.rate;
  const double gap = spec_.poisson ? arrivals_.exponential(mean_ns) : mean_ns;
  next_ = next_ + static_cast<base::Nanos>(gap);
  if (next_.ns > spec_.until) return;
  const base::Nanos wait = next_ - now();
  env_.timers.after(wait > 0 ? wait : 0, [this] {
    send((number_ + 1) % clients_.size(), nullptr);
    schedule_next();
  });
}

void WriteLoad::keep_writing(std::size_t way) {
  if (now().ns >= spec_.until) return;
  send(way, [this, way](bool acknowledged) {
    if (acknowledged) return keep_writing(way);
    env_.timers.after(kPauseAfterFailure, [this, way] { keep_writing(way); });
  });
}

void WriteLoad::send(std::size_t way, base::UniqueFunction<void(bool)> done) {
  const std::uint64_t number = ++number_;
  const base::Instant sent = now();
  ++tally_.requests;
  ++tally_.in_flight;
  clients_[way]->call(
      create_request(write_object(spec_, number)),
      [this, number, sent, way, done = std::move(done)](client::ApiResult<base::Ref<const api::ApiResponse>> r) mutable {
        --tally_.in_flight;
        if (r.ok()) {
          ++tally_.ok;
          tally_.writes.push_back({sent, now(), static_cast<std::uint32_t>(way)});
          tally_.latencies.push_back(now() - sent);
          acknowledged_.push_back(number);
        } else if (r.error().maybe_done) {
          ++tally_.unknown;
        } else {
          ++tally_.failed;
        }
        if (done) done(r.ok());
      });
}

void WriteLoad::verify(base::UniqueFunction<void()> done) { tasks_.spawn(read_back(std::move(done))); }

env::Task<> WriteLoad::read_back(base::UniqueFunction<void()> done) {
  // A write acknowledged while the list is read could be missing in a page that was read before.
  while (tally_.in_flight > 0) co_await env::sleep(env_, base::kSecond);
  base::SortedSet<Str> present;
  std::size_t way = 0;
  client::ListParams params;
  params.namespace_ = load_namespace(spec_);
  params.limit = 500;
  while (true) {
    auto page = co_await clients_[way]->list(KindId::kConfigMap, params);
    if (!page.ok()) {
      present.clear();
      params.continue_token = {};
      way = (way + 1) % clients_.size();
      co_await env::sleep(env_, base::kSecond);
      continue;
    }
    for (const api::ObjectRef& o : page->items) present.insert(o->meta().name);
    params.continue_token = page->continue_token;
    if (params.continue_token.empty()) break;
  }
  for (const std::uint64_t number : acknowledged_) tally_.lost += !present.contains(write_name(number));
  done();
}

}  // namespace orrery::scenarios
