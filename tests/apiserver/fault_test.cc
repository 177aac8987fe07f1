// Every planted bug changes what the rule it breaks would have done.
#include "model/api/config_map.h"
#include "model/api/deployment.h"
#include "server_world.h"

using namespace orrery;
using namespace orrery::test;
using env::Site;

namespace {

api::ConfigMap config_map(const char* name) {
  api::ConfigMap c;
  c.metadata.namespace_ = "default";
  c.metadata.name = name;
  return c;
}

api::Handle<api::ConfigMap> made(ServerWorld& w, const char* name) {
  Response r = w.create(config_map(name));
  w.settle();
  return api::Handle<api::ConfigMap>(r->object);
}

std::size_t events_of(ServerWorld& w, int writes) {
  const auto a = made(w, "a");
  Request r = ServerWorld::named(Verb::kList, KindId::kConfigMap, "default", "");
  r->resource_version = std::to_string(w.kv->revision());
  auto log = w.watch(r);
  for (int i = 0; i < writes; ++i) {
    w.update(edited<api::ConfigMap>(a, [i](api::ConfigMap& c) {
      c.metadata.resource_version.value = 0;
      c.data.set("k", std::to_string(i));
    }));
    w.settle();
  }
  return log->events.size();
}

/// True when the world behaves rightly in the matter of `site`.
bool sound(Site site, ServerWorld& w) {
  switch (site) {
    case Site::kUpdateIgnoresResourceVersion: {
      const auto a = made(w, "a");
      return w.update(edited<api::ConfigMap>(a, [](api::ConfigMap& c) {
                c.metadata.resource_version.value = 1;
                c.data.set("k", "2");
              }))->code == 409;
    }
    case Site::kUidReuse: {
      const Str first = made(w, "a")->metadata.uid;
      return !(made(w, "b")->metadata.uid == first);
    }
    case Site::kLostFinalizer: {
      api::ConfigMap c = config_map("a");
      c.metadata.finalizers.push_back("x.io/f");
      w.create(c);
      w.remove(KindId::kConfigMap, "default", "a");
      return static_cast<bool>(w.get<api::ConfigMap>("default", "a"));
    }
    case Site::kNoOpWrites: {
      const auto a = made(w, "a");
      const std::int64_t before = w.kv->revision();
      w.update(a.object());
      return w.kv->revision() == before;
    }
    case Site::kDryRunPersists: {
      Request r = ServerWorld::create_request(api::make_object(config_map("a")));
      r->dry_run = true;
      w.call(r);
      return !w.get<api::ConfigMap>("default", "a");
    }
    case Site::kDeletionTimestampReset: {
      add_namespace(w, "default");
      run_pod(w, "default", "p", "n1");
      w.remove(KindId::kPod, "default", "p");
      const auto first = w.get<api::Pod>("default", "p")->metadata.deletion_timestamp;
      w.run(5 * base::kSecond);
      w.remove(KindId::kPod, "default", "p");
      return w.get<api::Pod>("default", "p")->metadata.deletion_timestamp == first;
    }
    case Site::kWatchSkipsEvent:
    case Site::kWatchDuplicates:
      return events_of(w, 20) == 20;
    case Site::kBookmarkTooNew: {
      Request r = ServerWorld::named(Verb::kList, KindId::kConfigMap, "default", "");
      r->resource_version = std::to_string(made(w, "a")->metadata.resource_version.value);
      r->allow_bookmarks = true;
      auto log = w.watch(r);
      w.run(65 * base::kSecond);
      return log->events.back().revision <= w.kv->revision();
    }
    case Site::kCreateInTerminatingNamespace: {
      add_namespace(w, "shop");
      w.remove(KindId::kNamespace, "", "shop");
      w.settle();
      api::ConfigMap c = config_map("a");
      c.metadata.namespace_ = "shop";
      return w.create(c)->code == 403;
    }
    case Site::kStatusWriteChangesSpec: {
      api::Deployment d;
      d.metadata.namespace_ = "default";
      d.metadata.name = "web";
      d.spec.edit().replicas = 3;
      d.spec.edit().selector.edit().match_labels.set("app", "web");
      d.spec.edit().template_.metadata.labels.set("app", "web");
      d.spec.edit().template_.spec = *pod("default", "x").spec;
      const api::Handle<api::Deployment> first(w.create(d)->object);
      w.update(
          edited<api::Deployment>(first, [](api::Deployment& x) { x.spec.edit().replicas = 9; }),
          "status");
      return *w.get<api::Deployment>("default", "web")->spec->replicas == 3;
    }
    case Site::kBindWithoutPrecondition: {
      add_namespace(w, "default");
      run_pod(w, "default", "p", "n1");
      api::Binding b;
      b.metadata.namespace_ = "default";
      b.metadata.name = "p";
      b.target.name = "n2";
      Request r = ServerWorld::named(Verb::kCreate, KindId::kPod, "default", "p");
      r->subresource = "binding";
      r->format = api::BodyFormat::kHandle;
      r->object = api::make_object(std::move(b));
      w.call(r);
      return w.get<api::Pod>("default", "p")->spec->node_name == "n1";
    }
    case Site::kListMixesRevisions: {
      made(w, "a");
      made(w, "b");
      Request r = ServerWorld::named(Verb::kList, KindId::kConfigMap, "default", "");
      r->limit = 1;
      Response first = w.call(r);
      made(w, "c");
      Request next = base::make_ref<api::ApiRequest>(*r);
      next->limit = 0;
      next->continue_token = first->continue_token;
      return w.call(next)->items.size() == 1;
    }
    case Site::kWatchReorders: {
      const auto a = made(w, "a");
      Request r = ServerWorld::named(Verb::kList, KindId::kConfigMap, "default", "");
      r->resource_version = std::to_string(w.kv->revision());
      made(w, "b");
      made(w, "c");
      auto log = w.watch(r);
      return log->events[0].revision < log->events[1].revision;
    }
    case Site::kCreateOverwrites: {
      made(w, "a");
      return w.create(config_map("a"))->code == 409;
    }
    case Site::kWriteTrustsCache: {
      const auto a = made(w, "a");
      w.kv->watch_delay = 10 * base::kSecond;
      const auto set = [&](const char* value) {
        return w.update(edited<api::ConfigMap>(a, [value](api::ConfigMap& c) { c.data.set("k", value); }))->code;
      };
      return set("1") == 200 && set("2") == 409;
    }
    case Site::kResumedWatchSkips:
    case Site::kWatchSendsOlder: {
      made(w, "a");
      Request r = ServerWorld::named(Verb::kList, KindId::kConfigMap, "default", "");
      r->resource_version = std::to_string(w.kv->revision());
      made(w, "b");
      return w.watch(r)->take() == std::vector<std::string>{"ADDED b"};
    }
    case Site::kListOmitsNewest: {
      made(w, "a");
      return w.call(ServerWorld::named(Verb::kList, KindId::kConfigMap, "default", ""))->items.size() == 1;
    }
    default:
      FAIL("no experiment for this site");
      return false;
  }
}

}  // namespace

TEST_CASE("planted bugs show") {
  const Site sites[] = {Site::kUpdateIgnoresResourceVersion,
                        Site::kUidReuse,
                        Site::kLostFinalizer,
                        Site::kNoOpWrites,
                        Site::kDryRunPersists,
                        Site::kDeletionTimestampReset,
                        Site::kWatchSkipsEvent,
                        Site::kWatchDuplicates,
                        Site::kBookmarkTooNew,
                        Site::kCreateInTerminatingNamespace,
                        Site::kStatusWriteChangesSpec,
                        Site::kBindWithoutPrecondition,
                        Site::kListMixesRevisions,
                        Site::kWatchReorders,
                        Site::kCreateOverwrites,
                        Site::kWriteTrustsCache,
                        Site::kResumedWatchSkips,
                        Site::kWatchSendsOlder,
                        Site::kListOmitsNewest};
  for (const Site site : sites) {
    CAPTURE(env::site_name(site));
    ServerWorld right;
    CHECK(sound(site, right));
    ServerWorld wrong;
    wrong.fake.faults.plant(site);
    CHECK_FALSE(sound(site, wrong));
  }
}
