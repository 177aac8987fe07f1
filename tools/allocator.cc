// What the programs that hold whole clusters ask of jemalloc (CMakeLists.txt, orrery_allocator): large pages, since a cluster's
// objects are visited in no order of addresses and small pages miss the TLB at every step; one arena, since one thread does all;
// nothing given back while the program runs, not even what is larger than 8 MiB, since it will need it again and the system clears
// pages first; and free room of any size used for small objects, too, which jemalloc by itself leaves alone for large ones to come.

extern "C" {
/// Read by jemalloc at its start (jemalloc(3), TUNING).
extern const char* malloc_conf;
const char* malloc_conf =
    "thp:always,metadata_thp:always,narenas:1,dirty_decay_ms:-1,muzzy_decay_ms:-1,oversize_threshold:0,"
    "lg_extent_max_active_fit:40";
}
