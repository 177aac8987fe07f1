// DialRedirect: lets a machine's service table decide where a connection to a virtual address goes.
#pragma once
#include <cstdint>

#include "model/env/network.h"

namespace orrery::sim {

class DialRedirect {
 public:
  enum class Answer : std::uint8_t { kNotMine, kRefused, kRedirected };
  virtual ~DialRedirect() = default;
  /// Asked when a process of this machine dials or sends to an address whose host is not a machine, an
  /// alias or a load balancer: a cluster IP. `draw` is 64 random bits for choosing the backend; `backend`
  /// is set when redirected.
  virtual Answer redirect(const env::Address& to, std::uint64_t draw, env::Address& backend) = 0;
};

}  // namespace orrery::sim
