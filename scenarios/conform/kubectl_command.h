// KubectlCommand: a kubectl command line, understood.
#pragma once
#include <string>
#include <vector>

#include "model/api/kind.h"

namespace orrery::scenarios::conform {

struct KubectlCommand {
  struct Target {
    const api::Kind* kind = nullptr;
    std::string name;
  };
  std::string verb;            ///< "delete"
  std::string action;          ///< of rollout, set and create: "undo", "image", "namespace"
  std::string ns = "default";
  bool all_namespaces = false;
  std::vector<Target> targets;           ///< named ones, in the order of the line
  std::vector<const api::Kind*> kinds;   ///< of those that a selector or --all chooses
  std::vector<std::string> edits;        ///< KEY=VALUE, KEY-, KEY=VALUE:EFFECT
  std::vector<std::pair<std::string, std::string>> flags;  ///< by long name: "--selector"
  bool files = false;          ///< the objects are those of files
  std::string problem;         ///< why the line cannot be replayed; "" when it can

  std::string flag(std::string_view name, std::string_view otherwise = "") const;
  /// True for a switch that is on, and for a flag with a value.
  bool has(std::string_view name) const;
};

/// `words`: without "kubectl". Replayed are annotate, cordon, create (namespace, job --from=cronjob/NAME), delete, drain, label,
/// patch, rollout (pause, restart, resume, undo), scale, set (env, image, resources, selector), taint, uncordon; objects as TYPE/NAME,
/// TYPE NAME..., TYPE,TYPE NAME or TYPE with -l, --field-selector or --all; and apply, create, delete and replace of files (-f).
/// create, replace and delete with --raw PATH are requests (plan.cc). What else `create`, `expose` and `run` made, a plan takes from the history, or makes without its contents when nobody watched it.
KubectlCommand parse_kubectl(const std::vector<std::string>& words);

/// "pod", "po", "deploy", "deployments.apps", ... to its row; null when it is not served.
const api::Kind* kind_by_word(std::string_view word);

/// False for kubectl commands that only read.
bool kubectl_writes(const std::vector<std::string>& words);
/// What of a command line cannot be replayed, "" when all can.
std::string kubectl_problem(const std::vector<std::string>& words);

}  // namespace orrery::scenarios::conform
