// Lists and watches: selectors, pages, meanings of resourceVersion, events, bookmarks, 410.
#include "model/api/config_map.h"
#include "server_world.h"

using namespace orrery;
using namespace orrery::test;
using Lines = std::vector<std::string>;

namespace {

void put(ServerWorld& w, const char* name, const char* label = "x") {
  api::ConfigMap c;
  c.metadata.namespace_ = "default";
  c.metadata.name = name;
  c.metadata.labels.set("app", label);
  REQUIRE(w.create(std::move(c))->code == 201);
}

void relabel(ServerWorld& w, const char* name, const char* label) {
  Response r = w.update(
      edited<api::ConfigMap>(w.get<api::ConfigMap>("default", name),
                             [&](api::ConfigMap& c) { c.metadata.labels.set("app", label); }));
  REQUIRE(r->code == 200);
  w.settle();
}

Request list_request(KindId kind = KindId::kConfigMap) {
  return ServerWorld::named(Verb::kList, kind, "default", "");
}

Lines names(const Response& r) {
  Lines out;
  for (const ObjectRef& o : r->items) out.push_back(o->meta().name.str());
  return out;
}

Request watch_from(std::int64_t revision) {
  Request r = list_request();
  r->resource_version = std::to_string(revision);
  return r;
}

}  // namespace

TEST_CASE("a list is as fresh as the store, rv=0 is not") {
  ServerWorld w;
  put(w, "a");
  w.settle();
  w.kv->watch_delay = base::kSecond;
  put(w, "b");
  Request any = list_request();
  any->resource_version = "0";
  CHECK(names(w.call(any)) == Lines{"a"});
  Response fresh = w.call(list_request());
  CHECK(names(fresh) == Lines{"a", "b"});
  CHECK(fresh->list_revision == w.kv->revision());
}

TEST_CASE("not older than waits, and gives up") {
  ServerWorld w;
  put(w, "a");
  Request r = list_request();
  r->resource_version = std::to_string(w.kv->revision());
  r->resource_version_match = "NotOlderThan";
  CHECK(names(w.call(r)) == Lines{"a"});
  Request future = list_request();
  future->resource_version = std::to_string(w.kv->revision() + 100);
  Response late = w.call(future);
  CHECK_FAILURE(late, 504, "Timeout",
                base::cat("Timeout: Too large resource version: ", future->resource_version,
                          ", current: ", std::to_string(w.kv->revision())));
  CHECK(late->status->details->causes[0].reason == "ResourceVersionTooLarge");
}

TEST_CASE("selectors") {
  ServerWorld w;
  put(w, "a", "one");
  put(w, "b", "two");
  struct Case {
    const char* labels;
    const char* fields;
    Lines want;
  };
  const Case cases[] = {{"app=one", "", {"a"}},
                        {"app!=one", "", {"b"}},
                        {"app in (one,two)", "", {"a", "b"}},
                        {"", "metadata.name=b", {"b"}},
                        {"", "metadata.namespace!=default", {}},
                        {"app=one", "metadata.name=b", {}}};
  for (const Case& c : cases) {
    Request r = list_request();
    r->label_selector = c.labels;
    r->field_selector = c.fields;
    CHECK(names(w.call(r)) == c.want);
  }
  Request bad = list_request(KindId::kPod);
  bad->field_selector = "spec.foo=1";
  CHECK_FAILURE(w.call(bad), 400, "BadRequest", "field label not supported: spec.foo");
}

TEST_CASE("pages come from one snapshot, until it is compacted") {
  ServerWorld w;
  for (const char* name : {"a", "b", "c", "d", "e"}) put(w, name);
  Request r = list_request();
  r->limit = 2;
  Response first = w.call(r);
  CHECK(names(first) == Lines{"a", "b"});
  CHECK(first->remaining == 3);
  put(w, "bb");
  w.remove(KindId::kConfigMap, "default", "d");
  Request next = list_request();
  next->limit = 2;
  next->continue_token = first->continue_token;
  Response second = w.call(next);
  CHECK(names(second) == Lines{"c", "d"});
  CHECK(second->list_revision == first->list_revision);
  next->continue_token = second->continue_token;
  Response third = w.call(next);
  CHECK(names(third) == Lines{"e"});
  CHECK(third->continue_token.empty());

  w.kv->compact(w.kv->revision());
  next->continue_token = first->continue_token;
  Response gone = w.call(next);
  CHECK(gone->code == 410);
  CHECK(gone->status->reason == "Expired");
  CHECK(gone->status->message.view().starts_with("The provided continue parameter is too old"));
  next->continue_token = gone->continue_token;
  CHECK(names(w.call(next)) == Lines{"bb", "c"});
  next->continue_token = "!!";
  CHECK(w.call(next)->code == 400);
}

TEST_CASE("an exact revision is read from the store") {
  ServerWorld w;
  put(w, "a");
  const std::int64_t at = w.kv->revision();
  put(w, "b");
  Request r = list_request();
  r->resource_version = std::to_string(at);
  r->resource_version_match = "Exact";
  CHECK(names(w.call(r)) == Lines{"a"});
  w.kv->compact(w.kv->revision());
  CHECK_FAILURE(w.call(r), 410, "Expired", "The resourceVersion for the provided list is too old.");
  Request wrong = list_request();
  wrong->resource_version_match = "Exact";
  CHECK(w.call(wrong)->status->message.view().find(
            "resourceVersionMatch is forbidden unless resourceVersion is provided") !=
        std::string_view::npos);
}

TEST_CASE("get: quorum or cache") {
  ServerWorld w;
  put(w, "a");
  w.settle();
  w.kv->watch_delay = base::kSecond;
  put(w, "b");
  Request r = ServerWorld::named(Verb::kGet, KindId::kConfigMap, "default", "b");
  CHECK(w.call(r)->code == 200);
  r->resource_version = "0";
  CHECK(w.call(r)->code == 404);
}

TEST_CASE("a watch tells changes in order, and what leaves a selector as deleted") {
  ServerWorld w;
  put(w, "a", "one");
  w.settle();
  auto all = w.watch(watch_from(w.kv->revision()));
  Request selected = watch_from(w.kv->revision());
  selected->label_selector = "app=one";
  auto some = w.watch(selected);
  put(w, "b", "two");
  w.settle();
  relabel(w, "a", "two");
  relabel(w, "b", "one");
  w.remove(KindId::kConfigMap, "default", "b");
  w.settle();
  std::int64_t last = 0;
  for (const api::WatchEvent& e : all->events) {
    CHECK(e.revision > last);
    CHECK(e.object->revision() == e.revision);
    last = e.revision;
  }
  CHECK(all->take() == Lines{"ADDED b", "MODIFIED a", "MODIFIED b", "DELETED b"});
  CHECK(some->events[0].object->meta().labels.get("app") == "one");
  CHECK(some->events[0].object->revision() == some->events[0].revision);
  CHECK(some->take() == Lines{"DELETED a", "ADDED b", "DELETED b"});
}

TEST_CASE("a watch from nothing starts with the present state") {
  ServerWorld w;
  put(w, "a");
  put(w, "b");
  w.settle();
  auto log = w.watch(list_request());
  CHECK(log->take() == Lines{"ADDED a", "ADDED b"});
  Request stream = list_request();
  stream->send_initial_events = true;
  stream->allow_bookmarks = true;
  w.kv->watch_delay = 200 * base::kMillisecond;
  put(w, "c");
  auto initial = w.watch(stream);
  CHECK(initial->take() == Lines{});
  w.run(base::kSecond);
  CHECK(initial->events.back().revision >= w.kv->revision());
  CHECK(initial->take() == Lines{"ADDED a", "ADDED b", "ADDED c", "BOOKMARK end"});
}

TEST_CASE("a watch resumes inside the ring, and not below it") {
  ServerWorld w;
  put(w, "a");
  w.settle();
  const std::int64_t from = w.kv->revision();
  put(w, "b");
  put(w, "c");
  w.settle();
  CHECK(w.watch(watch_from(from))->take() == Lines{"ADDED b", "ADDED c"});
  w.kv->break_watches({base::ErrorCode::kInvalid, store::kErrCompacted});
  w.run(base::kSecond);
  auto old = w.watch(watch_from(1));
  REQUIRE(old->error.has_value());
  CHECK(old->error->code == 410);
  CHECK(old->error->reason == "Expired");
  CHECK(old->error->message.view().starts_with("too old resource version: 1 ("));
  CHECK(old->closed);
  auto garbage = w.watch([] {
    Request r = list_request();
    r->resource_version = "x";
    return r;
  }());
  CHECK(garbage->error->code == 400);
}

TEST_CASE("a watch on the future sends nothing older") {
  ServerWorld w;
  auto log = w.watch(watch_from(w.kv->revision() + 2));
  put(w, "a");
  put(w, "b");
  put(w, "c");
  w.settle();
  CHECK(log->take() == Lines{"ADDED c"});
}

TEST_CASE("bookmarks come every minute, the end between 30 and 60") {
  ServerWorld w;
  put(w, "a");
  w.settle();
  const std::int64_t from = w.kv->revision();
  Request r = watch_from(from);
  r->allow_bookmarks = true;
  auto marked = w.watch(r);
  auto plain = w.watch(watch_from(w.kv->revision()));
  auto brief = w.watch([&] {
    Request q = watch_from(w.kv->revision());
    q->timeout_seconds = 10;
    return q;
  }());
  w.run(12 * base::kSecond);
  CHECK(brief->closed);
  w.run(120 * base::kSecond);
  REQUIRE(marked->events.size() == 2);
  CHECK(marked->events[0].revision > from);  // of other collections: nothing happened in this one
  CHECK(marked->events[1].revision > marked->events[0].revision);
  CHECK(marked->take() == Lines{"BOOKMARK", "BOOKMARK"});
  CHECK(plain->take() == Lines{});
  w.run(27 * base::kMinute);
  CHECK_FALSE(plain->closed);
  w.run(31 * base::kMinute);
  CHECK(plain->closed);
  CHECK(w.server->watchers(KindId::kConfigMap) == 0);
}

TEST_CASE("a full window holds events back; an overrun ends the watch") {
  ServerWorld w;
  put(w, "a");
  w.settle();
  auto slow = w.watch(watch_from(w.kv->revision()), 1);
  put(w, "b");
  w.settle();
  put(w, "c");
  w.settle();
  put(w, "d");
  w.settle();
  CHECK(slow->take() == Lines{"ADDED b"});
  slow->window = SIZE_MAX;
  slow->handlers.on_writable();
  CHECK(slow->take() == Lines{"ADDED c", "ADDED d"});
  slow->window = 0;
  for (int i = 0; i < 40; ++i) {
    relabel(w, "a", std::to_string(i).c_str());
    w.run(3 * base::kSecond);  // old enough for the ring to stay small
  }
  CHECK_FALSE(slow->closed);
  for (int i = 0; i < 80; ++i) {
    relabel(w, "a", std::to_string(i + 100).c_str());
    w.run(3 * base::kSecond);
  }
  CHECK(slow->closed);
  CHECK(slow->why.starts_with("too old resource version: "));
  w.settle();
  CHECK(w.server->watchers(KindId::kConfigMap) == 0);
}

TEST_CASE("kubelets hear of their own pods only") {
  ServerWorld w;
  add_namespace(w, "default");
  Request one = ServerWorld::named(Verb::kList, KindId::kPod, "", "");
  one->resource_version = std::to_string(w.kv->revision());
  one->field_selector = "spec.nodeName=n1";
  auto n1 = w.watch(one);
  run_pod(w, "default", "a", "n1");
  run_pod(w, "default", "b", "n2");
  CHECK(n1->take() == Lines{"ADDED a", "MODIFIED a"});
  CHECK(n1->batches == 2);
  Request listed = base::make_ref<api::ApiRequest>(*one);
  listed->verb = Verb::kList;
  CHECK(names(w.call(listed)) == Lines{"a"});
  // A pod that is bound later enters the watch then.
  w.create(pod("default", "c"));
  w.settle();
  api::Binding b;
  b.metadata.namespace_ = "default";
  b.metadata.name = "c";
  b.target.name = "n1";
  Request bind = ServerWorld::named(Verb::kCreate, KindId::kPod, "default", "c");
  bind->subresource = "binding";
  bind->format = api::BodyFormat::kHandle;
  bind->object = api::make_object(std::move(b));
  w.call(bind);
  w.settle();
  CHECK(n1->take() == Lines{"ADDED c"});
  auto late = w.watch([&] {
    Request r = base::make_ref<api::ApiRequest>(*one);
    return r;
  }());
  CHECK(late->take() == Lines{"ADDED a", "MODIFIED a", "ADDED c"});
}

TEST_CASE("a lost store watch is taken up again; after compaction the cache is rebuilt") {
  ServerWorld w;
  put(w, "a");
  w.settle();
  CHECK(w.server->ready());
  auto log = w.watch(watch_from(w.kv->revision()));
  w.kv->break_watches({base::ErrorCode::kUnavailable, "gone"});
  w.run(10 * base::kMillisecond);
  CHECK_FALSE(w.server->ready());
  put(w, "b");
  w.run(base::kSecond);
  CHECK(w.server->ready());
  CHECK(log->take() == Lines{"ADDED b"});
  CHECK_FALSE(log->closed);
  w.kv->break_watches({base::ErrorCode::kInvalid, store::kErrCompacted});
  put(w, "c");
  w.remove(KindId::kConfigMap, "default", "a");
  w.run(2 * base::kSecond);
  CHECK(log->closed);
  Request any = list_request();
  any->resource_version = "0";
  CHECK(names(w.call(any)) == Lines{"b", "c"});
}
