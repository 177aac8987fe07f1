// The namespace controller (pkg/controller/namespace): empties namespaces that are being deleted
// and lets them go.
#pragma once
#include "control/controllers/controller.h"
#include "control/controllers/namespace_conditions.h"

namespace orrery::controllers {

/// Starts 5 s after the deletion; pods go before everything else. Comes again while something
/// remains.
class NamespaceController final : public QueueController {
 public:
  explicit NamespaceController(ControllerContext context);

 private:
  using Failure = std::optional<ApiError>;
  env::Task<SyncResult> sync(Str name) override;
  env::Task<Failure> mark_terminating(Str name, ObjectRef* ns);
  /// Adds what remains of one kind to `left`.
  env::Task<> empty(KindId kind, ObjectRef ns, NamespaceRemains* left);
  env::Task<std::int64_t> pod_estimate(ObjectRef ns, Str* error);
  env::Task<> tell(ObjectRef ns, const NamespaceRemains* left);
  env::Task<Failure> finalize(ObjectRef ns);
  client::Informer& namespaces_;
};

}  // namespace orrery::controllers
