#include <doctest/doctest.h>

#include "control/client/client.h"
#include "model/api/config_map.h"
#include "model/env/liveness.h"
#include "tests/client/fake_apiserver.h"

namespace orrery::test {
namespace {

using base::kSecond;

api::ConfigMap config_map(const char* name) {
  api::ConfigMap m;
  m.metadata.namespace_ = "default";
  m.metadata.name = name;
  return m;
}

struct World {
  FakeProcess process;
  FakeApiserver api{process};
  client::ClientConfig two_endpoints() {
    client::ClientConfig c = api.config();
    c.endpoints = {{"api-1", 6443}, {"api-2", 6443}};
    return c;
  }
  /// The answer to one get, once it is there.
  std::optional<client::ApiResult<ObjectRef>> answer;
  env::TaskScope tasks{process.trampoline};
  static env::Task<> store(client::ApiFuture asked, std::optional<client::ApiResult<ObjectRef>>* to) {
    auto got = co_await std::move(asked);
    to->emplace(std::move(got));
  }
  void start(client::ApiFuture asked) {
    answer.reset();
    tasks.spawn(store(std::move(asked), &answer));
  }
  client::ApiResult<ObjectRef> wait(client::ApiFuture asked, base::Nanos span = 100 * kSecond) {
    start(std::move(asked));
    process.time.run_for(span);
    REQUIRE(answer.has_value());
    return *answer;
  }
};

TEST_CASE("verbs reach the server and errors come back as the API tells them") {
  World w;
  client::Client c(w.process.env(), w.api.config());
  const auto made = w.wait(c.create(api::make_object(config_map("a"))));
  REQUIRE(made.ok());
  CHECK((*made)->revision() == 1);
  CHECK(w.wait(c.create(api::make_object(config_map("a")))).error().already_exists());
  CHECK(w.wait(c.get(KindId::kConfigMap, "default", "b")).error().not_found());
  api::ConfigMap stale = config_map("a");
  stale.metadata.resource_version.value = 77;
  CHECK(w.wait(c.update(api::make_object(stale))).error().conflict());
  CHECK(w.wait(c.remove(KindId::kConfigMap, "default", "a")).ok());
  CHECK(w.api.writes == std::vector<std::string>{"create configmaps", "create configmaps", "update configmaps",
                                                 "delete configmaps"});
}

TEST_CASE("a refused call goes to the next endpoint and stays there") {
  World w;
  w.api.put(config_map("a"));
  w.api.down["api-1"] = 1;
  client::Client c(w.process.env(), w.two_endpoints());
  CHECK(w.wait(c.get(KindId::kConfigMap, "default", "a")).ok());
  CHECK(w.process.network.calls == 2);
  CHECK(w.wait(c.get(KindId::kConfigMap, "default", "a")).ok());
  CHECK(w.process.network.calls == 3);
  w.api.down["api-2"] = 1;
  const auto refused = w.wait(c.get(KindId::kConfigMap, "default", "a"));
  CHECK(refused.error().code == 0);
  CHECK(refused.error().is("ConnectionRefused"));
  CHECK_FALSE(refused.error().maybe_done);
}

TEST_CASE("a lost answer to a write is unknown and not repeated") {
  World w;
  client::Client c(w.process.env(), w.api.config());
  w.api.lose_answer = [](const api::ApiRequest&) { return true; };
  const auto lost = w.wait(c.create(api::make_object(config_map("a"))));
  CHECK(lost.error().maybe_done);
  CHECK(w.api.writes.size() == 1);
  CHECK(w.api.get<api::ConfigMap>("default", "a"));
  CHECK_FALSE(w.wait(c.get(KindId::kConfigMap, "default", "a")).error().maybe_done);
}

TEST_CASE("429 and 503 are retried after Retry-After, at most ten times") {
  for (const int refusals : {3, 50}) {
    World w;
    w.api.put(config_map("a"));
    int asked = 0;
    w.api.intercept = [&](const api::ApiRequest&) {
      if (++asked > refusals) return Response();
      Response r = FakeApiserver::failure(429, "TooManyRequests", "slow down");
      r->retry_after_seconds = 1;
      return r;
    };
    client::Client c(w.process.env(), w.api.config());
    const auto got = w.wait(c.get(KindId::kConfigMap, "default", "a"));
    CHECK(got.ok() == (refusals == 3));
    CHECK(asked == (refusals == 3 ? 4 : 11));
  }
}

TEST_CASE("without Retry-After a server error is the caller's") {
  World w;
  int asked = 0;
  w.api.intercept = [&](const api::ApiRequest&) {
    ++asked;
    return FakeApiserver::failure(500, "InternalError", "no");
  };
  client::Client c(w.process.env(), w.api.config());
  CHECK(w.wait(c.get(KindId::kConfigMap, "default", "a")).error().code == 500);
  CHECK(asked == 1);
}

TEST_CASE("the token bucket lets the burst through and then one per 1/qps") {
  World w;
  client::Client c(w.process.env(), w.api.config(2, 3));
  int answered = 0;
  for (int i = 0; i < 6; ++i) {
    auto r = base::make_ref<api::ApiRequest>();
    r->kind = KindId::kConfigMap;
    r->name = "a";
    c.call(std::move(r), [&answered](const auto&) { ++answered; });
  }
  const int expected[] = {3, 4, 5, 6};
  for (const int n : expected) {
    w.process.time.run_for(100 * base::kMillisecond);
    CHECK(answered == n);
    w.process.time.run_for(400 * base::kMillisecond);
  }
}

TEST_CASE("no callback after the client's destruction") {
  World w;
  int answered = 0;
  {
    client::Client c(w.process.env(), w.api.config());
    auto r = base::make_ref<api::ApiRequest>();
    r->kind = KindId::kConfigMap;
    c.call(std::move(r), [&answered](const auto&) { ++answered; });
  }
  w.process.time.run_for(kSecond);
  CHECK(answered == 0);
}

TEST_CASE("a watch delivers batches, ends with the server's error and may be dropped inside its callbacks") {
  World w;
  w.api.put(config_map("a"));
  client::Client c(w.process.env(), w.api.config());
  auto request = [](const char* from) {
    auto r = base::make_ref<api::ApiRequest>();
    r->verb = api::Verb::kWatch;
    r->kind = KindId::kConfigMap;
    r->resource_version = from;
    return r;
  };
  int events = 0;
  std::unique_ptr<client::Watch> watch;
  client::WatchHandler handler;
  handler.on_batch = [&](const api::WatchBatch& b) {
    events += static_cast<int>(b.events.size());
    if (events == 2) watch.reset();
  };
  handler.on_end = [](client::ApiError) { CHECK_MESSAGE(false, "the watch was dropped"); };
  watch = c.watch(request("0"), std::move(handler));
  w.process.time.run_for(kSecond);
  CHECK(events == 1);
  w.api.put(config_map("b"));
  w.api.put(config_map("c"));
  w.process.time.run_for(kSecond);
  CHECK(events == 2);
  w.api.break_watches();
  w.process.time.run_for(kSecond);

  w.api.oldest_watch = 100;
  std::optional<client::ApiError> ended;
  client::WatchHandler old;
  old.on_batch = [](const api::WatchBatch&) {};
  old.on_end = [&](client::ApiError e) {
    ended = e;
    watch.reset();
  };
  watch = c.watch(request("1"), std::move(old));
  w.process.time.run_for(kSecond);
  REQUIRE(ended.has_value());
  CHECK(ended->code == 410);
  CHECK(ended->is("Expired"));
}

}  // namespace
}  // namespace orrery::test
