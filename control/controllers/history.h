// Controller history: the templates of a StatefulSet or DaemonSet as ControllerRevisions (pkg/controller/history).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "control/client/client.h"
#include "model/api/controller_revision.h"
#include "model/api/object.h"
#include "model/api/pod_template.h"

namespace orrery::controllers {

using base::Str;
using RevisionHandle = api::Handle<api::ControllerRevision>;
using RevisionList = std::vector<RevisionHandle>;

/// The label that StatefulSet revisions carry their hash in.
inline constexpr std::string_view kRevisionHashLabel = "controller.kubernetes.io/hash";
/// The label that tells a pod's revision; DaemonSet revisions carry their hash in it, too.
inline constexpr std::string_view kControllerRevisionHashLabel = "controller-revision-hash";

/// {"spec":{"template":{"$patch":"replace",...}}} with sorted keys: byte for byte what upstream stores and hashes.
std::string template_patch(const api::PodTemplateSpec& pod_template);
/// Inverse of template_patch; nullopt when `data` is no such patch.
std::optional<api::PodTemplateSpec> template_of(const api::ControllerRevision& revision);
/// JSON with the keys of every object sorted.
void write_sorted_json(const api::Type& type, const void* value, std::string& out);

/// FNV-1 of the data and the collision count, as a label value.
Str revision_hash(std::string_view data, std::optional<std::int32_t> collision_count);
/// "PARENT-HASH", the parent's name cut to 223 bytes.
Str revision_name(std::string_view parent, std::string_view hash);
/// By revision, then age, then name.
void sort_revisions(RevisionList& revisions);
std::int64_t next_revision(const RevisionList& sorted);
/// Same data.
bool equal_revisions(const api::ControllerRevision& a, const api::ControllerRevision& b);
/// A revision of `owner`'s template, without hash and name (DaemonSet) until name_revision.
api::ControllerRevision new_revision(const api::Object& owner, const api::PodTemplateSpec& pod_template,
                                     std::int64_t revision);

/// Writes the revision's number unless it has it; retried on conflict.
client::ApiFuture update_revision(client::Client& client, RevisionHandle revision, std::int64_t number);

}  // namespace orrery::controllers
