// What the programs that hold whole clusters ask of their allocator (CMakeLists.txt, orrery_allocator).
#include <mimalloc.h>

namespace {

/// Large pages, since a cluster's objects are visited in no order of addresses and small pages miss the TLB at every step; and none
/// given back while the program runs, since it will need them again and the system clears them first.
struct Options {
  Options() {
    mi_option_enable(mi_option_large_os_pages);
    mi_option_disable(mi_option_allow_decommit);
  }
};
const Options kOptions;

}  // namespace
