// Admission: what the built-in plugins add to and refuse in requests (k8s.io/kubernetes
// plugin/pkg/admission, kube-apiserver's default set as far as it concerns the kinds served). The
// plugins are pure functions of the object and of what gather() found; quota is in quota.h.
#pragma once
#include "control/apiserver/call.h"
#include "control/apiserver/object_store.h"
#include "model/api/pod.h"
#include "model/api/priority_class.h"
#include "model/api/service_account.h"

namespace orrery::apiserver {

inline constexpr std::string_view kTaintNotReady = "node.kubernetes.io/not-ready";
inline constexpr std::string_view kTaintUnreachable = "node.kubernetes.io/unreachable";

/// What the plugins need to know besides the object.
struct AdmissionFacts {
  ObjectRef name_space;       ///< of a namespaced object; null when lifecycle is off
  ObjectRef service_account;  ///< of a pod; null when the plugin is off
};

class Admission {
 public:
  Admission(env::Environment& env, const ApiserverConfig& config, ObjectStore& store);

  using Gathered = base::UniqueFunction<void(Failure, AdmissionFacts)>;
  /// Looks up what create needs: in the caches, and what is missing there in the store (a missing
  /// service account up to ten times, as it may be on its way). `fresh` reads the namespace from
  /// the store at once. `done` may run inside.
  void gather(CallRef call, base::Ref<const api::Object> object, bool fresh, Gathered done);
  /// The mutating plugins, in upstream's order.
  Failure mutate_create(api::Object& object, const AdmissionFacts& facts);
  /// Plugins that look at deletes.
  Failure check_delete(const Call& call) const;
  bool guards_namespace(const api::Object& object) const;

 private:
  void make_shared_parts();
  Failure check_namespace(const api::Object& object, const api::Object& ns) const;
  void find_namespace(CallRef call, base::Ref<const api::Object> object, AdmissionFacts facts,
                      Gathered done);
  void find_service_account(CallRef call, base::Ref<const api::Object> object, AdmissionFacts facts,
                            int attempt, Gathered done);
  Failure admit_pod(api::Pod& pod, const AdmissionFacts& facts);
  const api::PriorityClass* priority_class_of(const api::Pod& pod) const;
  void set_service_account(api::Pod& pod, const api::ServiceAccount& account);
  void set_storage_class(api::Object& claim) const;
  bool on(Plugin p) const { return config_.admission.has(p); }

  env::Environment& env_;
  const ApiserverConfig& config_;
  ObjectStore& store_;
  base::RandomStream names_;
  api::Cow<api::VolumeSource> token_source_;  // the same in every pod, so stored once
  api::List<api::Toleration> default_tolerations_;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
