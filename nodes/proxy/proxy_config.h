// ProxyConfig: what one kube-proxy is told.
#pragma once
#include <vector>

#include "model/base/str.h"
#include "model/base/time.h"
#include "model/env/network.h"

namespace orrery::proxy {

using base::Str;

struct ProxyConfig {
  Str node_name;                               ///< empty: the machine's host name
  std::vector<env::Address> apiservers;        ///< tried in order
  base::Nanos min_sync = base::kSecond;        ///< least time between two changes of the table
  double api_qps = 5;
  int api_burst = 10;
};

}  // namespace orrery::proxy
