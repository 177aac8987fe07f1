#include <cstdio>

#include "scenarios/load/input_error.h"
#include "scenarios/load/packed_file.h"
#include "scenarios/whatif/what_if.h"
#include "tools/cli/commands.h"
#include "tools/cli/policy_library.h"

namespace orrery::cli {
namespace {

scheduler::Configuration configuration_of(const std::string& file, const std::vector<std::string>& libraries) {
  const std::vector<const scheduler::OutsidePlugin*> outside = plugins_of(libraries);
  if (file.empty() && !outside.empty()) {
    throw scenarios::InputError{"--plugin", 0, "", "gives plugins that nothing names; name them in a configuration and give that with --config"};
  }
  if (file.empty()) return scheduler::default_configuration();
  auto read = scheduler::read_configuration(scenarios::read_packed_file(file), outside);
  if (!read.ok()) throw scenarios::InputError{file, read.error().line, read.error().path, read.error().what};
  return std::move(*read);
}

}  // namespace

int explain(const ExplainCommand& command) {
  if (!command.run.empty()) return explain_run(command);
  const scheduler::Configuration configuration = configuration_of(command.config, command.libraries);
  const scenarios::whatif::ClusterDump dump = scenarios::whatif::read_cluster_dump(command.cluster);
  const scenarios::whatif::PodArgument pod = scenarios::whatif::find_pod(dump, command.pod);
  const std::string config_name = command.config.empty() ? "the default configuration (give another with --config)" : command.config;
  const scenarios::whatif::Answer answer = scenarios::whatif::what_if(dump, pod, configuration, config_name);
  if (command.annotations) std::printf("%s\n", scheduler::to_annotations(answer.explanation).dump().c_str());
  else if (command.json) std::printf("%s\n", scheduler::to_json(answer.pod, answer.explanation).dump().c_str());
  else std::fputs(scheduler::to_text(answer.pod, answer.explanation).c_str(), stdout);
  return 0;
}

}  // namespace orrery::cli
