// ConfChange: one step of membership, the payload of a kConfChange entry. It takes effect when it is
// applied.
#pragma once
#include "control/raft/types.h"

namespace orrery::raft {

enum class ConfChangeKind : std::uint8_t { kAddVoter, kAddLearner, kRemove };

/// kAddVoter on a learner promotes it; kAddLearner on a voter is refused (the change has no effect).
/// `context` is the proposer's, opaque here (the store puts the member's address and its request id into
/// it).
class ConfChange : public env::Body {
 public:
  ConfChange(ConfChangeKind kind, NodeId node, std::string context = {})
      : kind_(kind), node_(node), context_(std::move(context)) {}
  static const env::BodyType kType;
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override { return 9 + context_.size(); }
  void encode(std::string& out) const override;
  std::uint64_t content_hash() const override;

  ConfChangeKind kind() const { return kind_; }
  NodeId node() const { return node_; }
  const std::string& context() const { return context_; }

 private:
  ConfChangeKind kind_;
  NodeId node_;
  std::string context_;
};

/// `conf` after `change`; equal to `conf` when the change does not apply (an unknown member removed, the
/// last voter removed, a voter demoted, too many voters).
ConfState apply(const ConfState& conf, const ConfChange& change);

}  // namespace orrery::raft
