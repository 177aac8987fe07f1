#include <doctest/doctest.h>

#include "control/client/informer.h"
#include "model/api/config_map.h"
#include "tests/client/fake_apiserver.h"

namespace orrery::test {
namespace {

using base::kSecond;

api::ConfigMap config_map(const char* ns, const char* name, const char* colour = "red") {
  api::ConfigMap m;
  m.metadata.namespace_ = ns;
  m.metadata.name = name;
  m.metadata.labels.set("colour", colour);
  return m;
}

struct InformerWorld {
  FakeProcess process;
  FakeApiserver api{process};
  client::Client client{process.env(), api.config()};
  client::Informer informer{process.env(), client, KindId::kConfigMap};
  std::vector<std::string> seen;
  int by_colour = 0;
  InformerWorld() {
    informer.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
      seen.push_back(base::cat(old ? now ? "~" : "-" : "+", (now ? now : old)->meta().name));
    });
    by_colour = informer.add_index([](const ObjectRef& o, std::vector<Str>& values) {
      values.push_back(o->meta().labels.get("colour"));
    });
  }
  std::vector<std::string> take() {
    process.time.run_for(kSecond);
    return std::exchange(seen, {});
  }
  std::vector<std::string> names(const std::vector<ObjectRef>& objects) {
    std::vector<std::string> out;
    for (const ObjectRef& o : objects) out.push_back(api::key_of(o->meta()));
    return out;
  }
};
using Lines = std::vector<std::string>;

TEST_CASE("lists, then follows") {
  InformerWorld w;
  w.api.put(config_map("b", "x"));
  w.api.put(config_map("a", "y"));
  CHECK_FALSE(w.informer.synced());
  w.informer.start();
  CHECK(w.take() == Lines{"+y", "+x"});
  CHECK(w.informer.synced());
  w.api.put(config_map("a", "z"));
  w.api.put(config_map("a", "y", "blue"));
  w.api.erase(KindId::kConfigMap, "b", "x");
  CHECK(w.take() == Lines{"+z", "~y", "-x"});
  CHECK(w.names(w.informer.list()) == Lines{"a/y", "a/z"});
  CHECK(w.informer.size() == 2);
  CHECK(w.informer.get("b", "x") == nullptr);
  CHECK(w.informer.last_revision() == w.api.revision());
}

TEST_CASE("indexes follow changes and keep key order") {
  InformerWorld w;
  for (const char* name : {"c", "a", "b"}) w.api.put(config_map("n", name));
  w.informer.start();
  w.take();
  CHECK(w.names(w.informer.by_index(w.by_colour, "red")) == Lines{"n/a", "n/b", "n/c"});
  w.api.put(config_map("n", "b", "blue"));
  w.api.erase(KindId::kConfigMap, "n", "c");
  w.take();
  CHECK(w.names(w.informer.by_index(w.by_colour, "red")) == Lines{"n/a"});
  CHECK(w.names(w.informer.by_index(w.by_colour, "blue")) == Lines{"n/b"});
  CHECK(w.informer.by_index(w.by_colour, "green").empty());
}

TEST_CASE("a broken watch resumes without a list; what happened meanwhile comes once") {
  InformerWorld w;
  w.api.put(config_map("n", "a"));
  w.informer.start();
  w.take();
  const int calls = w.process.network.calls;
  w.process.time.run_for(10 * kSecond);
  w.api.break_watches();
  w.api.put(config_map("n", "b"));
  CHECK(w.take() == Lines{"+b"});
  CHECK(w.process.network.calls == calls);
}

TEST_CASE("an expired watch lists again and tells only the differences") {
  InformerWorld w;
  w.api.put(config_map("n", "a"));
  w.api.put(config_map("n", "b"));
  w.api.put(config_map("n", "c"));
  w.informer.start();
  w.take();
  w.api.break_watches();
  w.api.erase(KindId::kConfigMap, "n", "b");
  w.api.put(config_map("n", "c", "blue"));
  w.api.put(config_map("n", "d"));
  w.api.oldest_watch = w.api.revision();
  w.process.time.run_for(5 * kSecond);
  CHECK(w.take() == Lines{"~c", "+d", "-b"});
}

TEST_CASE("backs off between failing lists: 0.8 s doubled up to 30 s, with jitter up to as much again") {
  InformerWorld w;
  std::vector<base::Instant> asked;
  w.api.intercept = [&](const api::ApiRequest&) {
    asked.push_back(w.process.time.now());
    return FakeApiserver::failure(500, "InternalError", "no");
  };
  w.informer.start();
  w.process.time.run_for(400 * kSecond);
  REQUIRE(asked.size() >= 9);
  double step = 0.8;
  for (std::size_t i = 1; i < asked.size(); ++i) {
    const double waited = static_cast<double>(asked[i] - asked[i - 1]) / 1e9;
    CHECK(waited >= step);
    CHECK(waited <= 2 * step + 0.01);
    step = std::min(30.0, step * 2);
  }
  w.api.intercept = nullptr;
  w.process.time.run_for(100 * kSecond);
  CHECK(w.informer.synced());
}

TEST_CASE("the watch's timeout is between five and ten minutes") {
  InformerWorld w;
  std::vector<std::int32_t> timeouts;
  auto open = w.process.network.watch;
  w.process.network.watch = [&](std::shared_ptr<FakeNetwork::Link> link) {
    timeouts.push_back(env::body_as<api::ApiRequest>(link->hello.body.get())->timeout_seconds);
    open(link);
  };
  w.informer.start();
  for (int i = 0; i < 20; ++i) {
    w.process.time.run_for(5 * kSecond);
    w.api.break_watches();
  }
  REQUIRE(timeouts.size() >= 20);
  for (const std::int32_t t : timeouts) CHECK((t >= 300 && t < 600));
  CHECK(std::adjacent_find(timeouts.begin(), timeouts.end(), std::not_equal_to<>()) != timeouts.end());
}

TEST_CASE("a set starts its informers together and tells when all are synced") {
  FakeProcess process;
  FakeApiserver api(process);
  client::Client client(process.env(), api.config());
  client::InformerSet set(process.env(), client);
  CHECK(&set.of(KindId::kPod) == &set.of(KindId::kPod));
  set.of(KindId::kNode);
  set.start();
  CHECK_FALSE(set.synced());
  process.time.run_for(kSecond);
  CHECK(set.synced());
}

}  // namespace
}  // namespace orrery::test
