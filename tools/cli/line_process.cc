#include "tools/cli/line_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "model/base/str.h"

namespace orrery::cli {
namespace {

using base::cat;
using scenarios::ExternalCommand;
using scenarios::PolicyFailure;

std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void make_pipe(int (&ends)[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) throw PolicyFailure(cat("pipe: ", std::strerror(errno)));
}

[[noreturn]] void be_program(const std::vector<std::string>& words, int in, int out) {
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  signal(SIGPIPE, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);   // a run that is ended ends its policy
  std::vector<char*> argv;
  for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

std::string end_of(int status) {
  if (WIFSIGNALED(status)) return cat("was ended by signal ", std::to_string(WTERMSIG(status)));
  return cat("ended with status ", std::to_string(WEXITSTATUS(status)));
}

}  // namespace

std::string command_problem(const ExternalCommand& command) {
  const std::string& program = command.words.front();
  if (program.find('/') != program.npos) {
    return access(program.c_str(), X_OK) == 0 ? "" : cat(program, ": ", std::strerror(errno));
  }
  const char* const path = std::getenv("PATH");
  for (std::string_view rest = path ? path : "/usr/bin:/bin"; !rest.empty();) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (access(cat(rest.substr(0, colon), "/", program).c_str(), X_OK) == 0) return "";
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return cat(program, ": no such program on the PATH");
}

LineProcess::LineProcess(const ExternalCommand& command) : timeout_(command.timeout) {
  signal(SIGPIPE, SIG_IGN);
  int questions[2], answers[2];
  make_pipe(questions);
  make_pipe(answers);
  pid_ = fork();
  if (pid_ < 0) throw PolicyFailure(cat("fork: ", std::strerror(errno)));
  if (pid_ == 0) be_program(command.words, questions[0], answers[1]);
  close(questions[0]);
  close(answers[1]);
  to_ = questions[1];
  from_ = answers[0];
  fcntl(to_, F_SETFL, O_NONBLOCK);
}

LineProcess::~LineProcess() {
  if (to_ >= 0) close(to_);
  if (from_ >= 0) close(from_);
  if (pid_ < 0) return;
  const std::int64_t deadline = milliseconds_now() + 1000;
  while (waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (milliseconds_now() >= deadline) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      return;
    }
    usleep(1000);
  }
}

void LineProcess::wait_for(int fd, short events, std::int64_t deadline) const {
  while (true) {
    pollfd wait{fd, events, 0};
    const std::int64_t left = deadline - milliseconds_now();
    const int ready = left > 0 ? poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000'000))) : 0;
    if (ready > 0) return;
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) throw PolicyFailure(cat("poll: ", std::strerror(errno)));
    throw PolicyFailure(cat("no answer within ", std::to_string(timeout_ / base::kMillisecond), " ms (raise `timeout`)"));
  }
}

void LineProcess::died() {
  int status = 0;
  const std::int64_t deadline = milliseconds_now() + 1000;
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (milliseconds_now() >= deadline) throw PolicyFailure("the process closed its input or output before it answered");
    usleep(1000);
  }
  pid_ = -1;
  throw PolicyFailure(cat("the process ", end_of(status), " before it answered"));
}

void LineProcess::send(const std::string& line, std::int64_t deadline) {
  const std::string whole = line + "\n";
  for (std::size_t at = 0; at < whole.size();) {
    const ssize_t n = write(to_, whole.data() + at, whole.size() - at);
    if (n > 0) {
      at += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      wait_for(to_, POLLOUT, deadline);
    } else if (errno != EINTR) {
      died();
    }
  }
}

std::string LineProcess::ask(const std::string& line) {
  const std::int64_t deadline = milliseconds_now() + timeout_ / base::kMillisecond;
  if (!text_.empty()) throw PolicyFailure(cat("said something without being asked: ", text_.substr(0, 80)));
  send(line, deadline);
  std::size_t end;
  while ((end = text_.find('\n')) == text_.npos) {
    if (text_.size() > kMaxAnswer) throw PolicyFailure("an answer of over 64 MiB without a line break");
    wait_for(from_, POLLIN, deadline);
    char buffer[65536];
    const ssize_t n = read(from_, buffer, sizeof buffer);
    if (n > 0) text_.append(buffer, static_cast<std::size_t>(n));
    else if (n == 0) died();
    else if (errno != EINTR) throw PolicyFailure(cat("read: ", std::strerror(errno)));
  }
  std::string out = text_.substr(0, end);
  text_.erase(0, end + 1);
  return out;
}

}  // namespace orrery::cli
