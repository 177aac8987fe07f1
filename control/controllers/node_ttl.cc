#include "control/controllers/node_ttl.h"

#include "control/controllers/cost.h"

namespace orrery::controllers {
namespace {

constexpr const char* kAnnotation = "node.alpha.kubernetes.io/ttl";

struct Step {
  int least, most, seconds;
};
constexpr Step kSteps[] = {{0, 100, 0},     {90, 500, 15},      {450, 1000, 30},
                           {900, 2000, 60}, {1800, 10000, 300}, {9000, INT32_MAX, 600}};

QueueControllerOptions node_ttl_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

}  // namespace

int next_ttl_step(int step, int nodes) {
  if (nodes > kSteps[step].most) return step + 1;
  return nodes < kSteps[step].least ? step - 1 : step;
}

int ttl_seconds(int step) { return kSteps[step].seconds; }

NodeTtlController::NodeTtlController(ControllerContext context)
    : QueueController(context, "ttl-controller", node_ttl_options()), nodes_(informer(KindId::kNode)) {
  nodes_.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
    if (!old || !now) step_ = next_ttl_step(step_, static_cast<int>(nodes_.size()));
    if (now && !(now->meta().annotations.get(kAnnotation) == std::to_string(ttl_seconds(step_))))
      enqueue(now->meta());
  });
}

env::Task<SyncResult> NodeTtlController::sync(Str name) {
  const ObjectRef node = nodes_.get({}, name);
  const std::string wanted = std::to_string(ttl_seconds(step_));
  if (!node || node->meta().annotations.get(kAnnotation) == wanted) co_return SyncResult::ok();
  const std::string patch =
      base::cat("{\"metadata\":{\"annotations\":{\"", kAnnotation, "\":\"", wanted, "\"}}}");
  const auto patched =
      co_await client_.patch(KindId::kNode, {}, name, api::PatchType::kStrategicMerge, patch);
  if (!patched && !patched.error().not_found()) co_return SyncResult::fail(patched.error());
  co_return SyncResult::ok();
}

}  // namespace orrery::controllers
