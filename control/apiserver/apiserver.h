// Apiserver: the process kube-apiserver. Serves the Kubernetes API from a Kv: calls (ApiRequest to
// ApiResponse) and watch streams (ApiRequest with verb watch, then WatchBatch after WatchBatch) on
// api::kApiserverPort.
#pragma once
#include <memory>

#include "control/apiserver/config.h"
#include "control/store/kv.h"
#include "model/api/request.h"
#include "model/env/environment.h"

namespace orrery::apiserver {

/// Lives as long as its process incarnation; `env` must outlive it. One logical thread.
class Apiserver {
 public:
  Apiserver(env::Environment& env, ApiserverConfig config, std::unique_ptr<store::Kv> kv);
  ~Apiserver();
  Apiserver(const Apiserver&) = delete;

  /// Fills the caches, registers with the network, creates the system objects.
  void start();
  /// The request pipeline, independent of any front. `done` runs once, perhaps inside the call; the
  /// answer to a write that the store left open is 504 with reason Timeout.
  void handle(base::Ref<const api::ApiRequest> request,
              base::UniqueFunction<void(base::Ref<const api::ApiResponse>)> done);
  /// A watch: the stream belongs to the server from now on.
  void watch(base::Ref<const api::ApiRequest> request, std::unique_ptr<env::Stream> stream);

  /// All caches have heard from the store and the system objects exist.
  bool ready() const;
  /// Requests being worked on; watches do not count.
  int in_flight() const;
  /// Open watches of a kind, and how far its cache is.
  std::size_t watchers(api::KindId kind) const;
  std::int64_t cache_revision(api::KindId kind) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::apiserver
