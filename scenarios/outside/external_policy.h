// ExternalPolicy: a policy that is a process of its own and speaks JSON, one object a line, on its standard input and output.
//
// First, and whenever nodes have come or gone:
//   {"orrery":1,"seed":42,"nodes":[{"name":"n0","cpu":96000,"memory":1024,"pods":1001,"gpus":8,"model":"V100"},...]}
//   answer: {"orrery":1}
// Then for each pod that at least two nodes can take:
//   {"pod":{"name":"p","cpu":4000,"memory":512,"gpus":1,"milli":500,"models":"","priority":0},
//    "free":[[0,92000,512,[1000,500]],...], "fit":[[0,17],[20,21]]}
//   answer: {"node":3} or {"scores":[0.5,...]}
// Nodes are numbers, their places in "nodes". "free" tells what is left (cpu in thousandths, memory in bytes, thousandths of each
// GPU) of the nodes where that has changed since it was last told; at first everything is free that is not in "free". "fit" holds
// ranges [from, to) of the nodes that can take the pod; "node" must be one of them, "scores" has a number for each, in order; the
// greatest is best, of equal ones the first (`ties: random` in the bench file: one drawn by seed).
//
// The process is started with the first question, once per run (seed, trace, size) and scheduler that asks, ends when its input ends,
// and must answer the same to the same: what it answers is in the digest. What it prints on standard error goes to the terminal.
#pragma once
#include <memory>

#include "control/scheduler/policies/adviser.h"
#include "model/base/hash.h"
#include "scenarios/outside/outside.h"

namespace orrery::scenarios {

/// Throws PolicyFailure. `label` names it in messages, `open` starts it.
class ExternalPolicy final : public scheduler::Adviser {
 public:
  using Open = std::function<std::unique_ptr<LineChannel>()>;
  ExternalPolicy(std::string label, Open open, const scheduler::Snapshot& snapshot, std::uint64_t seed);
  std::vector<double> advise(const scheduler::PodInfo& pod, std::span<const scheduler::NodeInfo* const> feasible) override;
  std::uint64_t digest() const override { return digest_.value(); }

 private:
  codec::JsonValue ask(const std::string& line, const std::string& about);
  void introduce();
  codec::JsonValue changed_nodes();
  std::vector<double> read_answer(const codec::JsonValue& answer, std::span<const std::uint32_t> fit, const std::string& about) const;

  std::string label_;
  Open open_;
  std::unique_ptr<LineChannel> channel_;     // null until it is asked
  const scheduler::Snapshot& snapshot_;
  std::uint64_t seed_;
  std::uint64_t order_ = 0;                  // of the nodes that were told
  std::vector<std::uint64_t> told_;          // by place: the generation that was told
  base::Digest digest_;
};

/// Makes such policies, each with a process of its own.
std::function<std::unique_ptr<scheduler::Adviser>(const scheduler::Snapshot&, std::uint64_t seed)> external_adviser(
    std::string label, ExternalCommand command, const Outside& outside);

}  // namespace orrery::scenarios
