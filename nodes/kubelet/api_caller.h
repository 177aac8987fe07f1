// ApiCaller: the one thing that pod workers ask of the API client.
#pragma once
#include "control/client/client.h"

namespace orrery::kubelet {

using ApiAnswer = client::ApiResult<base::Ref<const api::ApiResponse>>;

class ApiCaller {
 public:
  virtual ~ApiCaller() = default;
  /// As client::Client::call.
  virtual void call(base::Ref<api::ApiRequest> request, client::Client::Done done) = 0;
};

}  // namespace orrery::kubelet
