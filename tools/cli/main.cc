// orrery: one binary, many sub-commands.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "scenarios/load/input_error.h"
#include "scenarios/outside/outside.h"
#include "tools/cli/commands.h"
#include "tools/cli/fork_pool.h"

namespace {

int dispatch(int argc, char** argv) {
  CLI::App app{"orrery: Kubernetes clusters on virtual time"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "orrery 0.1.0 (Kubernetes API 1.33)");

  orrery::cli::RunCommand run;
  CLI::App* run_app = app.add_subcommand("run", "run a scenario and judge it");
  run_app->add_option("FILE", run.file, "scenario file")->required();
  run_app->add_option("--seed", run.seed, "seed, instead of those of the file");
  run_app->add_option("--out", run.out_dir, "write a run directory");
  run_app->add_option("--until", run.until, "end the run at this virtual time");
  run_app->add_option("--plant", run.plant, "switch a planted bug on (to see whether it is caught)");
  run_app->add_flag("--json", run.json, "verdicts as JSON on stdout");
  run_app->add_flag("--quiet,-q", run.quiet, "no progress on stderr");

  std::string directory, left, right;
  bool replay_quiet = false;
  CLI::App* replay_app = app.add_subcommand("replay", "run a recorded run again and compare");
  replay_app->add_option("DIR", directory, "run directory")->required();
  replay_app->add_flag("--quiet,-q", replay_quiet, "no progress on stderr");

  CLI::App* diff_app = app.add_subcommand("diff", "first differing event of two runs");
  diff_app->add_option("DIR1", left, "run directory")->required();
  diff_app->add_option("DIR2", right, "run directory")->required();

  orrery::cli::ConformCommand conform;
  CLI::App* conform_app = app.add_subcommand("conform", "compare with recorded histories or scheduling decisions of a real cluster");
  conform_app->add_option("FILE", conform.files, "recordings (.jsonl or .jsonl.gz)")->required();
  conform_app->add_option("--seed", conform.seed, "first seed of the simulation");
  conform_app->add_option("--draws", conform.draws, "seeds that may show the recorded outcome")->check(CLI::Range(1, 10000));
  conform_app->add_flag("--tolerated", conform.tolerated, "print what the tolerances excuse, too");

  orrery::cli::ExplainCommand explain;
  CLI::App* explain_app = app.add_subcommand("explain", "where a pod would go in a cluster, or went in a run, and why");
  std::string explained;
  CLI::Option* run_dir = explain_app->add_option("RUN", explain.run, "directory of `orrery run --out` or `orrery bench --out`");
  CLI::Option* run_pod = explain_app->add_option("POD", explained, "NAME or NAMESPACE/NAME of a pod of the run")->needs(run_dir);
  CLI::Option* cluster = explain_app->add_option("--cluster", explain.cluster,
                                                 "what kubectl get nodes,pods,... -A -o yaml (or json) printed; - for stdin");
  CLI::Option* dumped = explain_app->add_option("--pod", explain.pod, "manifest, or NAME or NAMESPACE/NAME of a pod of the cluster");
  CLI::Option* config = explain_app->add_option("--config", explain.config, "KubeSchedulerConfiguration; default: kube-scheduler's own");
  run_dir->needs(run_pod)->excludes(cluster);
  cluster->needs(dumped);
  dumped->needs(cluster);
  config->needs(cluster);
  explain_app->add_option("--attempt", explain.attempt, "which attempt at the pod, from 1 (default: the last)")->needs(run_dir)->check(CLI::PositiveNumber);
  explain_app->add_option("--trace", explain.trace, "of a bench: the run of this trace")->needs(run_dir);
  explain_app->add_option("--size", explain.size, "of a bench: with this part of the nodes, as \"100%\"")->needs(run_dir);
  explain_app->add_option("--policy", explain.policy, "of a bench: by this policy")->needs(run_dir);
  explain_app->add_option("--seed", explain.seed, "of a bench: with this seed")->needs(run_dir);
  explain_app->add_option("--run", explain.key, "of a bench: the run with this key, as files in RUN/runs are named")->needs(run_dir);
  CLI::Option* plugin = explain_app->add_option("--plugin", explain.libraries, "shared object with plugins that the configuration may name");
  plugin->needs(config);
  CLI::Option* json = explain_app->add_flag("--json", explain.json, "everything as one JSON object");
  explain_app->add_flag("--annotations", explain.annotations, "the annotations of kube-scheduler-simulator, as a JSON object")
      ->excludes(json);

  orrery::cli::BenchCommand bench;
  CLI::App* bench_app = app.add_subcommand("bench", "compare placement policies over traces and seeds");
  bench_app->add_option("FILE", bench.file, "bench file")->required();
  bench_app->add_option("--set", bench.set, "NAME=VALUE of a parameter of the file")->take_all();
  bench_app->add_option("--out", bench.out_dir, "write results and a report; finished runs there are not run again");
  bench_app->add_option("--jobs,-j", bench.jobs, "processes at a time (default: one per core)")->check(CLI::Range(1, 1024));
  bench_app->add_flag("--quiet,-q", bench.quiet, "no progress on stderr");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    std::fprintf(stderr, "orrery: %s (orrery --help tells more)\n", e.what());
    return 2;
  }
  if (*run_app) return orrery::cli::run(run);
  if (*bench_app) return orrery::cli::bench(bench);
  if (*conform_app) return orrery::cli::conform(conform);
  if (*explain_app) {
    if (explain.run.empty() && explain.cluster.empty()) {
      std::fprintf(stderr, "orrery: explain needs RUN and POD, or --cluster and --pod (orrery explain --help tells more)\n");
      return 2;
    }
    if (!explained.empty()) explain.pod = explained;
    return orrery::cli::explain(explain);
  }
  if (*replay_app) return orrery::cli::replay(directory, replay_quiet);
  return orrery::cli::diff(left, right);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const orrery::scenarios::InputError& e) {
    std::fprintf(stderr, "%s\n", e.text().c_str());
    return 2;
  } catch (const orrery::scenarios::PolicyFailure& e) {
    std::fprintf(stderr, "orrery: %s\n", e.what());
    return 3;
  } catch (const orrery::cli::WorkFailure& e) {
    std::fprintf(stderr, "orrery: %s\n", e.what());
    return 3;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "orrery: internal error: %s\n", e.what());
    return 3;
  }
}
