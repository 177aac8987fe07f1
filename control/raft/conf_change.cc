#include "control/raft/conf_change.h"

#include <algorithm>

#include "model/base/hash.h"

namespace orrery::raft {
namespace {

base::Result<env::BodyRef> decode_conf_change(std::string_view bytes) {
  if (bytes.size() < 9 || static_cast<unsigned char>(bytes[0]) > 2) {
    return base::Error{base::ErrorCode::kCorrupt, "conf change"};
  }
  NodeId node = 0;
  for (int i = 7; i >= 0; --i)
    node = node << 8 | static_cast<unsigned char>(bytes[1 + static_cast<std::size_t>(i)]);
  return env::BodyRef(base::make_ref<ConfChange>(static_cast<ConfChangeKind>(bytes[0]), node,
                                                 std::string(bytes.substr(9))));
}

bool contains(const std::vector<NodeId>& list, NodeId id) {
  return std::binary_search(list.begin(), list.end(), id);
}

void insert(std::vector<NodeId>& list, NodeId id) {
  list.insert(std::lower_bound(list.begin(), list.end(), id), id);
}

void erase(std::vector<NodeId>& list, NodeId id) {
  list.erase(std::remove(list.begin(), list.end(), id), list.end());
}

}  // namespace

const env::BodyType ConfChange::kType{101, "raft.conf-change", decode_conf_change};

void ConfChange::encode(std::string& out) const {
  out.push_back(static_cast<char>(kind_));
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(node_ >> (8 * i)));
  out += context_;
}

std::uint64_t ConfChange::content_hash() const {
  return base::combine64(base::combine64(base::hash_bytes(context_), node_),
                         static_cast<std::uint64_t>(kind_));
}

ConfState apply(const ConfState& conf, const ConfChange& change) {
  ConfState next = conf;
  const NodeId node = change.node();
  const bool voter = contains(conf.voters, node);
  const bool learner = contains(conf.learners, node);
  switch (change.kind()) {
    case ConfChangeKind::kAddVoter:
      if (voter || node == 0 || conf.voters.size() >= kMaxVoters) break;
      erase(next.learners, node);
      insert(next.voters, node);
      break;
    case ConfChangeKind::kAddLearner:
      if (!voter && !learner && node != 0) insert(next.learners, node);
      break;
    case ConfChangeKind::kRemove:
      if (voter && conf.voters.size() == 1) break;
      erase(next.voters, node);
      erase(next.learners, node);
      break;
  }
  return next;
}

}  // namespace orrery::raft
