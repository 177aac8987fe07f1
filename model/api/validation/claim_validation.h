// Validation of claims, volumes and storage classes. Source: pkg/apis/core/validation and
// pkg/apis/storage/validation.
#pragma once
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/storage_class.h"
#include "model/api/validation/rules.h"

namespace orrery::api {

void check_claim_spec(const PersistentVolumeClaimSpec& spec, const FieldPath& path, ErrorList& errors);
void check_claim(const PersistentVolumeClaim& claim, ErrorList& errors);
void check_claim_update(const PersistentVolumeClaim& old, const PersistentVolumeClaim& next,
                        ErrorList& errors);
void check_claim_status_update(const PersistentVolumeClaim& old, const PersistentVolumeClaim& next,
                               ErrorList& errors);

void check_persistent_volume(const PersistentVolume& volume, ErrorList& errors);
void check_persistent_volume_update(const PersistentVolume& old, const PersistentVolume& next,
                                    ErrorList& errors);

void check_storage_class(const StorageClass& storage, ErrorList& errors);
void check_storage_class_update(const StorageClass& old, const StorageClass& next, ErrorList& errors);

/// Sources that pods and persistent volumes share.
void check_host_path(const HostPathVolumeSource& source, const FieldPath& path, ErrorList& errors);
void check_nfs(const NFSVolumeSource& source, const FieldPath& path, ErrorList& errors);
void check_fc(const FCVolumeSource& source, const FieldPath& path, ErrorList& errors);
void check_flocker(const FlockerVolumeSource& source, const FieldPath& path, ErrorList& errors);
void check_csi_driver(std::string_view driver, const FieldPath& path, ErrorList& errors);
template <class T>
void check_partitioned(const T& source, const FieldPath& path, ErrorList& errors) {
  check_required(source, path, errors);
  if (source.partition < 0 || source.partition > 255)
    errors.invalid(path.child("partition"), source.partition, inclusive_range_message(1, 255));
}

/// Exactly one of the sources of a volume: each one() that is set is checked unless it is not the first.
class OneSource {
 public:
  OneSource(const FieldPath& path, ErrorList& errors) : path_(path), errors_(errors) {}
  /// `check(source, path)`.
  template <class T, class F>
  void one(const Box<T>& source, const char* name, F check) {
    if (!source) return;
    const FieldPath at = path_.child(name);
    if (++count_ > 1) errors_.forbidden(at, "may not specify more than 1 volume type");
    else check(*source, at);
  }
  /// A source of which only the required fields matter.
  template <class T>
  void plain(const Box<T>& source, const char* name) {
    one(source, name, [this](const T& s, const FieldPath& at) { check_required(s, at, errors_); });
  }
  void finish() {
    if (count_ == 0) errors_.required(path_, "must specify a volume type");
  }

 private:
  const FieldPath& path_;
  ErrorList& errors_;
  int count_ = 0;
};

}  // namespace orrery::api
