// fork_pool: independent pieces of work in child processes, several at a time.
#pragma once
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>

namespace orrery::cli {

/// What work may throw when it is not at fault: fork_pool throws it again in this process, with the same text.
class WorkFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Runs work(i) for every i below `count` in a child process of its own, at most `jobs` at a time, and hands what it returned
/// to done(i, text) in this process, in the order in which they end. Throws std::runtime_error when a child dies; the others
/// are ended then.
void fork_pool(std::size_t count, std::size_t jobs, const std::function<std::string(std::size_t)>& work,
               const std::function<void(std::size_t, std::string)>& done);

}  // namespace orrery::cli
