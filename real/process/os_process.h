// OsProcess: one process incarnation of the real world and its Environment.
#pragma once
#include <memory>
#include <string>

#include "model/env/environment.h"
#include "real/loop/loop.h"
#include "real/net/options.h"

namespace orrery::real {

struct ProcessOptions {
  std::string machine;      ///< host name
  std::string name;         ///< "kube-apiserver", "kubelet", ...
  /// Where it keeps its state; made when missing (its parent is not): `incarnation` and the directory `files`, the disk.
  std::string directory;
  NetOptions net;           ///< net.host becomes `machine`
  env::LogLevel log_level = env::LogLevel::kInfo;
};

/// Everything runs on the loop's thread. Destruction is the process's sudden end: components go first and cause no
/// effects, then sockets close and files too. Not to be destroyed from one of its own callbacks.
class OsProcess {
 public:
  /// `on_exit` runs from the loop after the callback that called Process::exit; it may destroy the OsProcess.
  using OnExit = base::UniqueFunction<void(int code, std::string why)>;

  /// Counts the incarnation, durably, and opens the disk. kIo, kNotFound, kCorrupt.
  static base::Result<std::unique_ptr<OsProcess>> start(Loop& loop, ProcessOptions options, OnExit on_exit);
  ~OsProcess();

  env::Environment& environment();
  /// Destroyed before the Environment.
  void own(std::shared_ptr<void> component);
  /// Queues a callback of this process.
  void post(base::UniqueFunction<void()> f);

 private:
  struct Impl;
  explicit OsProcess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::real
