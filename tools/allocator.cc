// What the programs that hold whole clusters ask of their allocator (CMakeLists.txt, orrery_allocator).
#include <mimalloc.h>

namespace {

/// Large pages: a cluster's objects are visited in no order of addresses, so that small pages miss the TLB at every step.
struct LargePages {
  LargePages() { mi_option_enable(mi_option_large_os_pages); }
};
const LargePages kLargePages;

}  // namespace
