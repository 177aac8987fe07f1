// fork_pool: independent pieces of work in child processes, several at a time.
#pragma once
#include <cstddef>
#include <functional>
#include <string>

namespace orrery::cli {

/// Runs work(i) for every i below `count` in a child process of its own, at most `jobs` at a time, and hands what it returned
/// to done(i, text) in this process, in the order in which they end. Throws std::runtime_error when a child dies; the others
/// are ended then.
void fork_pool(std::size_t count, std::size_t jobs, const std::function<std::string(std::size_t)>& work,
               const std::function<void(std::size_t, std::string)>& done);

}  // namespace orrery::cli
