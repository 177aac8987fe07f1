#include "control/controllers/namespace_conditions.h"

#include <algorithm>

namespace orrery::controllers {
namespace {

struct Fine {
  const char* type;
  const char* reason;
  const char* message;
};
constexpr Fine kFine[] = {
    {"NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered",
     "All resources successfully discovered"},
    {"NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions",
     "All legacy kube types successfully parsed"},
    {"NamespaceDeletionContentFailure", "ContentDeleted",
     "All content successfully deleted, may be waiting on finalization"},
    {"NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"},
    {"NamespaceFinalizersRemaining", "ContentHasNoFinalizers",
     "All content-preserving finalizers finished"},
};

template <class Items>
std::string joined(const Items& items) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ", ";
    out += item;
  }
  return out;
}

void complain(api::NamespaceCondition& c, const NamespaceRemains& left) {
  std::vector<std::string> parts;
  if (c.type == "NamespaceDeletionContentFailure" && !left.errors.empty()) {
    parts = left.errors;
    std::sort(parts.begin(), parts.end());
    c.reason = "ContentDeletionFailed";
    c.message = base::cat("Failed to delete all resource types, ", std::to_string(parts.size()),
                          " remaining: ", joined(parts));
  } else if (c.type == "NamespaceContentRemaining" && !left.resources.empty()) {
    for (const auto& [name, n] : left.resources) {
      parts.push_back(base::cat(name, " has ", std::to_string(n), " resource instances"));
    }
    c.reason = "SomeResourcesRemain";
    c.message = base::cat("Some resources are remaining: ", joined(parts));
  } else if (c.type == "NamespaceFinalizersRemaining" && !left.finalizers.empty()) {
    for (const auto& [name, n] : left.finalizers) {
      parts.push_back(base::cat(name, " in ", std::to_string(n), " resource instances"));
    }
    c.reason = "SomeFinalizersRemain";
    c.message =
        base::cat("Some content in the namespace has finalizers remaining: ", joined(parts));
  } else {
    return;
  }
  c.status = "True";
}

}  // namespace

bool set_deletion_conditions(api::NamespaceStatus& status, const NamespaceRemains& left,
                             api::Time now) {
  bool changed = false;
  for (const Fine& fine : kFine) {
    api::NamespaceCondition next;
    next.type = fine.type;
    next.status = "False";
    next.reason = fine.reason;
    next.message = fine.message;
    next.last_transition_time = now;
    complain(next, left);
    std::size_t i = 0;
    while (i < status.conditions.size() && !(status.conditions[i].type == next.type)) ++i;
    if (i == status.conditions.size()) {
      status.conditions.push_back(next);
      changed = true;
      continue;
    }
    const api::NamespaceCondition& old = status.conditions[i];
    if (old.status == next.status && old.reason == next.reason && old.message == next.message)
      continue;
    if (old.status == next.status) next.last_transition_time = old.last_transition_time;
    status.conditions.edit()[i] = next;
    changed = true;
  }
  return changed;
}

}  // namespace orrery::controllers
