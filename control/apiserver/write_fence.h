// WriteFence: what a write of an elected component compares besides the object (api::ApiRequest::fence).
#pragma once
#include "model/api/request.h"

namespace orrery::apiserver {

/// The fence of a lease is one key beside the objects; its mod revision is the epoch of the newest holder.
struct WriteFence {
  base::Str lease;           ///< "namespace/name"; empty: not fenced
  std::int64_t epoch = 0;    ///< 0: the write takes the fence
  base::Str key() const { return base::cat("/orrery/fences/", lease); }
};

inline WriteFence fence_of(const api::ApiRequest& request) { return {request.fence, request.fence_epoch}; }

}  // namespace orrery::apiserver
