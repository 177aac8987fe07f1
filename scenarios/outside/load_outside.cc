#include "scenarios/outside/load_outside.h"

#include <filesystem>

#include "model/base/str.h"

namespace orrery::scenarios {

std::vector<const scheduler::OutsidePlugin*> load_library(const YamlCursor& c, const std::string& file, const Outside& outside) {
  std::vector<const scheduler::OutsidePlugin*> out;
  if (!outside.load_library) c.fail("libraries cannot be loaded here");
  try {
    const scheduler::OutsideLibrary* const library = outside.load_library(file);
    for (std::size_t i = 0; i < library->count; ++i) out.push_back(&library->plugins[i]);
  } catch (const std::runtime_error& e) {
    c.fail(base::cat(file, ": ", e.what()));
  }
  return out;
}

ExternalCommand load_command(const YamlCursor& c, const Outside& outside, const std::function<std::string(const std::string&)>& find,
                             std::vector<std::string>& files) {
  ExternalCommand out;
  for (const YamlCursor& word : c.at("command").items()) {
    const std::string text = word.text(), file = find(text);
    const bool program = out.words.empty() && text.find('/') == text.npos;
    if (!program && !file.empty() && !std::filesystem::is_directory(file)) files.push_back(file);
    out.words.push_back(program || file.empty() ? text : file);
  }
  if (out.words.empty()) c.at("command").fail("names no program");
  if (!outside.command_problem) c.at("command").fail("processes cannot be started here");
  const std::string wrong = outside.command_problem(out);
  if (!wrong.empty()) c.at("command").fail(wrong);
  out.timeout = c.duration_or("timeout", out.timeout);
  if (out.timeout < base::kMillisecond) c.at("timeout").fail("must be at least 1ms");
  return out;
}

}  // namespace orrery::scenarios
