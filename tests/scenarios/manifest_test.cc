// Manifests as people write them: what loads, what runs, and what is refused with the line of the manifest's own file.
#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "scenarios/load/input_error.h"
#include "scenarios/load/loader.h"
#include "scenarios/run/runner.h"

namespace {

namespace fs = std::filesystem;
using namespace orrery::scenarios;

const std::string kFeatures = std::string(ORRERY_SOURCE_DIR) + "/tests/scenarios/data/features.yaml";

constexpr const char* kScenario = R"(apiVersion: orrery/v1
kind: Scenario
until: 90s
cluster:
  masters: {count: 1}
  nodes:
  - {group: worker, count: 2, cpu: 4, memory: 8Gi}
  images: present
workloads:
- file: manifest.yaml
  namespace: books
expect:
  invariants: all
  converge:
  - {what: rollout-complete, object: books/statefulset/ledger, after: 1s, within: 80s}
  final:
  - {what: object-field, object: books/persistentvolumeclaim/data-ledger-1, field: status.phase, value: Bound}
  - {what: object-field, object: books/poddisruptionbudget/ledger, field: status.desiredHealthy, value: "2"}
  - {what: object-condition, object: books/pod/ledger-1, condition: Ready}
)";

/// A directory with scenario.yaml and manifest.yaml.
class Directory {
 public:
  Directory() {
    char name[] = "/tmp/orrery-manifest-XXXXXX";
    REQUIRE(mkdtemp(name));
    path_ = name;
    std::ofstream(scenario()) << kScenario;
  }
  ~Directory() { fs::remove_all(path_); }
  std::string scenario() const { return path_ + "/scenario.yaml"; }
  std::string manifest() const { return path_ + "/manifest.yaml"; }
  std::vector<Scenario> load(const std::string& text) const {
    std::ofstream(manifest(), std::ios::trunc) << text;
    return load_scenario(scenario(), {});
  }

 private:
  std::string path_;
};

std::string features() {
  std::ifstream in(kFeatures);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct FileRow {
  const char* find;
  const char* replace;
  const char* says;   ///< after "FILE:LINE: "
};

constexpr FileRow kFileRows[] = {
    {"policy/v1\nkind", "policy/v1beta1\nkind", "kind: no matches for kind \"PodDisruptionBudget\" in version \"policy/v1beta1\""},
    {"minAvailable: 67%", "minAvailable: 67", ""},
    {"minAvailable: 67%", "minAvailable: most", "spec.minAvailable: Invalid value"},
    {"replicas: 2", "replicas: \"2\"", "spec.replicas"},
    {"targetPort: 26257", "targetPort: no_such_port", "spec.ports[0].targetPort: Invalid value: \"no_such_port\""},
    {"runAsUser: 1000", "runAsUzer: 1000", "spec.template.spec.securityContext.runAsUzer"},
    {"fieldPath: spec.nodeName", "fieldPath: spec.nodename", "spec.template.spec.containers[0].env[0].valueFrom.fieldRef.fieldPath"},
    {"limits: {memory: 128Mi}", "limits: {memory: 1Mi}", "spec.template.spec.containers[0].resources.requests"},
    {"limits: {memory: 128Mi}", "limits: {memory: plenty}", "spec.template.spec.containers[0].resources.limits.memory: quantities must match"},
    {"topologyKey: topology.kubernetes.io/zone", "topologyKey: \"\"", "spec.template.spec.topologySpreadConstraints[0].topologyKey"},
    {"maxUnavailable: 0", "maxUnavailable: 200%", "spec.strategy.rollingUpdate.maxUnavailable"},
    {"operator: Exists, effect", "operator: Perhaps, effect", "spec.template.spec.tolerations[0].operator"},
    {"provisioner: example.org/anything", "parametres: {}", "parametres"},
    {"kind: List\n", "kind: List\nitems: []\n", "duplicate key \"items\""},
    {"- {name: tmp, mountPath: /tmp}", "- {name: temp, mountPath: /tmp}", "volumeMounts[0].name: Not found: \"temp\""},
    {"metadata: {name: clerk}", "metadata: {name: Clerk}", "metadata.name: Invalid value: \"Clerk\""},
    {"kind: ServiceAccount", "kind: [ServiceAccount]", "must be a text"},
};

}  // namespace

TEST_CASE("a manifest with all that manifests have loads and runs") {
  const Directory d;
  const std::vector<Scenario> runs = d.load(features());
  REQUIRE(runs.size() == 1);
  REQUIRE(runs[0].workloads.size() == 1);
  CHECK(runs[0].workloads[0].objects.size() == 6);
  const RunResult r = run_scenario(runs[0], {});
  for (const Verdict& v : r.verdicts) CHECK_MESSAGE(v.ok, v.what, ": ", v.measured);
}

TEST_CASE("a wrong manifest is refused at its own line") {
  const Directory d;
  for (const FileRow& row : kFileRows) {
    std::string text = features();
    const std::size_t at = text.find(row.find);
    REQUIRE_MESSAGE(at != std::string::npos, row.find);
    text.replace(at, std::string(row.find).size(), row.replace);
    std::string error;
    try {
      d.load(text);
    } catch (const InputError& e) {
      error = e.text();
    }
    CAPTURE(std::string(row.replace));
    CAPTURE(error);
    CHECK(error.empty() == (row.says[0] == '\0'));
    CHECK(error.find(row.says) != std::string::npos);
    CHECK(error.find('\n') == std::string::npos);
    if (!error.empty()) {
      CHECK(error.rfind(d.manifest() + ":", 0) == 0);
      CHECK(std::atoi(error.c_str() + d.manifest().size() + 1) > 3);
    }
  }
}
