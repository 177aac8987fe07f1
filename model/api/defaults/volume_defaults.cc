#include "model/api/defaults/pod_defaults.h"

namespace orrery::api {

namespace {

bool fill_downward_file(const DownwardAPIVolumeFile& in, DownwardAPIVolumeFile* out) {
  Fill f(in, out);
  f.part(&DownwardAPIVolumeFile::field_ref, fill_only_constants<ObjectFieldSelector>);
  return f.missing();
}

bool fill_downward_source(const DownwardAPIVolumeSource& in, DownwardAPIVolumeSource* out) {
  Fill f(in, out);
  f.constants();
  f.each(&DownwardAPIVolumeSource::items, fill_downward_file);
  return f.missing();
}

bool fill_downward_projection(const DownwardAPIProjection& in, DownwardAPIProjection* out) {
  Fill f(in, out);
  f.each(&DownwardAPIProjection::items, fill_downward_file);
  return f.missing();
}

bool fill_projection(const VolumeProjection& in, VolumeProjection* out) {
  Fill f(in, out);
  f.part(&VolumeProjection::downward_api, fill_downward_projection);
  f.part(&VolumeProjection::service_account_token, fill_only_constants<ServiceAccountTokenProjection>);
  return f.missing();
}

bool fill_projected(const ProjectedVolumeSource& in, ProjectedVolumeSource* out) {
  Fill f(in, out);
  f.constants();
  f.each(&ProjectedVolumeSource::sources, fill_projection);
  return f.missing();
}

bool fill_image(const ImageVolumeSource& in, ImageVolumeSource* out) {
  Fill f(in, out);
  if (in.pull_policy.empty())
    f.set_if_empty(&ImageVolumeSource::pull_policy, default_pull_policy(in.reference));
  return f.missing();
}

bool fill_claim_template(const PersistentVolumeClaimTemplate& in, PersistentVolumeClaimTemplate* out) {
  Fill f(in, out);
  f.part(&PersistentVolumeClaimTemplate::spec, fill_only_constants<PersistentVolumeClaimSpec>);
  return f.missing();
}

bool fill_ephemeral(const EphemeralVolumeSource& in, EphemeralVolumeSource* out) {
  Fill f(in, out);
  f.part(&EphemeralVolumeSource::volume_claim_template, fill_claim_template);
  return f.missing();
}

/// Asks the usual sources first.
bool has_source(const VolumeSource& s) {
  return s.projected || s.empty_dir || s.config_map || s.secret || s.host_path || s.persistent_volume_claim ||
         s.downward_api || s.csi || s.ephemeral || !is_empty(describe<VolumeSource>(), &s);
}

bool fill_source(const VolumeSource& in, VolumeSource* out) {
  Fill f(in, out);
  f.part(&VolumeSource::projected, fill_projected);
  f.part(&VolumeSource::secret, fill_only_constants<SecretVolumeSource>);
  f.part(&VolumeSource::config_map, fill_only_constants<ConfigMapVolumeSource>);
  f.part(&VolumeSource::host_path, fill_only_constants<HostPathVolumeSource>);
  f.part(&VolumeSource::downward_api, fill_downward_source);
  f.part(&VolumeSource::ephemeral, fill_ephemeral);
  f.part(&VolumeSource::iscsi, fill_only_constants<ISCSIVolumeSource>);
  f.part(&VolumeSource::rbd, fill_only_constants<RBDVolumeSource>);
  f.part(&VolumeSource::azure_disk, fill_only_constants<AzureDiskVolumeSource>);
  f.part(&VolumeSource::scale_io, fill_only_constants<ScaleIOVolumeSource>);
  f.part(&VolumeSource::image, fill_image);
  if (!has_source(in)) f.create(&VolumeSource::empty_dir);
  return f.missing();
}

}  // namespace

bool fill_volume(const Volume& in, Volume* out) {
  Fill f(in, out);
  f.part(&Volume::source, fill_source);
  return f.missing();
}

}  // namespace orrery::api
