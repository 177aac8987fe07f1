// Plan: what the driver of a history did, as requests, kubectl commands and node stops that can be replayed.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/api/request.h"
#include "scenarios/conform/history.h"

namespace orrery::scenarios::conform {

struct Step {
  enum class Kind : std::uint8_t { kRequest, kKubectl, kStopNodes, kStartNodes, kAddNode, kProcess };
  Kind kind = Kind::kRequest;
  int line = 0;
  Nanos t = 0;
  std::string text;  ///< as recorded

  // kRequest, kAddNode (a node that the fake kubelet runs from then on)
  api::Verb verb = api::Verb::kCreate;
  api::KindId object_kind = api::KindId::kNone;
  std::string resource, subresource, ns, name, body;
  api::PatchType patch = api::PatchType::kNone;
  std::optional<std::int64_t> grace_seconds;
  api::Propagation propagation = api::Propagation::kDefault;
  bool dry_run = false;
  std::string label_selector, field_selector;                        ///< of a deleted collection
  std::string precondition_uid, precondition_resource_version;  ///< of a delete

  /// kKubectl: without "kubectl"; kStopNodes, kStartNodes: the nodes; kProcess: "kube-scheduler" and what happens to it:
  /// "kill" (somebody else starts it again), "stop" (until "start"), "pause", "resume".
  std::vector<std::string> words;
  Nanos took = 0;                  ///< kKubectl
  std::string restarted_at;        ///< kKubectl "rollout restart": the time that it wrote, part of the template's hash
  bool present = false;            ///< created though it was there already, unseen: here it is made
  bool failed = false;             ///< the recorded apiserver refused it; kKubectl: it ended with an error
};

/// The actions of a history in order. Throws InputError for one that this program cannot do; reads and waits
/// are left out.
std::vector<Step> plan_of(const History& history);

/// Splits a command line as a shell does: blanks, single and double quotes, backslashes.
std::vector<std::string> split_command(std::string_view text);

}  // namespace orrery::scenarios::conform
