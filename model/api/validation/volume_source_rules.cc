#include "model/api/validation/claim_validation.h"

namespace orrery::api {

namespace {

constexpr std::string_view kHostPathTypes[] = {
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"};

bool is_host_path_type(std::string_view type) {
  for (const std::string_view t : kHostPathTypes)
    if (t == type) return true;
  return false;
}

}  // namespace

void check_host_path(const HostPathVolumeSource& source, const FieldPath& path, ErrorList& errors) {
  if (source.path.empty()) return errors.required(path.child("path"), "");
  check_no_backsteps(source.path, path.child("path"), errors);
  if (source.type && !is_host_path_type(*source.type))
    errors.not_supported(path.child("type"), *source.type, std::span(kHostPathTypes));
}

void check_nfs(const NFSVolumeSource& source, const FieldPath& path, ErrorList& errors) {
  check_required(source, path, errors);
  if (!source.path.view().starts_with("/"))
    errors.invalid(path.child("path"), source.path, "must be an absolute path");
}

void check_fc(const FCVolumeSource& source, const FieldPath& path, ErrorList& errors) {
  if (source.target_wwns.empty() && source.wwids.empty())
    errors.required(path.child("targetWWNs"), "must specify either targetWWNs or wwids, but not both");
  if (source.target_wwns.empty()) return;
  if (!source.wwids.empty())
    errors.invalid(path.child("targetWWNs"),
                   BadValue::list({source.target_wwns.begin(), source.target_wwns.size()}),
                   "targetWWNs and wwids can not be specified simultaneously");
  if (!source.lun) errors.required(path.child("lun"), "lun is required if targetWWNs is specified");
  else if (*source.lun < 0 || *source.lun > 255)
    errors.invalid(path.child("lun"), *source.lun, inclusive_range_message(0, 255));
}

void check_flocker(const FlockerVolumeSource& source, const FieldPath& path, ErrorList& errors) {
  if (source.dataset_name.empty() && source.dataset_uuid.empty())
    errors.required(path, "one of datasetName and datasetUUID is required");
  if (!source.dataset_name.empty() && !source.dataset_uuid.empty())
    errors.invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
  if (source.dataset_name.view().find('/') != std::string_view::npos)
    errors.invalid(path.child("datasetName"), source.dataset_name, "must not contain '/'");
}

void check_csi_driver(std::string_view driver, const FieldPath& path, ErrorList& errors) {
  constexpr std::size_t kMax = 63;
  if (driver.empty()) errors.required(path, "");
  if (driver.size() > kMax) errors.too_long(path, kMax);
  std::string lowered(driver);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  errors.invalid_each(path, driver, validate_dns1123_subdomain(lowered));
}

}  // namespace orrery::api
