// Security attributes of pods and containers. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/type.h"

namespace orrery::api {

struct SELinuxOptions {
  Str user, role, type, level;
};

struct WindowsSecurityContextOptions {
  std::optional<Str> gmsa_credential_spec_name, gmsa_credential_spec, run_as_user_name;
  std::optional<bool> host_process;
};

struct SeccompProfile {
  Str type;
  std::optional<Str> localhost_profile;
};

struct AppArmorProfile {
  Str type;
  std::optional<Str> localhost_profile;
};

struct Capabilities {
  List<Str> add, drop;
};

struct Sysctl {
  Str name, value;
};

struct PodSecurityContext {
  Box<SELinuxOptions> se_linux_options;
  Box<WindowsSecurityContextOptions> windows_options;
  std::optional<std::int64_t> run_as_user, run_as_group;
  std::optional<bool> run_as_non_root;
  List<std::int64_t> supplemental_groups;
  std::optional<Str> supplemental_groups_policy;
  std::optional<std::int64_t> fs_group;
  List<Sysctl> sysctls;
  std::optional<Str> fs_group_change_policy;
  Box<SeccompProfile> seccomp_profile;
  Box<AppArmorProfile> app_armor_profile;
  std::optional<Str> se_linux_change_policy;
};

struct SecurityContext {
  Box<Capabilities> capabilities;
  std::optional<bool> privileged;
  Box<SELinuxOptions> se_linux_options;
  Box<WindowsSecurityContextOptions> windows_options;
  std::optional<std::int64_t> run_as_user, run_as_group;
  std::optional<bool> run_as_non_root, read_only_root_filesystem, allow_privilege_escalation;
  std::optional<Str> proc_mount;
  Box<SeccompProfile> seccomp_profile;
  Box<AppArmorProfile> app_armor_profile;
};

ORRERY_DECLARE_STRUCT(SELinuxOptions)
ORRERY_DECLARE_STRUCT(WindowsSecurityContextOptions)
ORRERY_DECLARE_STRUCT(SeccompProfile)
ORRERY_DECLARE_STRUCT(AppArmorProfile)
ORRERY_DECLARE_STRUCT(Capabilities)
ORRERY_DECLARE_STRUCT(Sysctl)
ORRERY_DECLARE_STRUCT(PodSecurityContext)
ORRERY_DECLARE_STRUCT(SecurityContext)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::PodSecurityContext>;
extern template class Box<api::SecurityContext>;
}  // namespace orrery::base
