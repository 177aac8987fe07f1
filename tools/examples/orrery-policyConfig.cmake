# orrery::policy: what plugins outside the tree are built against.
get_filename_component(_orrery_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET orrery::policy)
  add_library(orrery::policy INTERFACE IMPORTED)
  target_include_directories(orrery::policy INTERFACE "${_orrery_prefix}/include/orrery")
  target_compile_features(orrery::policy INTERFACE cxx_std_20)
  # Fields are called as in Kubernetes, and GNU's dialect defines `linux`.
  target_compile_options(orrery::policy INTERFACE -ffp-contract=off -Ulinux)
endif()
