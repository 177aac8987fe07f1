#include "control/controllers/attachments.h"

namespace orrery::controllers {

Detach decide_detach(const AttachmentState& state, bool mounted, NodeView node, base::Instant now, base::Nanos max_wait) {
  const bool late = now - state.detach_asked > max_wait;
  if (mounted && !node.out_of_service && (node.healthy || !late)) return Detach::kWait;
  return late || node.out_of_service ? Detach::kAtOnce : Detach::kSafely;
}

Str conflict_message(const Str& name, const Str& ns, const std::vector<api::ObjectRef>& pods) {
  std::string here;
  std::size_t elsewhere = 0;
  for (const api::ObjectRef& pod : pods) {
    if (!(pod->meta().namespace_ == ns)) ++elsewhere;
    else here += (here.empty() ? "" : ", ") + pod->meta().name.str();
  }
  const std::string others = base::cat(std::to_string(elsewhere), " pod(s) in different namespaces");
  std::string why;
  if (pods.empty()) why = "Volume is already exclusively attached to one node and can't be attached to another";
  else if (here.empty()) why = base::cat("Volume is already used by ", others);
  else if (elsewhere == 0) why = base::cat("Volume is already used by pod(s) ", here);
  else why = base::cat("Volume is already used by pod(s) ", here, " and ", others);
  return base::cat("Multi-Attach error for volume \"", name, "\" ", why);
}

}  // namespace orrery::controllers
