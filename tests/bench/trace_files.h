// Small files of traces for tests of their readers.
#pragma once
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {

/// Files of one test, gone afterwards.
class TraceFiles {
 public:
  TraceFiles() : dir_(std::filesystem::temp_directory_path() / ("orrery-formats-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(dir_);
  }
  ~TraceFiles() { std::filesystem::remove_all(dir_); }
  std::string write(const char* name, const std::string& text) {
    std::ofstream(dir_ / name) << text;
    return dir_ / name;
  }

 private:
  std::filesystem::path dir_;
};

/// What the reader says against its input, without the directory; "accepted" when it says nothing.
template <class F>
std::string refusal(F read) {
  try {
    read();
  } catch (const InputError& e) {
    const std::string text = e.text();
    return text.substr(text.rfind('/', text.find(": ")) + 1);
  }
  return "accepted";
}

}  // namespace orrery::scenarios::bench
