// ServerWorld: one apiserver over a FakeKv in a FakeEnv, and short ways to talk to it.
#pragma once
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "control/apiserver/apiserver.h"
#include "fake_kv.h"
#include "model/api/namespace.h"
#include "model/api/pod.h"

namespace orrery::test {

using api::KindId;
using api::ObjectRef;
using api::Verb;
using base::Str;
using Request = base::Ref<api::ApiRequest>;
using Response = base::Ref<const api::ApiResponse>;

/// The server's end of a watch, as the test sees it.
struct WatchLog {
  std::vector<api::WatchEvent> events;
  base::Box<api::ApiStatus> error;
  bool closed = false;
  std::string why;
  std::size_t window = SIZE_MAX;  ///< messages taken before send() refuses
  std::size_t batches = 0;
  env::StreamEvents handlers;
  /// "ADDED a", "MODIFIED a", "BOOKMARK", ... since the last call.
  std::vector<std::string> take();
};

class ServerWorld {
 public:
  explicit ServerWorld(std::function<void(apiserver::ApiserverConfig&)> tweak = {});

  Response call(Request request);
  /// Starts a call; the answer arrives in the returned slot.
  std::shared_ptr<Response> start(Request request);
  std::shared_ptr<WatchLog> watch(Request request, std::size_t window = SIZE_MAX);
  void run(base::Nanos span) { fake.time.run_for(span); }
  /// Until the caches have everything.
  void settle() { run(50 * base::kMillisecond); }

  template <class T>
  Response create(T object) {
    return call(create_request(api::make_object(std::move(object))));
  }
  template <class T>
  api::Handle<T> get(std::string_view ns, std::string_view name) {
    Response r = call(named(Verb::kGet, api::KindOf<T>::kId, ns, name));
    return r->code == 200 ? api::Handle<T>(r->object) : api::Handle<T>();
  }
  Response update(ObjectRef object, const char* part = "");
  Response remove(KindId kind, std::string_view ns, std::string_view name,
                  const std::function<void(api::ApiRequest&)>& tweak = {});

  static Request named(Verb verb, KindId kind, std::string_view ns, std::string_view name);
  /// Of the scale of an object: kGet, or kUpdate with what to set.
  static Request scale_request(Verb verb, KindId kind, std::string_view ns, std::string_view name, ObjectRef scale = {});
  static Request create_request(ObjectRef object, const char* part = "");

  FakeEnv fake;
  FakeKv* kv = nullptr;
  std::unique_ptr<apiserver::Apiserver> server;
};

api::Pod pod(const char* ns, const char* name);
/// A pod on a node, running.
void run_pod(ServerWorld& w, const char* ns, const char* name, const char* node);
/// A namespace with its default service account.
void add_namespace(ServerWorld& w, const char* name);
template <class T>
ObjectRef edited(const api::Handle<T>& handle, const std::function<void(T&)>& edit) {
  T copy = *handle;
  edit(copy);
  return api::make_object(std::move(copy));
}

/// CHECKs code, reason and message at once.
#define CHECK_FAILURE(response, want_code, want_reason, want_message) \
  do {                                                                \
    const auto r_ = (response);                                       \
    CHECK(r_->code == (want_code));                                   \
    REQUIRE(r_->status.has_value());                                  \
    CHECK(r_->status->reason.str() == std::string(want_reason));      \
    CHECK(r_->status->message.str() == std::string(want_message));    \
  } while (false)

}  // namespace orrery::test
