// Router: which handler a request goes to, by verb, kind and sub-resource.
#pragma once
#include "control/apiserver/pod_actions.h"

namespace orrery::apiserver {

class Router {
 public:
  explicit Router(Core& core)
      : core_(core), reader_(core), writer_(core), pods_(core, reader_, writer_) {}
  /// 404 and 405 for what is not served.
  static Failure check(const api::ApiRequest& request);
  static Failure check_watch(const api::ApiRequest& request);

  void route(CallRef call);
  void watch(RequestRef request, std::unique_ptr<env::Stream> stream) {
    reader_.watch(std::move(request), std::move(stream));
  }

 private:
  void route_scale(CallRef call);
  void get_scale(CallRef call);
  void remove_collection(CallRef call);

  Core& core_;
  Reader reader_;
  Writer writer_;
  PodActions pods_;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
