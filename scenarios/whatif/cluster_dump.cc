#include "scenarios/whatif/cluster_dump.h"

#include <algorithm>

#include "model/api/defaults/defaults.h"
#include "model/codec/json_read.h"
#include "scenarios/load/culprit.h"
#include "scenarios/load/input_error.h"
#include "scenarios/whatif/documents.h"

namespace orrery::scenarios::whatif {
namespace {

using api::KindId;

constexpr KindId kKindsRead[] = {KindId::kNamespace,        KindId::kNode,
                                 KindId::kPod,              KindId::kService,
                                 KindId::kReplicaSet,       KindId::kStatefulSet,
                                 KindId::kReplicationController,
                                 KindId::kPodDisruptionBudget, KindId::kPriorityClass,
                                 KindId::kPersistentVolume, KindId::kPersistentVolumeClaim,
                                 KindId::kStorageClass,     KindId::kCSINode,
                                 KindId::kCSIDriver,        KindId::kCSIStorageCapacity,
                                 KindId::kVolumeAttachment};

api::ObjectRef read_object_of(const std::string& file, const api::Kind& kind, const Document& d) {
  const std::string json = d.value.dump();
  const codec::ReadOptions options;
  auto object = codec::read_object_as(kind, json, options);
  if (!object.ok()) fail_in(file, d, culprit_of(json, object.error().message, options), object.error().message);
  base::Ref<api::Object> o = std::move(*object);
  auto& meta = *static_cast<api::ObjectMeta*>(api::edit_value(*o));
  if (meta.name.empty()) fail_in(file, d, "metadata.name", "is missing: a dump holds objects as the API returns them");
  if (kind.namespaced && meta.namespace_.empty()) meta.namespace_ = "default";
  // Whoever writes a dump by hand gives no uids; the scheduler tells pods apart by them.
  if (meta.uid.empty()) meta.uid = api::key_of(meta);
  api::apply_defaults(kind, api::edit_value(*o));
  return o;
}

}  // namespace

api::ObjectRef ClusterDump::find(KindId kind, std::string_view ns, std::string_view name) const {
  for (const api::ObjectRef& o : objects) {
    if (o->kind_id() == kind && o->meta().name == name && (ns.empty() || o->meta().namespace_ == ns)) return o;
  }
  return {};
}

ClusterDump parse_cluster_dump(const std::string& file, std::string_view text) {
  ClusterDump out;
  out.file = file;
  bool nodes = false;
  for (const Document& d : read_documents(file, text)) {
    if (d.kind == "RuntimeClass") out.runtime_classes.push_back(d.value);
    if (d.kind == "LimitRange") out.limit_ranges.push_back(d.value);
    const api::Kind* kind = api::find_kind(d.api_version, d.kind);
    if (!kind || std::find(std::begin(kKindsRead), std::end(kKindsRead), kind->id) == std::end(kKindsRead)) continue;
    out.objects.push_back(read_object_of(file, *kind, d));
    nodes = nodes || kind->id == KindId::kNode;
  }
  if (!nodes) throw InputError{file, 0, "", "has no Node; make it with kubectl get nodes,pods,namespaces,services,... -A -o yaml"};
  return out;
}

ClusterDump read_cluster_dump(const std::string& file) { return parse_cluster_dump(file == "-" ? "stdin" : file, read_input(file)); }

}  // namespace orrery::scenarios::whatif
