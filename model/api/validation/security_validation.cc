#include <algorithm>

#include "model/api/validation/pod_validation.h"
#include "model/base/ascii.h"

namespace orrery::api {

namespace {

constexpr std::string_view kProfileTypes[] = {"Localhost", "RuntimeDefault", "Unconfined"};
constexpr std::string_view kSysctlFormat =
    "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
constexpr std::size_t kSysctlMax = 253;
constexpr std::size_t kAppArmorMax = 4095;
constexpr std::size_t kGmsaSpecMax = 64 * 1024;
constexpr std::size_t kWindowsDomainMax = 256;
constexpr std::size_t kWindowsUserMax = 104;
constexpr std::string_view kWindowsText = "cannot be set for a windows pod";

bool is_profile_type(std::string_view type) {
  return std::find(std::begin(kProfileTypes), std::end(kProfileTypes), type) != std::end(kProfileTypes);
}

void check_seccomp(const SeccompProfile* profile, const FieldPath& path, ErrorList& errors) {
  if (!profile) return;
  if (profile->type.empty())
    errors.required(path.child("type"), "type is required when seccompProfile is set");
  else if (!is_profile_type(profile->type))
    errors.not_supported(path.child("type"), profile->type, std::span(kProfileTypes));
  const FieldPath at = path.child("localhostProfile");
  if (profile->type == "Localhost") {
    if (!profile->localhost_profile) errors.required(at, "must be set when seccomp type is Localhost");
    else check_descending_path(*profile->localhost_profile, at, errors);
  } else if (profile->localhost_profile) {
    errors.invalid(at, bad_struct("core.SeccompProfile"), "can only be set when seccomp type is Localhost");
  }
}

void check_app_armor_localhost(const AppArmorProfile& profile, const FieldPath& at, ErrorList& errors) {
  if (!profile.localhost_profile || profile.localhost_profile->empty())
    return errors.required(at, "must be set when AppArmor type is Localhost");
  const std::string_view name = *profile.localhost_profile;
  if (base::is_space(name.front()) || base::is_space(name.back()))
    errors.invalid(at, name, "must not be padded with whitespace");
  if (name.size() > kAppArmorMax) errors.too_long(at, kAppArmorMax);
}

void check_app_armor(const AppArmorProfile* profile, const FieldPath& path, ErrorList& errors) {
  if (!profile) return;
  const FieldPath at = path.child("localhostProfile");
  if (profile->type == "Localhost") return check_app_armor_localhost(*profile, at, errors);
  if (profile->type.empty())
    return errors.required(path.child("type"), "type is required when appArmorProfile is set");
  if (!is_profile_type(profile->type))
    return errors.not_supported(path.child("type"), profile->type, std::span(kProfileTypes));
  if (profile->localhost_profile)
    errors.invalid(at, *profile->localhost_profile, "can only be set when AppArmor type is Localhost");
}

void check_user(const std::optional<std::int64_t>& id, const FieldPath& path, ErrorList& errors) {
  if (!id) return;
  for (const std::string& message : validate_user_id(*id)) errors.invalid(path, *id, message);
}

void check_group(const std::optional<std::int64_t>& id, const FieldPath& path, ErrorList& errors) {
  if (!id) return;
  for (const std::string& message : validate_group_id(*id)) errors.invalid(path, *id, message);
}

bool contains_any(std::string_view text, std::string_view chars) {
  return text.find_first_of(chars) != std::string_view::npos;
}

bool is_windows_domain(std::string_view domain) {
  const bool netbios =
      !domain.empty() && domain.size() <= 15 && domain.front() != '.' && !contains_any(domain, "\\/:*?\"<>|");
  if (netbios) return true;
  std::string lowered(domain);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return validate_dns1123_subdomain(lowered).empty();
}

void check_windows_user(std::string_view name, const FieldPath& at, ErrorList& errors) {
  const auto fail = [&](std::string_view text) { errors.invalid(at, name, text); };
  if (name.empty()) return fail("runAsUserName cannot be an empty string");
  if (std::any_of(name.begin(), name.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return fail("runAsUserName cannot contain control characters");
  const std::size_t slash = name.find('\\');
  const bool has_domain = slash != std::string_view::npos;
  if (has_domain && name.find('\\', slash + 1) != std::string_view::npos)
    return fail("runAsUserName cannot contain more than one backslash");
  const std::string_view domain = has_domain ? name.substr(0, slash) : std::string_view();
  const std::string_view user = has_domain ? name.substr(slash + 1) : name;
  if (domain.size() >= kWindowsDomainMax) fail("runAsUserName's Domain length must be under 256 characters");
  if (has_domain && !is_windows_domain(domain))
    fail("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user.empty()) fail("runAsUserName's User cannot be empty");
  else if (user.size() > kWindowsUserMax)
    fail("runAsUserName's User length must not be longer than 104 characters");
  if (!user.empty() && user.find_first_not_of(". ") == std::string_view::npos)
    fail("runAsUserName's User cannot contain only periods or spaces");
  if (contains_any(user, "\"/\\:;|=,+*?<>@[]"))
    fail("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
}

void check_windows_options(const WindowsSecurityContextOptions* options, const FieldPath& path,
                           ErrorList& errors) {
  if (!options) return;
  if (options->gmsa_credential_spec_name)
    check_subdomain(*options->gmsa_credential_spec_name, path.child("gmsaCredentialSpecName"), errors);
  if (options->gmsa_credential_spec) {
    const FieldPath at = path.child("gmsaCredentialSpec");
    const Str& spec = *options->gmsa_credential_spec;
    if (spec.empty()) errors.invalid(at, spec, "gmsaCredentialSpec cannot be an empty string");
    else if (spec.size() > kGmsaSpecMax)
      errors.invalid(at, spec, "gmsaCredentialSpec size must be under 64 KiB");
  }
  if (options->run_as_user_name)
    check_windows_user(*options->run_as_user_name, path.child("runAsUserName"), errors);
}

bool is_sysctl_name(std::string_view name) {
  if (name.size() > kSysctlMax) return false;
  const auto is_end = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  bool start = true;
  char last = '.';
  for (const char c : name) {
    if (c == '.' || c == '/') {
      if (start || !is_end(last)) return false;
      start = true;
    } else {
      if (start ? !is_end(c) : !(is_end(c) || c == '-' || c == '_')) return false;
      start = false;
    }
    last = c;
  }
  return !start && is_end(last);
}

/// "net" or "ipc" for sysctls with a namespace of their own.
std::string_view sysctl_namespace(std::string_view name) {
  std::string dotted(name);
  const std::size_t first = name.find_first_of("./");
  // Whichever separator comes first separates.
  if (first != std::string_view::npos && name[first] == '/')
    for (char& c : dotted) c = c == '/' ? '.' : c == '.' ? '/' : c;
  const std::string_view text = dotted;
  if (text.starts_with("net.")) return "net";
  const bool ipc = text.starts_with("kernel.shm") || text.starts_with("kernel.msg") ||
                   text.starts_with("fs.mqueue.") || text == "kernel.sem";
  return ipc ? "ipc" : "";
}

void check_sysctls(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  const List<Sysctl>& sysctls = spec.security_context->sysctls;
  for (std::size_t i = 0; i < sysctls.size(); ++i) {
    const Str& name = sysctls[i].name;
    const FieldPath item = path.child_at("sysctls", i);
    const FieldPath at = item.child("name");
    if (name.empty()) errors.required(at, "");
    else if (!is_sysctl_name(name))
      errors.invalid(at, name, base::cat("must have at most 253 characters and match regex ", kSysctlFormat));
    else if (repeats(sysctls, i, [](const Sysctl& s) { return s.name.view(); })) errors.duplicate(at, name);
    const std::string_view space = sysctl_namespace(name);
    if (spec.host_network && space == "net")
      errors.invalid(at, name, "may not be specified when 'hostNetwork' is true");
    if (spec.host_ipc && space == "ipc")
      errors.invalid(at, name, "may not be specified when 'hostIPC' is true");
  }
}

void check_linux(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  constexpr std::string_view kText = "windows options cannot be set for a linux pod";
  const FieldPath context = path.child("securityContext");
  if (spec.security_context && spec.security_context->windows_options)
    errors.forbidden(context.child("windowsOptions"), kText);
  visit_containers(spec, path, [&](const Container& c, const FieldPath& at) {
    if (c.security_context && c.security_context->windows_options)
      errors.forbidden(at.child("securityContext", "windowsOptions"), kText);
  });
}

void check_windows_pod_context(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  const PodSecurityContext& c = *spec.security_context;
  const FieldPath context = path.child("securityContext");
  const auto forbid = [&](bool set, const FieldPath& parent, const char* field) {
    if (set) errors.forbidden(parent.child(field), kWindowsText);
  };
  forbid(c.app_armor_profile.has_value(), context, "appArmorProfile");
  forbid(c.se_linux_options.has_value(), context, "seLinuxOptions");
  forbid(spec.host_users.has_value(), path, "hostUsers");
  forbid(spec.host_pid, path, "hostPID");
  forbid(spec.host_ipc, path, "hostIPC");
  forbid(c.seccomp_profile.has_value(), context, "seccompProfile");
  forbid(c.fs_group.has_value(), context, "fsGroup");
  forbid(c.fs_group_change_policy.has_value(), context, "fsGroupChangePolicy");
  forbid(!c.sysctls.empty(), context, "sysctls");
  forbid(spec.share_process_namespace.has_value(), path, "shareProcessNamespace");
  forbid(c.run_as_user.has_value(), context, "runAsUser");
  forbid(c.run_as_group.has_value(), context, "runAsGroup");
  forbid(!c.supplemental_groups.is_nil(), context, "supplementalGroups");
  forbid(c.supplemental_groups_policy.has_value(), context, "supplementalGroupsPolicy");
  forbid(c.se_linux_change_policy.has_value(), context, "seLinuxChangePolicy");
}

void check_windows(const PodSpec& spec, const FieldPath& path, ErrorList& errors) {
  if (spec.security_context) check_windows_pod_context(spec, path, errors);
  visit_containers(spec, path, [&](const Container& container, const FieldPath& at) {
    if (!container.security_context) return;
    const SecurityContext& c = *container.security_context;
    const FieldPath context = at.child("securityContext");
    const auto forbid = [&](bool set, const char* field) {
      if (set) errors.forbidden(context.child(field), kWindowsText);
    };
    forbid(c.app_armor_profile.has_value(), "appArmorProfile");
    forbid(c.se_linux_options.has_value(), "seLinuxOptions");
    forbid(c.seccomp_profile.has_value(), "seccompProfile");
    forbid(c.capabilities.has_value(), "capabilities");
    forbid(c.read_only_root_filesystem.has_value(), "readOnlyRootFilesystem");
    forbid(c.privileged.has_value(), "privileged");
    forbid(c.allow_privilege_escalation.has_value(), "allowPrivilegeEscalation");
    forbid(c.proc_mount.has_value(), "procMount");
    forbid(c.run_as_user.has_value(), "runAsUser");
    forbid(c.run_as_group.has_value(), "runAsGroup");
  });
}

void check_escalation(const SecurityContext& context, const FieldPath& path, ErrorList& errors) {
  if (context.allow_privilege_escalation.value_or(true)) return;
  if (context.privileged.value_or(false))
    errors.invalid(path, bad_struct("core.SecurityContext"),
                   "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
  if (!context.capabilities) return;
  for (const Str& capability : context.capabilities->add)
    if (capability == "CAP_SYS_ADMIN")
      errors.invalid(path, bad_struct("core.SecurityContext"),
                     "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
}

}  // namespace

void check_security_context(const SecurityContext* context, const PodContext& pod, const FieldPath& path,
                            ErrorList& errors) {
  if (!context) return;
  check_user(context->run_as_user, path.child("runAsUser"), errors);
  check_group(context->run_as_group, path.child("runAsGroup"), errors);
  if (context->proc_mount) {
    const Str& mount = *context->proc_mount;
    const FieldPath at = path.child("procMount");
    if (mount != "Default" && mount != "Unmasked") errors.not_supported(at, mount, {"Default", "Unmasked"});
    if (pod.host_users && mount == "Unmasked")
      errors.invalid(at, mount, "`hostUsers` must be false to use `Unmasked`");
  }
  check_seccomp(context->seccomp_profile.get(), path.child("seccompProfile"), errors);
  check_escalation(*context, path, errors);
  check_windows_options(context->windows_options.get(), path.child("windowsOptions"), errors);
  check_app_armor(context->app_armor_profile.get(), path.child("appArmorProfile"), errors);
}

void check_pod_security_context(const PodContext& pod, const FieldPath& path, ErrorList& errors) {
  const PodSpec& spec = pod.spec;
  if (!spec.security_context) return;
  const PodSecurityContext& c = *spec.security_context;
  check_group(c.fs_group, path.child("fsGroup"), errors);
  check_user(c.run_as_user, path.child("runAsUser"), errors);
  check_group(c.run_as_group, path.child("runAsGroup"), errors);
  for (std::size_t i = 0; i < c.supplemental_groups.size(); ++i)
    check_group(c.supplemental_groups[i], path.child_at("supplementalGroups", i), errors);
  if (spec.share_process_namespace.value_or(false) && spec.host_pid)
    errors.invalid(path.child("shareProcessNamespace"), true,
                   "ShareProcessNamespace and HostPID cannot both be enabled");
  if (!c.sysctls.empty()) check_sysctls(spec, path, errors);
  if (c.fs_group_change_policy && *c.fs_group_change_policy != "Always" &&
      *c.fs_group_change_policy != "OnRootMismatch")
    errors.not_supported(path.child("fsGroupChangePolicy"), *c.fs_group_change_policy,
                         {"Always", "OnRootMismatch"});
  check_seccomp(c.seccomp_profile.get(), path.child("seccompProfile"), errors);
  check_windows_options(c.windows_options.get(), path.child("windowsOptions"), errors);
  check_app_armor(c.app_armor_profile.get(), path.child("appArmorProfile"), errors);
  if (c.supplemental_groups_policy && *c.supplemental_groups_policy != "Merge" &&
      *c.supplemental_groups_policy != "Strict")
    errors.not_supported(path.child("supplementalGroupsPolicy"), *c.supplemental_groups_policy,
                         {"Merge", "Strict"});
  if (c.se_linux_change_policy && *c.se_linux_change_policy != "MountOption" &&
      *c.se_linux_change_policy != "Recursive")
    errors.not_supported(path.child("seLinuxChangePolicy"), *c.se_linux_change_policy,
                         {"MountOption", "Recursive"});
}

void check_host_process(const PodContext& pod, const FieldPath& path, ErrorList& errors) {
  const PodSpec& spec = pod.spec;
  std::optional<bool> of_pod;
  if (spec.security_context && spec.security_context->windows_options)
    of_pod = spec.security_context->windows_options->host_process;
  std::size_t all = 0, host = 0;
  visit_containers(spec, path, [&](const Container& c, const FieldPath& at) {
    ++all;
    std::optional<bool> own;
    if (c.security_context && c.security_context->windows_options)
      own = c.security_context->windows_options->host_process;
    if (of_pod && own && *of_pod != *own) {
      const FieldPath context = at.child("securityContext", "windowsOptions");
      errors.invalid(context.child("hostProcess"), *own,
                     base::cat("pod hostProcess value must be identical if both are specified, was ",
                               *of_pod ? "true" : "false"));
    }
    host += own.value_or(of_pod.value_or(false));
  });
  if (host == 0) return;
  if (host != all)
    errors.invalid(
        path, "",
        "If pod contains any hostProcess containers then all containers must be HostProcess containers");
  if (!spec.host_network)
    errors.invalid(path.child("hostNetwork"), false,
                   "hostNetwork must be true if pod contains any hostProcess containers");
}

void check_operating_system(const PodContext& pod, const FieldPath& path, ErrorList& errors) {
  if (!pod.spec.os) return;
  const Str& name = pod.spec.os->name;
  const FieldPath at = path.child("os");
  if (name.empty()) return errors.required(at.child("name"), "cannot be empty");
  if (name == "linux") return check_linux(pod.spec, path, errors);
  if (name == "windows") return check_windows(pod.spec, path, errors);
  errors.not_supported(at, name, {"linux", "windows"});
}

}  // namespace orrery::api
