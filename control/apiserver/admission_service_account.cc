// The ServiceAccount plugin's change of a pod: account name, image pull secrets, token volume and
// its mounts.
#include "control/apiserver/admission.h"
#include "control/apiserver/pod_admission.h"
#include "model/api/names.h"

namespace orrery::apiserver {

namespace {

constexpr std::string_view kMountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr std::string_view kVolumePrefix = "kube-api-access-";

api::VolumeSource make_token_source() {
  api::VolumeProjection token, ca, name_space;
  api::ServiceAccountTokenProjection& t = token.service_account_token.edit();
  t.expiration_seconds = 3607;
  t.path = "token";
  api::ConfigMapProjection& c = ca.config_map.edit();
  c.ref.name = "kube-root-ca.crt";
  api::KeyToPath item;
  item.key = "ca.crt";
  item.path = "ca.crt";
  c.items = {item};
  api::DownwardAPIVolumeFile file;
  file.path = "namespace";
  api::ObjectFieldSelector& field = file.field_ref.edit();
  field.api_version = "v1";
  field.field_path = "metadata.namespace";
  name_space.downward_api.edit().items = {file};
  api::VolumeSource source;
  api::ProjectedVolumeSource& projected = source.projected.edit();
  projected.default_mode = 0644;
  projected.sources = {token, ca, name_space};
  return source;
}

bool mounted(const api::Container& c) {
  for (const api::VolumeMount& m : c.volume_mounts) {
    if (m.mount_path == kMountPath) return true;
  }
  return false;
}

bool add_mounts(api::List<api::Container>& containers, const Str& volume) {
  bool added = false;
  for (std::size_t i = 0; i < containers.size(); ++i) {
    if (mounted(containers[i])) continue;
    api::VolumeMount m;
    m.name = volume;
    m.read_only = true;
    m.mount_path = kMountPath;
    containers.edit()[i].volume_mounts.push_back(std::move(m));
    added = true;
  }
  return added;
}

}  // namespace

void Admission::make_shared_parts() {
  token_source_ = make_token_source();
  default_tolerations_ = default_tolerations();
}

void Admission::set_service_account(api::Pod& pod, const api::ServiceAccount& account) {
  api::PodSpec& spec = pod.spec.edit();
  spec.service_account_name = account.metadata.name;
  spec.service_account = account.metadata.name;
  const bool automount = spec.automount_service_account_token.value_or(
      account.automount_service_account_token.value_or(true));
  if (automount) {
    Str volume;
    bool present = false;
    for (const api::Volume& v : spec.volumes) {
      if (!v.name.view().starts_with(kVolumePrefix) || !v.source->projected) continue;
      volume = v.name;
      present = true;
    }
    if (!present) volume = base::cat(kVolumePrefix, api::random_suffix(names_, 5));
    const bool in_init = add_mounts(spec.init_containers, volume);
    const bool in_main = add_mounts(spec.containers, volume);
    if ((in_init || in_main) && !present) {
      api::Volume v;
      v.name = volume;
      v.source = token_source_;
      spec.volumes.push_back(std::move(v));
    }
  }
  if (spec.image_pull_secrets.empty()) spec.image_pull_secrets = account.image_pull_secrets;
}

}  // namespace orrery::apiserver
