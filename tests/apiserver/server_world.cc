#include "server_world.h"

#include "model/api/service_account.h"

namespace orrery::test {

namespace {

class TestStream final : public env::Stream {
 public:
  explicit TestStream(std::shared_ptr<WatchLog> log) : log_(std::move(log)) {}
  ~TestStream() override { log_->closed = true; }
  void listen(env::StreamEvents events) override { log_->handlers = std::move(events); }
  bool send(env::Message message) override {
    if (log_->window == 0) return false;
    if (log_->window != SIZE_MAX) --log_->window;
    const auto* batch = env::body_as<api::WatchBatch>(message.body.get());
    REQUIRE(batch);
    ++log_->batches;
    for (const api::WatchEvent& e : batch->events) log_->events.push_back(e);
    if (batch->error) log_->error = batch->error;
    return true;
  }
  void close(base::Error why) override {
    log_->closed = true;
    log_->why = why.message;
  }

 private:
  std::shared_ptr<WatchLog> log_;
};

}  // namespace

std::vector<std::string> WatchLog::take() {
  std::vector<std::string> out;
  for (const api::WatchEvent& e : events) {
    static const char* const kNames[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"};
    std::string line = kNames[static_cast<int>(e.type)];
    if (e.object) line += base::cat(" ", e.object->meta().name);
    if (e.initial_events_end) line += " end";
    out.push_back(line);
  }
  events.clear();
  return out;
}

ServerWorld::ServerWorld(std::function<void(apiserver::ApiserverConfig&)> tweak) {
  auto owned = std::make_unique<FakeKv>(fake.time);
  kv = owned.get();
  apiserver::ApiserverConfig config;
  config.advertise_address = "10.0.0.1";
  config.cost.permille = 0;
  if (tweak) tweak(config);
  server = std::make_unique<apiserver::Apiserver>(fake.env(), config, std::move(owned));
  server->start();
  run(base::kSecond);
}

std::shared_ptr<Response> ServerWorld::start(Request request) {
  auto slot = std::make_shared<Response>();
  server->handle(std::move(request), [slot](Response r) { *slot = std::move(r); });
  return slot;
}

Response ServerWorld::call(Request request) {
  auto slot = start(std::move(request));
  for (int i = 0; i < 100'000 && !*slot; ++i) {
    if (!fake.time.step()) break;
  }
  REQUIRE(static_cast<bool>(*slot));
  return *slot;
}

std::shared_ptr<WatchLog> ServerWorld::watch(Request request, std::size_t window) {
  auto log = std::make_shared<WatchLog>();
  log->window = window;
  request->verb = Verb::kWatch;
  server->watch(std::move(request), std::make_unique<TestStream>(log));
  return log;
}

Request ServerWorld::named(Verb verb, KindId kind, std::string_view ns, std::string_view name) {
  auto r = base::make_ref<api::ApiRequest>();
  r->verb = verb;
  r->kind = kind;
  r->namespace_ = ns;
  r->name = name;
  return r;
}

Request ServerWorld::scale_request(Verb verb, KindId kind, std::string_view ns, std::string_view name, ObjectRef scale) {
  Request r = named(verb, kind, ns, name);
  r->subresource = "scale";
  if (!scale) return r;
  r->format = api::BodyFormat::kHandle;
  r->object = std::move(scale);
  return r;
}

Request ServerWorld::create_request(ObjectRef object, const char* part) {
  Request r = named(Verb::kCreate, object->kind_id(), object->meta().namespace_, "");
  r->subresource = part;
  r->format = api::BodyFormat::kHandle;
  r->object = std::move(object);
  return r;
}

Response ServerWorld::update(ObjectRef object, const char* part) {
  Request r =
      named(Verb::kUpdate, object->kind_id(), object->meta().namespace_, object->meta().name);
  r->subresource = part;
  r->format = api::BodyFormat::kHandle;
  r->object = std::move(object);
  return call(std::move(r));
}

Response ServerWorld::remove(KindId kind, std::string_view ns, std::string_view name,
                             const std::function<void(api::ApiRequest&)>& tweak) {
  Request r = named(Verb::kDelete, kind, ns, name);
  if (tweak) tweak(*r);
  return call(std::move(r));
}

api::Pod pod(const char* ns, const char* name) {
  api::Pod p;
  p.metadata.namespace_ = ns;
  p.metadata.name = name;
  p.metadata.labels.set("app", "web");
  api::Container c;
  c.name = "main";
  c.image = "web:1";
  p.spec.edit().containers.push_back(std::move(c));
  return p;
}

void run_pod(ServerWorld& w, const char* ns, const char* name, const char* node) {
  api::Pod p = pod(ns, name);
  p.spec.edit().node_name = node;
  Response r = w.create(std::move(p));
  REQUIRE(r->code == 201);
  Response status = w.update(edited<api::Pod>(api::Handle<api::Pod>(r->object),
                                              [](api::Pod& x) {
                                                x.status.edit().phase = "Running";
                                                api::PodCondition ready;
                                                ready.type = "Ready";
                                                ready.status = "True";
                                                x.status.edit().conditions.push_back(ready);
                                              }),
                             "status");
  REQUIRE(status->code == 200);
  w.settle();
}

void add_namespace(ServerWorld& w, const char* name) {
  if (std::string_view(name) != "default") {
    api::Namespace ns;
    ns.metadata.name = name;
    REQUIRE(w.create(std::move(ns))->code == 201);
  }
  w.settle();
  api::ServiceAccount account;
  account.metadata.namespace_ = name;
  account.metadata.name = "default";
  REQUIRE(w.create(std::move(account))->code == 201);
  w.settle();
}

}  // namespace orrery::test
