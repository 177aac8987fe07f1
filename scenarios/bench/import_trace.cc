#include "scenarios/bench/import_trace.h"

#include "scenarios/bench/alibaba_2017.h"
#include "scenarios/bench/alibaba_2018.h"
#include "scenarios/bench/audit_log.h"
#include "scenarios/bench/azure_2020.h"
#include "scenarios/bench/dump_trace.h"
#include "scenarios/bench/google_2011.h"
#include "scenarios/bench/google_2019.h"
#include "scenarios/bench/simkube.h"

namespace orrery::scenarios::bench {
namespace {

constexpr std::pair<std::string_view, TraceFormat> kImported[] = {
    {"google-2011", TraceFormat::kGoogle2011},   {"google-2019", TraceFormat::kGoogle2019}, {"alibaba-2017", TraceFormat::kAlibaba2017},
    {"alibaba-2018", TraceFormat::kAlibaba2018}, {"azure-2020", TraceFormat::kAzure2020},   {"simkube", TraceFormat::kSimkube},
    {"cluster-dump", TraceFormat::kDump},        {"audit-log", TraceFormat::kAudit},
};

}  // namespace

std::optional<TraceFormat> imported_format(std::string_view name) {
  for (const auto& [known, format] : kImported) {
    if (known == name) return format;
  }
  return std::nullopt;
}

Trace import_trace(const TraceSpec& spec) {
  switch (spec.format) {
    case TraceFormat::kGoogle2011: return read_google_2011(spec.nodes, spec.pods);
    case TraceFormat::kGoogle2019: return read_google_2019(spec.nodes, spec.pods);
    case TraceFormat::kAlibaba2017: return read_alibaba_2017(spec.nodes, spec.pods, spec.instances, spec.containers);
    case TraceFormat::kAlibaba2018: return read_alibaba_2018(spec.nodes, spec.pods, spec.instances, spec.containers);
    case TraceFormat::kAzure2020: return read_azure_2020(spec.nodes, spec.pods, spec.machines, spec.machine);
    case TraceFormat::kSimkube: return read_simkube(spec.file, spec.nodes);
    case TraceFormat::kDump: return read_dump_trace(spec.file);
    case TraceFormat::kAudit: return read_audit_log(spec.file, spec.nodes);
    default: break;
  }
  ORRERY_CHECK(false, "a format that is not imported");
  return {};
}

}  // namespace orrery::scenarios::bench
