// ImageLocality: prefers nodes that hold the pod's images, by size and spread (plugins/imagelocality).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class ImageLocality final : public Plugin, public ScorePlugin {
 public:
  explicit ImageLocality(PluginContext context) : context_(context) {}
  std::string_view name() const override { return "ImageLocality"; }
  Reach reach() const override { return Reach::kView; }
  std::unique_ptr<ClassView> make_view(const PodInfoRef& pod) const override;
  std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;

 private:
  PluginContext context_;
};

}  // namespace orrery::scheduler
