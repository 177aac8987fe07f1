// Component: what a simulated process is made of; see model/env/component.h.
#pragma once
#include "model/env/component.h"

namespace orrery::sim {

using env::Component;
using env::ComponentFactory;
using env::hold;
using env::Holder;

}  // namespace orrery::sim
