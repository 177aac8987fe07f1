#include "model/codec/go_names.h"

namespace orrery::codec {
namespace {

constexpr GoName kNames[] = {
    {".apiGroup", "APIGroup", ""},
    {".apiVersion", "APIVersion", ""},
    {".dnsConfig", "DNSConfig", ""},
    {".fsType", "FSType", ""},
    {".grpc", "GRPC", ""},
    {".httpGet", "HTTPGet", ""},
    {".ip", "IP", ""},
    {".seLinuxOptions", "SELinuxOptions", ""},
    {".tcpSocket", "TCPSocket", ""},
    {".uid", "UID", "types.UID"},

    {"ObjectMeta.deletionTimestamp", "", "*v1.Time"},
    {"LabelSelectorRequirement.operator", "", "v1.LabelSelectorOperator"},

    {"PodTemplateSpec.metadata", "ObjectMeta", ""},
    {"PodSpec.restartPolicy", "", "v1.RestartPolicy"},
    {"PodSpec.dnsPolicy", "DNSPolicy", "v1.DNSPolicy"},
    {"PodSpec.serviceAccount", "DeprecatedServiceAccount", ""},
    {"PodSpec.preemptionPolicy", "", "*v1.PreemptionPolicy"},
    {"PodSpec.overhead", "", "v1.ResourceList"},
    {"PodSpec.os", "OS", ""},
    {"PodOS.name", "", "v1.OSName"},
    {"PodReadinessGate.conditionType", "", "v1.PodConditionType"},
    {"PodSecurityContext.supplementalGroupsPolicy", "", "*v1.SupplementalGroupsPolicy"},
    {"PodSecurityContext.fsGroup", "FSGroup", ""},
    {"PodSecurityContext.fsGroupChangePolicy", "FSGroupChangePolicy", "*v1.PodFSGroupChangePolicy"},
    {"PodSecurityContext.seLinuxChangePolicy", "SELinuxChangePolicy", "*v1.PodSELinuxChangePolicy"},
    {"WindowsSecurityContextOptions.gmsaCredentialSpecName", "GMSACredentialSpecName", ""},
    {"WindowsSecurityContextOptions.gmsaCredentialSpec", "GMSACredentialSpec", ""},
    {"SeccompProfile.type", "", "v1.SeccompProfileType"},
    {"AppArmorProfile.type", "", "v1.AppArmorProfileType"},
    {"Toleration.operator", "", "v1.TolerationOperator"},
    {"Toleration.effect", "", "v1.TaintEffect"},
    {"NodeSelectorRequirement.operator", "", "v1.NodeSelectorOperator"},
    {"TopologySpreadConstraint.whenUnsatisfiable", "", "v1.UnsatisfiableConstraintAction"},
    {"TopologySpreadConstraint.nodeAffinityPolicy", "", "*v1.NodeInclusionPolicy"},
    {"TopologySpreadConstraint.nodeTaintsPolicy", "", "*v1.NodeInclusionPolicy"},

    {"Container.restartPolicy", "", "*v1.ContainerRestartPolicy"},
    {"Container.terminationMessagePolicy", "", "v1.TerminationMessagePolicy"},
    {"Container.imagePullPolicy", "", "v1.PullPolicy"},
    {"Container.tty", "TTY", ""},
    {"EphemeralContainer.", "EphemeralContainerCommon", "v1.EphemeralContainerCommon"},
    {"ContainerPort.protocol", "", "v1.Protocol"},
    {"ContainerResizePolicy.resourceName", "", "v1.ResourceName"},
    {"ContainerResizePolicy.restartPolicy", "", "v1.ResourceResizeRestartPolicy"},
    {"VolumeMount.recursiveReadOnly", "", "*v1.RecursiveReadOnlyMode"},
    {"VolumeMount.mountPropagation", "", "*v1.MountPropagationMode"},
    {"ResourceRequirements.limits", "", "v1.ResourceList"},
    {"ResourceRequirements.requests", "", "v1.ResourceList"},
    {"SecurityContext.procMount", "", "*v1.ProcMountType"},
    {"Capabilities.add", "", "[]v1.Capability"},
    {"Capabilities.drop", "", "[]v1.Capability"},
    {"HTTPGetAction.scheme", "", "v1.URIScheme"},
    {"HTTPGetAction.httpHeaders", "HTTPHeaders", ""},
    {"Lifecycle.stopSignal", "", "*v1.Signal"},

    {"HostPathVolumeSource.type", "", "*v1.HostPathType"},
    {"EmptyDirVolumeSource.medium", "", "v1.StorageMedium"},
    {"ImageVolumeSource.pullPolicy", "", "v1.PullPolicy"},
    {"VolumeSource.gcePersistentDisk", "GCEPersistentDisk", ""},
    {"VolumeSource.awsElasticBlockStore", "AWSElasticBlockStore", ""},
    {"VolumeSource.nfs", "NFS", ""},
    {"VolumeSource.iscsi", "ISCSI", ""},
    {"VolumeSource.rbd", "RBD", ""},
    {"VolumeSource.cephfs", "CephFS", ""},
    {"VolumeSource.fc", "FC", ""},
    {"VolumeSource.storageos", "StorageOS", ""},
    {"VolumeSource.csi", "CSI", ""},
    {"GCEPersistentDiskVolumeSource.pdName", "PDName", ""},
    {"GlusterfsVolumeSource.endpoints", "EndpointsName", ""},
    {"RBDVolumeSource.monitors", "CephMonitors", ""},
    {"RBDVolumeSource.image", "RBDImage", ""},
    {"RBDVolumeSource.pool", "RBDPool", ""},
    {"RBDVolumeSource.user", "RadosUser", ""},
    {"ISCSIVolumeSource.iqn", "IQN", ""},
    {"ISCSIVolumeSource.iscsiInterface", "ISCSIInterface", ""},
    {"ISCSIVolumeSource.chapAuthDiscovery", "DiscoveryCHAPAuth", ""},
    {"ISCSIVolumeSource.chapAuthSession", "SessionCHAPAuth", ""},
    {"FCVolumeSource.wwids", "WWIDs", ""},
    {"ScaleIOVolumeSource.sslEnabled", "SSLEnabled", ""},
    {"AzureDiskVolumeSource.diskURI", "DataDiskURI", ""},
    {"AzureDiskVolumeSource.cachingMode", "", "*v1.AzureDataDiskCachingMode"},
    {"AzureDiskVolumeSource.kind", "", "*v1.AzureDataDiskKind"},

    {"PersistentVolumeClaimTemplate.metadata", "ObjectMeta", ""},
    {"PersistentVolumeClaimSpec.accessModes", "", "[]v1.PersistentVolumeAccessMode"},
    {"PersistentVolumeClaimSpec.volumeMode", "", "*v1.PersistentVolumeMode"},
    {"VolumeResourceRequirements.limits", "", "v1.ResourceList"},
    {"VolumeResourceRequirements.requests", "", "v1.ResourceList"},
};

bool is_field(std::string_view of, std::string_view struct_name, std::string_view json) {
  return of.size() == struct_name.size() + 1 + json.size() && of.starts_with(struct_name) &&
         of[struct_name.size()] == '.' && of.ends_with(json);
}

}  // namespace

GoName go_name(std::string_view struct_name, std::string_view json) {
  for (const std::string_view owner : {struct_name, std::string_view()})
    for (const GoName& row : kNames)
      if (is_field(row.of, owner, json)) return row;
  return {};
}

}  // namespace orrery::codec
