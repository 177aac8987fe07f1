#include "real/containers/no_containers.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace orrery::real {
namespace {

base::Str first_line(const char* file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return base::Str(line);
}

}  // namespace

env::MachineInfo NoContainers::machine() const {
  env::MachineInfo info;
  info.cpu_milli = sysconf(_SC_NPROCESSORS_ONLN) * 1000;
  info.memory_bytes = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  info.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  info.machine_id = first_line("/etc/machine-id");
  struct utsname name;
  if (uname(&name) == 0) {
    info.kernel_version = name.release;
    info.os_image = name.sysname;
    info.architecture = std::string_view(name.machine) == "x86_64" ? "amd64" : name.machine;
  }
  return info;
}

}  // namespace orrery::real
