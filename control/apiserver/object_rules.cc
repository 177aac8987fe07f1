#include "control/apiserver/object_rules.h"

#include <algorithm>
#include <charconv>

#include "control/apiserver/storage_key.h"
#include "model/api/config_map.h"
#include "model/api/daemon_set.h"
#include "model/api/job.h"
#include "model/api/namespace.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod.h"
#include "model/api/qos.h"

namespace orrery::apiserver {

namespace {

void* part_of(api::Object& object, const api::Field& field) {
  return static_cast<char*>(api::edit_value(object)) + field.offset;
}

const void* part_of(const api::Object& object, const api::Field& field) {
  return static_cast<const char*>(object.value()) + field.offset;
}

void generate_job_selector(api::Job& job) {
  if (job.spec->manual_selector.value_or(false)) return;
  // Upstream's defaults make the template's labels the job's own, as one map: it grows the generated ones, too.
  const bool one_map = job.metadata.labels.empty() || job.metadata.labels.shares(job.spec->template_.metadata.labels);
  api::JobSpec& spec = job.spec.edit();
  api::ObjectMeta& pod = spec.template_.metadata;
  pod.labels.set("job-name", job.metadata.name);
  pod.labels.set("batch.kubernetes.io/job-name", job.metadata.name);
  pod.labels.set("controller-uid", job.metadata.uid);
  pod.labels.set("batch.kubernetes.io/controller-uid", job.metadata.uid);
  spec.selector.edit().match_labels.set("batch.kubernetes.io/controller-uid", job.metadata.uid);
  if (one_map) job.metadata.labels = pod.labels;
}

/// apps/v1 keeps the internal field spec.templateGeneration as an annotation.
void set_template_generation(api::DaemonSet& set, std::int64_t generation) {
  set.metadata.annotations.set("deprecated.daemonset.template.generation", Str(std::to_string(generation)));
}

void count_template_generation(api::DaemonSet& next, const api::DaemonSet& old) {
  const Str* text = old.metadata.annotations.find("deprecated.daemonset.template.generation");
  std::int64_t generation = 0;
  if (text) std::from_chars(text->c_str(), text->c_str() + text->size(), generation);
  const bool changed = !api::deep_equal(next.spec->template_, old.spec->template_);
  if (text || changed) set_template_generation(next, generation + changed);
}

void prepare_secret(api::Object& object) {
  api::Secret& secret = edit_as<api::Secret>(object);
  for (const auto& [key, text] : secret.string_data) secret.data.set(key, api::Bytes{text});
  secret.string_data.clear();
}

void initial_state(api::Object& object) {
  switch (object.kind_id()) {
    case KindId::kPod: {
      api::Pod& pod = edit_as<api::Pod>(object);
      api::PodStatus status;
      status.phase = "Pending";
      status.qos_class = api::qos_class(*pod.spec);
      pod.status = std::move(status);
      break;
    }
    case KindId::kNamespace: {
      api::Namespace& ns = edit_as<api::Namespace>(object);
      ns.status.edit().phase = "Active";
      const api::List<Str>& present = ns.spec->finalizers;
      if (std::find(present.begin(), present.end(), "kubernetes") == present.end()) {
        ns.spec.edit().finalizers.push_back("kubernetes");
      }
      break;
    }
    case KindId::kPersistentVolumeClaim:
      edit_as<api::PersistentVolumeClaim>(object).status.edit().phase = "Pending";
      break;
    case KindId::kPersistentVolume:
      edit_as<api::PersistentVolume>(object).status.edit().phase = "Pending";
      break;
    case KindId::kJob:
      generate_job_selector(edit_as<api::Job>(object));
      break;
    case KindId::kDaemonSet:
      set_template_generation(edit_as<api::DaemonSet>(object), 1);
      break;
    case KindId::kSecret:
      prepare_secret(object);
      break;
    default:
      break;
  }
}

/// True when everything outside metadata (and status) is the same.
bool same_spec(const api::Object& a, const api::Object& b) {
  for (const api::Field& field : a.kind().type()) {
    const std::string_view name = field.json;
    if (name == "metadata" || name == "status") continue;
    if (!api::deep_equal(field.type(), part_of(a, field), part_of(b, field))) return false;
  }
  return true;
}

}  // namespace

void copy_part(api::Object& to, const api::Object* from, std::string_view part) {
  const api::Field* field = to.kind().part(part);
  if (!field) return;
  const api::Type& type = field->type();
  if (from) return type.assign(part_of(to, *field), part_of(*from, *field));
  void* room = part_of(to, *field);
  type.destroy(room);
  type.construct(room);
}

bool same_part(const api::Object& a, const api::Object& b, std::string_view part) {
  const api::Field* field = a.kind().part(part);
  return !field || api::deep_equal(field->type(), part_of(a, *field), part_of(b, *field));
}

void prepare_create(api::Object& object, Str uid, base::Instant wall) {
  const api::Kind& kind = object.kind();
  if (kind.has_status && kind.id != KindId::kNode) copy_part(object, nullptr, "status");
  api::ObjectMeta& meta = edit_meta(object);
  meta.uid = std::move(uid);
  meta.creation_timestamp = api::Time::from(wall);
  meta.deletion_timestamp = api::Time();
  meta.deletion_grace_period_seconds.reset();
  meta.resource_version.value = 0;
  meta.generation = kind.has_generation ? 1 : 0;
  initial_state(object);
}

void prepare_update(api::Object& next, const api::Object& old, Part part,
                    const env::Faults& faults) {
  const api::Kind& kind = next.kind();
  const api::ObjectMeta& before = old.meta();
  if (part == Part::kStatus) {
    if (!faults.here(env::Site::kStatusWriteChangesSpec)) copy_part(next, &old, "spec");
    if (kind.id == KindId::kDeployment) edit_meta(next).labels = before.labels;
    if (kind.id == KindId::kPod) edit_meta(next).owner_references = before.owner_references;
  } else if (kind.has_status) {
    copy_part(next, &old, "status");
  }
  if (kind.id == KindId::kNamespace && part == Part::kMain) copy_part(next, &old, "spec");
  if (kind.id == KindId::kSecret) prepare_secret(next);
  if (kind.id == KindId::kDaemonSet) count_template_generation(edit_as<api::DaemonSet>(next), old.as<api::DaemonSet>());
  api::ObjectMeta& meta = edit_meta(next);
  if (meta.uid.empty()) meta.uid = before.uid;
  meta.creation_timestamp = before.creation_timestamp;
  meta.deletion_timestamp = before.deletion_timestamp;
  meta.deletion_grace_period_seconds = before.deletion_grace_period_seconds;
  meta.generation = before.generation;
  meta.resource_version = before.resource_version;
  if (part != Part::kMain || !kind.has_generation || kind.id == KindId::kPriorityClass) return;
  bool changed = !same_spec(next, old);
  if (kind.id == KindId::kDeployment) {
    changed = changed || !api::deep_equal(meta.annotations, before.annotations);
  }
  if (changed) edit_meta(next).generation = before.generation + 1;
}

void check_meta_update(const api::ObjectMeta& next, const api::ObjectMeta& old,
                       api::ErrorList& errors) {
  if (!old.deleting()) return;
  std::vector<Str> added;
  for (const Str& f : next.finalizers) {
    if (std::find(old.finalizers.begin(), old.finalizers.end(), f) == old.finalizers.end())
      added.push_back(f);
  }
  if (added.empty()) return;
  const api::FieldPath metadata("metadata");
  errors.forbidden(
      metadata.child("finalizers"),
      base::cat(
          "no new finalizers can be added if the object is being deleted, found new finalizers ",
          api::BadValue::list(added).take()));
}

Failure check_preconditions(const api::Object& next, const api::Object& old,
                            std::string_view prefix, bool ignore_revision) {
  const api::ObjectMeta& meta = next.meta();
  if (!meta.uid.empty() && !(meta.uid == old.meta().uid)) {
    return conflict(next.kind_id(), old.meta().name,
                    base::cat("StorageError: invalid object, Code: 4, Key: ",
                              storage_key(prefix, old.meta().namespace_, old.meta().name),
                              ", ResourceVersion: 0, "
                              "AdditionalErrorMsg: Precondition failed: UID in precondition: ",
                              meta.uid, ", UID in object meta: ", old.meta().uid));
  }
  if (next.revision() == 0) {
    if (next.kind().unconditional_update) return {};
    api::ErrorList errors;
    const api::FieldPath metadata("metadata");
    errors.invalid(metadata.child("resourceVersion"), api::BadValue::raw("0x0"),
                   "must be specified for an update");
    return invalid(next.kind_id(), old.meta().name, errors);
  }
  if (next.revision() != old.revision() && !ignore_revision) {
    return conflict(next.kind_id(), old.meta().name, kModified);
  }
  return {};
}

bool completes_deletion(const api::Object& next, const api::Object& old) {
  if (!next.meta().finalizers.empty() || !old.meta().deleting()) return false;
  if (next.kind_id() == KindId::kNamespace && !next.as<api::Namespace>().spec->finalizers.empty())
    return false;
  return old.meta().deletion_grace_period_seconds.value_or(0) == 0;
}

Str make_uid(std::uint64_t high, std::uint64_t low) {
  static constexpr char kHex[] = "0123456789abcdef";
  high = (high & ~0xf000ULL) | 0x4000ULL;
  low = (low & ~(3ULL << 62)) | (2ULL << 62);
  char text[36];
  int at = 0;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text[at++] = '-';
    const std::uint64_t word = i < 16 ? high : low;
    text[at++] = kHex[(word >> (60 - 4 * (i % 16))) & 15];
  }
  return std::string_view(text, sizeof text);
}

}  // namespace orrery::apiserver
