// What the programs that hold whole clusters ask of jemalloc (CMakeLists.txt, orrery_allocator): large pages, since a cluster's
// objects are visited in no order of addresses and small pages miss the TLB at every step; one arena, since one thread does all;
// and nothing given back while the program runs, since it will need it again and the system clears pages first.

extern "C" {
/// Read by jemalloc at its start (jemalloc(3), TUNING).
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,metadata_thp:always,narenas:1,dirty_decay_ms:-1,muzzy_decay_ms:-1";
}
