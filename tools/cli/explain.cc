#include <cstdio>

#include "scenarios/load/input_error.h"
#include "scenarios/load/packed_file.h"
#include "scenarios/whatif/what_if.h"
#include "tools/cli/commands.h"

namespace orrery::cli {
namespace {

scheduler::Configuration configuration_of(const std::string& file) {
  if (file.empty()) return scheduler::default_configuration();
  auto read = scheduler::read_configuration(scenarios::read_packed_file(file));
  if (!read.ok()) throw scenarios::InputError{file, read.error().line, read.error().path, read.error().what};
  return std::move(*read);
}

}  // namespace

int explain(const ExplainCommand& command) {
  if (!command.run.empty()) return explain_run(command);
  const scheduler::Configuration configuration = configuration_of(command.config);
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
