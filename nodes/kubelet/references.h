// References: the objects of the API that a pod's volumes and environment need, and whether they are there.
#pragma once
#include <vector>

#include "model/api/pod.h"
#include "model/base/sorted_map.h"
#include "model/env/liveness.h"
#include "nodes/kubelet/api_caller.h"

namespace orrery::kubelet {

using base::Str;

struct Reference {
  api::KindId kind = api::KindId::kNone;   ///< kConfigMap, kSecret, kPersistentVolumeClaim or kPersistentVolume
  Str name;
  Str volume;                              ///< empty: of the environment
  bool optional = false;
};

/// What the volumes name. Left out: optional objects, and the bundle `kube-root-ca.crt`, which every namespace is given and
/// whose content the kubelet has itself.
std::vector<Reference> volume_references(const api::PodSpec& spec);
/// What a container's env and envFrom name, optional ones included.
std::vector<Reference> env_references(const api::Container& container);

/// `configmap "x" not found` and the like, as the kubelet words it.
Str missing_message(api::KindId kind, std::string_view name);

/// Reads objects with upstream's TTL strategy: a copy younger than one minute is used again; absence is not remembered.
class ReferenceReader {
 public:
  ReferenceReader(env::Environment& env, ApiCaller& api) : env_(env), api_(api) {}

  /// Objects in the order of the references (null: absent and optional), or why one cannot be had. The volumes that claims are
  /// bound to are read, too: they stand behind what was asked for, in both lists.
  struct Found {
    std::vector<api::ObjectRef> objects;
    const Reference* missing = nullptr;    ///< of the asked ones; null when all are there
    Str error;
  };
  using Done = base::UniqueFunction<void(const std::vector<Reference>&, const Found&)>;
  /// `done` may run inside the call; it never runs after the reader's destruction.
  void read(Str ns, std::vector<Reference> references, Done done);

 private:
  struct Cached {
    api::ObjectRef object;
    base::Instant read_at;
  };
  struct Job;
  void step(base::Ref<Job> job);
  static void add_volumes(Job& job);
  void answered(base::Ref<Job> job, ApiAnswer answer);
  static Str key_of(const Job& job);

  env::Environment& env_;
  ApiCaller& api_;
  base::SortedMap<Str, Cached> cache_;
  env::Liveness liveness_;
};

}  // namespace orrery::kubelet
