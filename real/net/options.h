// What a process's network is told.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "model/base/time.h"
#include "model/env/message.h"

namespace orrery::real {

struct NetOptions {
  std::string host;                    ///< this machine's name, told to those it dials
  std::string listen_address = "::";   ///< IP literal to listen on
  /// Names with their IP literals, looked at first. Others must be IP literals or, with `dns`, known to the resolver.
  std::vector<std::pair<std::string, std::string>> hosts;
  bool dns = true;
  std::vector<const env::BodyType*> bodies;   ///< everything that may arrive
  base::Nanos dial_timeout = 10 * base::kSecond;
  base::Nanos keepalive_idle = 30 * base::kSecond;    ///< silence before a ping
  base::Nanos keepalive_answer = 15 * base::kSecond;  ///< silence after it that ends the connection
};

}  // namespace orrery::real
