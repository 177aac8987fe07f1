// The TTL-after-finished controller (pkg/controller/ttlafterfinished).
#pragma once
#include "control/controllers/controller.h"
#include "model/api/job.h"

namespace orrery::controllers {

/// Deletes Jobs `ttlSecondsAfterFinished` after their end.
class TtlAfterFinishedController final : public QueueController {
 public:
  explicit TtlAfterFinishedController(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str key) override;
  client::Informer& jobs_;
};

/// Until the Job may be deleted (<= 0: now); nullopt when it may not be.
std::optional<base::Nanos> time_left(const api::Job& job, base::Instant wall);

}  // namespace orrery::controllers
