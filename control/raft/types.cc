#include "control/raft/types.h"

#include <algorithm>

namespace orrery::raft {

InitialState InitialState::bootstrap(std::vector<NodeId> voters) {
  std::sort(voters.begin(), voters.end());
  auto snapshot = base::make_ref<Snapshot>();
  snapshot->index = 1;
  snapshot->term = 1;
  snapshot->conf.voters = std::move(voters);
  InitialState state;
  state.hard = {.term = 1, .vote = 0, .commit = 1};
  state.snapshot = std::move(snapshot);
  return state;
}

const char* to_string(MessageType type) {
  static constexpr const char* kNames[kMessageTypes] = {
      "append",      "append-reply",   "commit",     "heartbeat",       "heartbeat-reply",
      "pre-vote",    "pre-vote-reply", "vote",       "vote-reply",      "snapshot",
      "timeout-now", "propose",        "read-index", "read-index-reply"};
  return kNames[static_cast<int>(type)];
}

}  // namespace orrery::raft
