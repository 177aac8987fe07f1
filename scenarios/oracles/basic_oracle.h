// BasicOracle: what all oracles have in common: counting checks and keeping the first violations.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/base/str.h"
#include "scenarios/oracles/oracle.h"

namespace orrery::scenarios {

using api::KindId;
using base::cat;
using base::Instant;
using base::Nanos;
using base::Str;
using history::Change;
using history::RecordKind;
using Changes = std::vector<history::Change>;

class BasicOracle : public Oracle {
 public:
  /// Both texts outlive the oracle.
  BasicOracle(std::string_view id, std::string_view name) : id_(id), name_(name) {}
  std::string_view id() const override { return id_; }
  std::string_view name() const override { return name_; }
  void finish(const RunFacts&) override {}
  std::uint64_t checks() const override { return checks_; }
  /// The subject occurred: subject() was called or something was checked.
  bool applicable() const override { return subject_ || checks_ > 0; }
  const std::vector<Violation>& violations() const override { return violations_; }

 protected:
  static constexpr std::size_t kMaxViolations = 20;
  /// One comparison. `text()` is built only when it failed.
  template <class F>
  void check(bool ok, Instant at, F text) {
    ++checks_;
    if (!ok && violations_.size() < kMaxViolations) violations_.push_back({at, text()});
  }
  void subject() { subject_ = true; }

 private:
  std::string_view id_, name_;
  std::uint64_t checks_ = 0;
  bool subject_ = false;
  std::vector<Violation> violations_;
};

inline std::string num(std::int64_t v) { return std::to_string(v); }

/// "Pod shop/web-1" for messages.
inline std::string label(const api::Object& o) { return cat(o.kind().kind, " ", api::key_of(o.meta())); }

}  // namespace orrery::scenarios
