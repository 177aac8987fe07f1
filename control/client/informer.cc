#include "control/client/informer.h"

#include "control/client/backoff.h"
#include "control/client/object_cache.h"
#include "model/base/sorted_map.h"
#include "model/env/liveness.h"
#include "model/env/memory_account.h"

namespace orrery::client {
namespace {

constexpr std::int64_t kPageSize = 500;
constexpr base::Nanos kShortWatch = base::kSecond;

}  // namespace

/// client-go's reflector as a state machine: list -> watch -> (watch | back off -> list).
struct Informer::Impl {
  Impl(env::Environment& e, Client& c, KindId k, InformerConfig cfg)
      : env(e), client(c), kind(k), config(std::move(cfg)),
        random(e.random.stream(base::cat("informer/", api::kind_of(k).plural))),
        backoff(e.random.stream(base::cat("informer-backoff/", api::kind_of(k).plural))) {}

  base::Ref<api::ApiRequest> request(api::Verb verb) const {
    auto r = base::make_ref<api::ApiRequest>();
    r->verb = verb;
    r->kind = kind;
    r->namespace_ = config.namespace_;
    r->label_selector = config.label_selector;
    r->field_selector = config.field_selector;
    return r;
  }

  // --- list
  void list() {
    pages.clear();
    next_page({});
  }
  Str list_version() const {
    if (revision_unavailable) return {};
    if (revision == 0) return config.from_cache ? Str("0") : Str();
    return std::to_string(revision);
  }
  void next_page(Str continue_token) {
    auto r = request(api::Verb::kList);
    if (continue_token.empty()) r->resource_version = list_version();
    if (r->resource_version.empty()) r->limit = kPageSize;
    r->continue_token = std::move(continue_token);
    client.call(std::move(r), [this, token = liveness.token()](ApiResult<base::Ref<const api::ApiResponse>> answer) {
      if (token.alive()) listed(std::move(answer));
    });
  }
  void listed(ApiResult<base::Ref<const api::ApiResponse>> answer) {
    if (!answer) return list_failed(answer.error());
    const api::ApiResponse& page = **answer;
    pages.insert(pages.end(), page.items.begin(), page.items.end());
    if (!page.continue_token.empty()) return next_page(page.continue_token);
    revision_unavailable = false;
    replace(page.list_revision);
    watch();
  }
  void list_failed(const ApiError& error) {
    pages.clear();
    const bool expired = error.code == 410;
    const bool too_large = error.code == 504 && error.message.view().find("Too large resource version") != error.message.view().npos;
    if ((expired || too_large) && !revision_unavailable) {
      revision_unavailable = true;
      return list();
    }
    relist_later();
  }
  void relist_later() {
    env.timers.after(backoff.next(env.clock.now()), [this, token = liveness.token()] {
      if (token.alive()) list();
    });
  }
  /// The whole collection as of `at`: what is not in it was deleted meanwhile.
  void replace(std::int64_t at) {
    base::SortedMap<Str, base::SortedSet<Str>> present;
    for (const ObjectRef& o : pages) present[o->meta().namespace_].insert(o->meta().name);
    std::vector<ObjectRef> gone;
    cache.each([&](const ObjectRef& o) {
      const auto names = present.find(o->meta().namespace_);
      if (names == present.end() || !names->second.contains(o->meta().name)) gone.push_back(o);
    });
    const std::vector<ObjectRef> items = std::move(pages);
    pages.clear();
    revision = at;
    for (const ObjectRef& o : items) store(o);
    for (const ObjectRef& o : gone) drop(o);
    synced = true;
    for (base::UniqueFunction<void()>& done : std::exchange(waiting, {})) queue(std::move(done));
  }
  void queue(base::UniqueFunction<void()> done) {
    env.timers.after(0, [token = liveness.token(), done = std::move(done)]() mutable {
      if (token.alive()) done();
    });
  }

  // --- watch
  void watch() {
    auto r = request(api::Verb::kWatch);
    r->resource_version = std::to_string(revision);
    r->allow_bookmarks = true;
    const double minutes = 5.0 * (random.unit() + 1.0);
    r->timeout_seconds = static_cast<std::int32_t>(minutes * 60.0);
    watch_started = env.clock.now();
    watch_events = 0;
    WatchHandler handler;
    handler.on_batch = [this](const api::WatchBatch& batch) { apply(batch); };
    handler.on_end = [this](ApiError error) { watch_ended(error); };
    stream = client.watch(std::move(r), std::move(handler));
  }
  void watch_again_later() {
    env.timers.after(backoff.next(env.clock.now()), [this, token = liveness.token()] {
      if (token.alive()) watch();
    });
  }
  void apply(const api::WatchBatch& batch) {
    for (const api::WatchEvent& event : batch.events) {
      ++watch_events;
      const std::int64_t at = event.revision != 0 || !event.object ? event.revision : event.object->revision();
      switch (event.type) {
        case api::WatchType::kAdded:
        case api::WatchType::kModified:
          if (at > revision) revision = at;
          store(event.object);
          break;
        case api::WatchType::kDeleted:
          if (at > revision) revision = at;
          drop(event.object);
          break;
        case api::WatchType::kBookmark:
          if (at > revision) revision = at;
          break;
        case api::WatchType::kError:
          break;
      }
    }
  }
  void watch_ended(const ApiError& error) {
    stream.reset();
    if (error.is("ConnectionRefused") || error.code == 429) return watch_again_later();
    if (error.code != 0) return relist_later();
    // The server's timeout and a broken connection look alike; a watch that brought nothing at once is not trusted.
    if (env.clock.now() - watch_started < kShortWatch && watch_events == 0) return relist_later();
    watch();
  }

  // --- the copy
  void store(const ObjectRef& now) {
    const ObjectRef old = cache.put(now);
    account(old, now);
    if (old && old->revision() == now->revision()) return;
    for (InformerHandler& h : handlers) h(old, now);
  }
  void drop(const ObjectRef& last) {
    const ObjectRef old = cache.erase(last->meta().namespace_, last->meta().name);
    if (!old) return;
    account(old, {});
    for (InformerHandler& h : handlers) h(last, {});
  }
  void account(const ObjectRef& old, const ObjectRef& now) {
    if (!config.memory) return;
    const std::size_t before = old ? old->encoded_size() : 0, after = now ? now->encoded_size() : 0;
    config.memory->add(static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before));
  }

  env::Environment& env;
  Client& client;
  KindId kind;
  InformerConfig config;
  base::RandomStream random;
  ExponentialBackoff backoff;
  ObjectCache cache;
  std::vector<InformerHandler> handlers;
  base::SortedMap<Str, int> index_names;
  std::vector<ObjectRef> pages;
  std::int64_t revision = 0;
  bool revision_unavailable = false, synced = false, started = false;
  std::vector<base::UniqueFunction<void()>> waiting;  // for `synced`
  base::Instant watch_started;
  std::uint64_t watch_events = 0;
  std::unique_ptr<Watch> stream;
  env::Liveness liveness;
};

Informer::Informer(env::Environment& env, Client& client, KindId kind, InformerConfig config)
    : impl_(std::make_unique<Impl>(env, client, kind, std::move(config))) {}
Informer::~Informer() = default;

void Informer::start() {
  if (impl_->started) return;
  impl_->started = true;
  impl_->list();
}

bool Informer::synced() const { return impl_->synced; }

void Informer::on_synced(base::UniqueFunction<void()> done) {
  if (impl_->synced) impl_->queue(std::move(done));
  else impl_->waiting.push_back(std::move(done));
}
KindId Informer::kind() const { return impl_->kind; }

void Informer::add_handler(InformerHandler handler) {
  ORRERY_CHECK(!impl_->started, "handler added to a started informer");
  impl_->handlers.push_back(std::move(handler));
}

int Informer::add_index(IndexFn values) {
  ORRERY_CHECK(!impl_->started, "index added to a started informer");
  return impl_->cache.add_index(std::move(values));
}

int Informer::shared_index(std::string_view name, IndexFn values) {
  const auto it = impl_->index_names.find(name);
  if (it != impl_->index_names.end()) return it->second;
  const int index = add_index(std::move(values));
  impl_->index_names.emplace(Str(name), index);
  return index;
}

ObjectRef Informer::get(std::string_view ns, std::string_view name) const { return impl_->cache.get(ns, name); }
std::size_t Informer::size() const { return impl_->cache.size(); }
std::vector<ObjectRef> Informer::list(std::string_view ns) const { return impl_->cache.list(ns); }
std::vector<ObjectRef> Informer::by_index(int index, std::string_view value) const {
  return impl_->cache.by_index(index, value);
}

std::size_t Informer::count_by_index(int index, std::string_view value) const {
  return impl_->cache.count_by_index(index, value);
}
void Informer::each(base::UniqueFunction<void(const ObjectRef&)> visit) const {
  impl_->cache.each([&visit](const ObjectRef& o) { visit(o); });
}
std::int64_t Informer::last_revision() const { return impl_->revision; }

Informer& InformerSet::of(KindId kind) {
  std::unique_ptr<Informer>& slot = informers_[kind];
  if (slot) return *slot;
  InformerConfig config;
  config.memory = memory_;
  slot = std::make_unique<Informer>(env_, client_, kind, std::move(config));
  return *slot;
}

void InformerSet::start() {
  for (auto& [kind, informer] : informers_) informer->start();
}

Informer* InformerSet::first_unsynced() const {
  for (const auto& [kind, informer] : informers_) {
    if (!informer->synced()) return informer.get();
  }
  return nullptr;
}

env::Task<> InformerSet::wait_synced() {
  while (Informer* informer = first_unsynced()) {
    auto [future, resolver] = env::make_future<bool>(env_.trampoline);
    informer->on_synced([resolver = std::move(resolver)]() mutable { resolver(true); });
    co_await future;
  }
}

}  // namespace orrery::client
