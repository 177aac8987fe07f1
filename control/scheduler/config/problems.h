// Problems: what is wrong with a configuration, by field path. The first is told.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "model/api/path.h"

namespace orrery::scheduler {

class Problems {
 public:
  void add(std::string path, std::string what) {
    if (!first_) first_ = Problem{std::move(path), std::move(what)};
  }
  void add(const api::ErrorList& errors) {
    if (!errors.empty()) add(errors[0].field, errors[0].body());
  }
  bool none() const { return !first_; }
  const std::string& path() const { return first_->path; }
  const std::string& what() const { return first_->what; }

 private:
  struct Problem {
    std::string path, what;
  };
  std::optional<Problem> first_;
};

}  // namespace orrery::scheduler
