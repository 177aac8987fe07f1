// The pod of a what-if: a manifest as one would create it, or a pod of the dump.
#pragma once
#include <string>

#include "scenarios/whatif/cluster_dump.h"

namespace orrery::scenarios::whatif {

struct PodArgument {
  api::ObjectRef pod;      ///< on no node
  base::Str bound_to;      ///< the node it is on in the dump
};

/// `argument` is a file ("-": standard input), NAME, or NAMESPACE/NAME of a pod of the dump. A manifest that the API has not
/// returned yet (no uid) is defaulted, admitted (RuntimeClass, LimitRanges, priority, default tolerations, label keys of affinity) and
/// validated as the apiserver would; it stands for a pod of the same name in the dump. A pod that is bound is taken off its
/// node. Throws InputError: neither file nor pod, several of that name, not a Pod, ended, being deleted, refused by the
/// apiserver.
PodArgument find_pod(const ClusterDump& dump, const std::string& argument);
/// The same from the text of a manifest.
PodArgument read_pod(const ClusterDump& dump, const std::string& file, std::string_view text);

}  // namespace orrery::scenarios::whatif
