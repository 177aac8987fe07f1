// Batches of requests: many at once, and the slow start that keeps a failing creation from being repeated hundreds of
// times (pkg/controller/controller_utils.go, slowStartBatch).
#pragma once
#include <optional>
#include <vector>

#include "control/client/client.h"

namespace orrery::client {

/// controller.SlowStartInitialBatchSize
inline constexpr int kSlowStartInitialBatchSize = 1;

struct BatchResult {
  int successes = 0;
  int attempts = 0;
  std::optional<ApiError> first_error;
};

using BatchAnswer = ApiResult<base::Ref<const api::ApiResponse>>;
/// Called at each completion with the index of the request; never after the awaiting task is gone.
using BatchDone = base::UniqueFunction<void(int, const BatchAnswer&)>;
/// Makes the request of an index.
using BatchRequest = base::UniqueFunction<base::Ref<api::ApiRequest>(int)>;

/// Sends requests [first, first + count) together and completes with the last answer.
env::Task<BatchResult> run_batch(env::Environment& env, Client& client, int first, int count, BatchRequest request,
                                 BatchDone done);

/// Batches of `initial`, then twice as many each time, until all `count` are done or a batch has an error.
env::Task<BatchResult> slow_start_batch(env::Environment& env, Client& client, int count, int initial,
                                        BatchRequest request, BatchDone done);

/// A create of `object`, for BatchRequest.
base::Ref<api::ApiRequest> create_request(ObjectRef object);
base::Ref<api::ApiRequest> delete_request(KindId kind, Str ns, Str name);

}  // namespace orrery::client
