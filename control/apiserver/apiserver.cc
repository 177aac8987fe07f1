#include "control/apiserver/apiserver.h"

#include "control/apiserver/bootstrap.h"
#include "control/apiserver/compactor.h"
#include "control/apiserver/router.h"

namespace orrery::apiserver {

struct Apiserver::Impl {
  Impl(env::Environment& e, ApiserverConfig c, std::unique_ptr<store::Kv> k)
      : env(e),
        kv(std::move(k)),
        core(e, std::move(c), *kv),
        gate(e, core.config),
        router(core),
        compactor(e, *kv, core.config.compaction_interval),
        bootstrap(e, core.config,
                  [this](RequestRef r, ResponseDone d) { handle(std::move(r), std::move(d)); }),
        masters(e, core.config, *kv,
                [this](RequestRef r, ResponseDone d) { handle(std::move(r), std::move(d)); }) {}

  void handle(RequestRef request, ResponseDone done) {
    if (Failure f = Router::check(*request)) return done(failure_response(f));
    CallRef call = gate.admit(std::move(request), std::move(done));
    if (!call) return;
    const base::Nanos cost = core.config.cost.of(call->request().verb);
    if (cost == 0) return router.route(std::move(call));
    env.compute.spend(cost + core.meter.take(),
                      [this, call = std::move(call), alive = live.token()]() mutable {
                        if (alive.alive() && !call->finished()) router.route(std::move(call));
                      });
  }

  void watch(RequestRef request, std::unique_ptr<env::Stream> stream) {
    if (Failure f = Router::check_watch(*request)) return WatchCache::refuse(*stream, f);
    core.meter.owe(core.config.cost.of(api::Verb::kWatch));
    router.watch(std::move(request), std::move(stream));
  }

  void serve() {
    env.network.serve_calls(
        api::kApiserverPort, [this](env::Peer, env::Message message, env::Reply reply) {
          const auto* request = env::body_as<api::ApiRequest>(message.body.get());
          if (!request) return;
          handle(RequestRef(request), [reply = std::move(reply)](ResponseRef response) mutable {
            reply(env::Message{std::move(response)});
          });
        });
    env.network.serve_streams(api::kApiserverPort, [this](env::Peer, env::Message hello,
                                                          std::unique_ptr<env::Stream> stream) {
      const auto* request = env::body_as<api::ApiRequest>(hello.body.get());
      if (request) watch(RequestRef(request), std::move(stream));
    });
  }

  // Before the namespaces are known nothing can be created, so the rest waits for the caches.
  void boot() {
    if (!core.store.all_filled()) {
      env.timers.after(100 * base::kMillisecond, [this, alive = live.token()] {
        if (alive.alive()) boot();
      });
      return;
    }
    if (core.config.bootstrap) bootstrap.start();
    masters.start();
  }

  env::Environment& env;
  std::unique_ptr<store::Kv> kv;
  Core core;
  RequestGate gate;
  Router router;
  Compactor compactor;
  Bootstrap bootstrap;
  MasterLeases masters;
  env::Liveness live;
};

Apiserver::Apiserver(env::Environment& env, ApiserverConfig config, std::unique_ptr<store::Kv> kv)
    : impl_(std::make_unique<Impl>(env, std::move(config), std::move(kv))) {}
Apiserver::~Apiserver() = default;

void Apiserver::start() {
  impl_->core.store.start();
  impl_->serve();
  impl_->compactor.start();
  impl_->boot();
}

void Apiserver::handle(base::Ref<const api::ApiRequest> request,
                       base::UniqueFunction<void(base::Ref<const api::ApiResponse>)> done) {
  impl_->handle(std::move(request), std::move(done));
}

void Apiserver::watch(base::Ref<const api::ApiRequest> request,
                      std::unique_ptr<env::Stream> stream) {
  impl_->watch(std::move(request), std::move(stream));
}

bool Apiserver::ready() const {
  return impl_->core.store.all_synced() &&
         (!impl_->core.config.bootstrap || impl_->bootstrap.done());
}

int Apiserver::in_flight() const { return impl_->gate.in_flight(); }
std::size_t Apiserver::watchers(api::KindId kind) const {
  return impl_->core.store.cache(kind).watchers();
}
std::int64_t Apiserver::cache_revision(api::KindId kind) const {
  return impl_->core.store.cache(kind).revision();
}

}  // namespace orrery::apiserver
