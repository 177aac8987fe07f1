#include "tools/cli/policy_library.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "control/scheduler/plugins/registry.h"
#include "model/base/str.h"
#include "scenarios/load/input_error.h"

namespace orrery::cli {
namespace {

using base::cat;
using scheduler::OutsideLibrary;
using scheduler::OutsidePlugin;

/// The loader's message without the path that stands before it.
std::string loader_error(const std::string& path) {
  const char* const text = dlerror();
  std::string out = text ? text : "unknown error";
  if (out.starts_with(path + ": ")) out = out.substr(path.size() + 2);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

void check_interface(const OutsideLibrary* library) {
  if (!library) throw std::runtime_error(cat(scheduler::kOutsideEntry, "() returns nothing"));
  if (library->version != scheduler::kOutsideVersion) {
    throw std::runtime_error(cat("is built for version ", std::to_string(library->version), " of the policy interface, this program has version ",
                                 std::to_string(scheduler::kOutsideVersion), "; build it again"));
  }
  if (library->layout != scheduler::outside_layout()) {
    throw std::runtime_error("is built against other headers, or by another compiler, than this program; build it again");
  }
}

void check_plugins(const OutsideLibrary& library) {
  if (library.count == 0) throw std::runtime_error("holds no plugin");
  const scheduler::PluginCatalogue tree;
  for (std::size_t i = 0; i < library.count; ++i) {
    const OutsidePlugin& p = library.plugins[i];
    const std::string_view name = p.name ? p.name : "";
    if (name.empty() || !p.make) throw std::runtime_error(cat("plugin ", std::to_string(i + 1), " has no name or cannot be made"));
    if (tree.find(name)) throw std::runtime_error(cat("plugin \"", name, "\" is called as one of the program's own"));
    if (p.points == 0) throw std::runtime_error(cat("plugin \"", name, "\" extends no point"));
    if (p.default_weight < 0 || p.default_weight > 100) throw std::runtime_error(cat("plugin \"", name, "\": its weight is not within 0 to 100"));
    for (std::size_t j = 0; j < i; ++j) {
      if (name == library.plugins[j].name) throw std::runtime_error(cat("plugin \"", name, "\" is there twice"));
    }
  }
}

}  // namespace

const OutsideLibrary* load_policy_library(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) throw std::runtime_error("no such file");
  const std::string path = std::filesystem::absolute(file, error).lexically_normal().string();
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) throw std::runtime_error(cat("cannot be loaded: ", loader_error(path)));
  using Entry = const OutsideLibrary* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(handle, scheduler::kOutsideEntry));
  if (!entry) throw std::runtime_error(cat("defines no ", scheduler::kOutsideEntry, "() (write ORRERY_POLICIES(...) in one of its files)"));
  const OutsideLibrary* const library = entry();
  check_interface(library);
  check_plugins(*library);
  return library;
}

std::vector<const OutsidePlugin*> plugins_of(const std::vector<std::string>& libraries) {
  std::vector<const OutsidePlugin*> out;
  for (const std::string& file : libraries) {
    try {
      const OutsideLibrary* const library = load_policy_library(file);
      for (std::size_t i = 0; i < library->count; ++i) {
        const OutsidePlugin& p = library->plugins[i];
        for (const OutsidePlugin* before : out) {
          if (std::string_view(before->name) == p.name) throw std::runtime_error(cat("plugin \"", p.name, "\" is in a library before, too"));
        }
        out.push_back(&p);
      }
    } catch (const std::runtime_error& e) {
      throw scenarios::InputError{file, 0, "", e.what()};
    }
  }
  return out;
}

}  // namespace orrery::cli
