// Containers: the container runtime of one machine, in the shape of the CRI. Sandboxes, containers and images belong to
// the machine: they survive the kubelet's death. Power loss kills all containers; images stay.
#pragma once
#include <cstdint>
#include <vector>

#include "model/base/cow.h"
#include "model/base/function.h"
#include "model/base/result.h"
#include "model/base/str.h"
#include "model/base/time.h"

namespace orrery::env {

using base::Str;

struct SandboxSpec {
  Str pod_namespace, pod_name, pod_uid;
  std::uint32_t attempt = 0;
  bool host_network = false;
  base::Map<Str> labels;
  base::Map<Str> annotations;  ///< the pod's; the simulated runtime reads a workload's declared behaviour here
};

struct SandboxStatus {
  Str id;
  SandboxSpec spec;
  Str ip;
  bool ready = false;
  base::Instant created_wall;
};

struct EnvVar {
  Str name, value;
};

/// Kernel-facing limits of one container.
struct ContainerResources {
  std::int64_t cpu_shares = 2;         ///< weight: milli-CPU request * 1024 / 1000, at least 2
  std::int64_t cpu_quota_milli = 0;    ///< hard bound in milli-CPU; 0 is none
  std::int64_t memory_limit_bytes = 0; ///< 0 is none
  int oom_score_adj = 0;
};

enum class ContainerType : std::uint8_t { kInit, kSidecar, kApp };

struct ContainerSpec {
  Str name;
  ContainerType type = ContainerType::kApp;
  std::uint32_t attempt = 0;           ///< restart count
  Str image;
  base::List<Str> command, args;
  base::List<EnvVar> env;
  Str working_dir;
  ContainerResources resources;
  base::Map<Str> labels;
};

enum class ContainerState : std::uint8_t { kCreated, kRunning, kExited };

struct ContainerStatus {
  Str id, sandbox_id;
  ContainerSpec spec;
  ContainerState state = ContainerState::kCreated;
  Str image_id;
  base::Instant created_wall, started_wall, finished_wall;
  int exit_code = 0;
  Str reason;                          ///< "Completed", "Error", "OOMKilled", "ContainerStatusUnknown"
};

enum class ContainerEventKind : std::uint8_t { kCreated, kStarted, kStopped, kRemoved, kSandboxDied };

struct ContainerEvent {
  ContainerEventKind kind;
  Str sandbox_id, container_id, pod_uid;
};

enum class ProbeKind : std::uint8_t { kStartup, kLiveness, kReadiness };
enum class ProbeResult : std::uint8_t { kUnknown, kSuccess, kFailure };

/// How a probe is made; thresholds and periods as in core/v1 Probe.
struct ProbeSpec {
  Str container_id;
  ProbeKind kind = ProbeKind::kReadiness;
  enum class Handler : std::uint8_t { kExec, kHttpGet, kTcpSocket, kGrpc } handler = Handler::kHttpGet;
  Str target;                          ///< command line, or "scheme://host:port/path"
  base::Nanos initial_delay = 0, period = 10 * base::kSecond, timeout = base::kSecond;
  int success_threshold = 1, failure_threshold = 3;
  base::Nanos phase = 0;               ///< offset of the first attempt after initial_delay, within one period
};

struct ImageInfo {
  Str name, id;
  std::int64_t size_bytes = 0;
  base::Instant last_used_wall;
};

/// Resource use of the machine and of each running container at this moment.
struct UsageStats {
  struct Entry {
    Str container_id, sandbox_id;
    std::int64_t memory_working_set_bytes = 0;
    std::int64_t cpu_nanos = 0;        ///< cumulative
    std::int64_t disk_bytes = 0;       ///< writable layer and logs
  };
  std::int64_t memory_capacity_bytes = 0, memory_available_bytes = 0;
  std::int64_t nodefs_capacity_bytes = 0, nodefs_available_bytes = 0;
  std::int64_t imagefs_capacity_bytes = 0, imagefs_available_bytes = 0;
  std::vector<Entry> containers;
};

struct MachineInfo {
  std::int64_t cpu_milli = 0, memory_bytes = 0, ephemeral_storage_bytes = 0;
  Str boot_id, machine_id, os_image, kernel_version, runtime_version, architecture;
};

enum class ProbeWatch : std::uint64_t { kNone = 0 };

/// All completions are queued, never run inside the call, and are dropped when the process is dead.
class Containers {
 public:
  virtual ~Containers() = default;
  template <class T>
  using Done = base::UniqueFunction<void(base::Result<T>)>;

  virtual MachineInfo machine() const = 0;

  virtual void run_sandbox(SandboxSpec spec, Done<SandboxStatus> done) = 0;
  /// Kills what still runs in it, releases the IP. Idempotent.
  virtual void stop_sandbox(Str sandbox_id, Done<base::Unit> done) = 0;
  virtual void remove_sandbox(Str sandbox_id, Done<base::Unit> done) = 0;

  /// The image must be present (kNotFound otherwise). Gives the container id.
  virtual void create_container(Str sandbox_id, ContainerSpec spec, Done<Str> done) = 0;
  virtual void start_container(Str container_id, Done<base::Unit> done) = 0;
  /// SIGTERM now, SIGKILL after `grace`; done when it has exited. A grace of 0 kills at once.
  virtual void stop_container(Str container_id, base::Nanos grace, Done<base::Unit> done) = 0;
  virtual void remove_container(Str container_id, Done<base::Unit> done) = 0;
  /// Runs a command in the container (hooks); gives the exit code.
  virtual void exec(Str container_id, base::List<Str> command, base::Nanos timeout, Done<int> done) = 0;

  /// What exists, ordered by creation.
  virtual void list_sandboxes(Done<std::vector<SandboxStatus>> done) = 0;
  virtual void list_containers(Done<std::vector<ContainerStatus>> done) = 0;
  virtual void container_status(Str container_id, Done<ContainerStatus> done) = 0;
  /// State changes from now on, in order; one subscriber per process. May be lost across a restart of the subscriber: list.
  virtual void events(base::UniqueFunction<void(const ContainerEvent&)> on_event) = 0;

  virtual void pull_image(Str image, Done<ImageInfo> done) = 0;
  virtual void list_images(Done<std::vector<ImageInfo>> done) = 0;
  virtual void remove_image(Str image, Done<base::Unit> done) = 0;

  virtual void usage(Done<UsageStats> done) = 0;

  /// Reports each change of the thresholded result, first from kUnknown. The simulated world computes the next change
  /// instead of polling, so an idle probe costs nothing.
  virtual ProbeWatch watch_probe(ProbeSpec spec, base::UniqueFunction<void(ProbeResult)> on_change) = 0;
  virtual void unwatch_probe(ProbeWatch watch) = 0;
};

}  // namespace orrery::env
