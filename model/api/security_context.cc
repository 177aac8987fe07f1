#include "model/api/security_context.h"

namespace orrery::api {

ORRERY_STRUCT(SELinuxOptions,
  FIELD(user, "user", 1).omit(),
  FIELD(role, "role", 2).omit(),
  FIELD(type, "type", 3).omit(),
  FIELD(level, "level", 4).omit())

ORRERY_STRUCT(WindowsSecurityContextOptions,
  FIELD(gmsa_credential_spec_name, "gmsaCredentialSpecName", 1).omit(),
  FIELD(gmsa_credential_spec, "gmsaCredentialSpec", 2).omit(),
  FIELD(run_as_user_name, "runAsUserName", 3).omit(),
  FIELD(host_process, "hostProcess", 4).omit())

ORRERY_STRUCT(SeccompProfile,
  FIELD(type, "type", 1).required().values("Localhost,RuntimeDefault,Unconfined"),
  FIELD(localhost_profile, "localhostProfile", 2).omit())

ORRERY_STRUCT(AppArmorProfile,
  FIELD(type, "type", 1).required().values("Localhost,RuntimeDefault,Unconfined"),
  FIELD(localhost_profile, "localhostProfile", 2).omit())

ORRERY_STRUCT(Capabilities,
  FIELD(add, "add", 1).omit(),
  FIELD(drop, "drop", 2).omit())

ORRERY_STRUCT(Sysctl,
  FIELD(name, "name", 1).required(),
  FIELD(value, "value", 2).required())

ORRERY_STRUCT(PodSecurityContext,
  FIELD(se_linux_options, "seLinuxOptions", 1).omit(),
  FIELD(windows_options, "windowsOptions", 8).omit(),
  FIELD(run_as_user, "runAsUser", 2).omit(),
  FIELD(run_as_group, "runAsGroup", 6).omit(),
  FIELD(run_as_non_root, "runAsNonRoot", 3).omit(),
  FIELD(supplemental_groups, "supplementalGroups", 4).omit(),
  FIELD(supplemental_groups_policy, "supplementalGroupsPolicy", 12).omit().values("Merge,Strict"),
  FIELD(fs_group, "fsGroup", 5).omit(),
  FIELD(sysctls, "sysctls", 7).omit(),
  FIELD(fs_group_change_policy, "fsGroupChangePolicy", 9).omit().values("OnRootMismatch,Always"),
  FIELD(seccomp_profile, "seccompProfile", 10).omit(),
  FIELD(app_armor_profile, "appArmorProfile", 11).omit(),
  FIELD(se_linux_change_policy, "seLinuxChangePolicy", 13).omit().values("MountOption,Recursive"))

ORRERY_STRUCT(SecurityContext,
  FIELD(capabilities, "capabilities", 1).omit(),
  FIELD(privileged, "privileged", 2).omit(),
  FIELD(se_linux_options, "seLinuxOptions", 3).omit(),
  FIELD(windows_options, "windowsOptions", 10).omit(),
  FIELD(run_as_user, "runAsUser", 4).omit(),
  FIELD(run_as_group, "runAsGroup", 8).omit(),
  FIELD(run_as_non_root, "runAsNonRoot", 5).omit(),
  FIELD(read_only_root_filesystem, "readOnlyRootFilesystem", 6).omit(),
  FIELD(allow_privilege_escalation, "allowPrivilegeEscalation", 7).omit(),
  FIELD(proc_mount, "procMount", 9).omit().values("Default,Unmasked"),
  FIELD(seccomp_profile, "seccompProfile", 11).omit(),
  FIELD(app_armor_profile, "appArmorProfile", 12).omit())

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::PodSecurityContext>;
template class Box<api::SecurityContext>;
}  // namespace orrery::base
