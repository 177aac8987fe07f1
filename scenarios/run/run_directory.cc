#include "scenarios/run/run_directory.h"

#include <cstdio>
#include <filesystem>

#include "model/api/pod.h"
#include "model/base/str.h"
#include "model/codec/json_text.h"
#include "model/codec/json_value.h"
#include "scenarios/expect/predicates.h"
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/run/cpu_model.h"
#include "scenarios/run/record_json.h"

namespace orrery::scenarios {
namespace {

using base::cat;
using codec::JsonValue;

std::uint64_t from_hex(std::string_view text) {
  std::uint64_t v = 0;
  for (const char c : text) v = v * 16 + static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return v;
}

JsonValue verdict_json(const Verdict& v) {
  JsonValue out = JsonValue::object();
  out.set("what", v.what);
  out.set("wanted", v.wanted);
  out.set("measured", v.measured);
  out.set("ok", v.ok);
  out.set("line", v.line);
  return out;
}

}  // namespace

std::string hex(std::uint64_t v) {
  char text[24];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(v));
  return text;
}

RunDirectory::RunDirectory(const std::string& path, const Scenario& scenario) : path_(path), scenario_(scenario) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw InputError{path, 0, "", cat("cannot be created: ", error.message())};
  const bool earlier_run = std::filesystem::exists(path + "/run.json", error) || std::filesystem::exists(path + "/events.jsonl", error);
  if (!earlier_run && !std::filesystem::is_empty(path, error)) throw InputError{path, 0, "", "exists and is not a run directory"};
  events_.open(path + "/events.jsonl", std::ios::binary | std::ios::trunc);
  metrics_.open(path + "/metrics.csv", std::ios::binary | std::ios::trunc);
  kernel_events_.open(path + "/kernel.events", std::ios::binary | std::ios::trunc);
  if (!events_ || !metrics_ || !kernel_events_) throw InputError{path, 0, "", "cannot be written"};
  metrics_ << "t,revision,nodes_ready,pods_pending,pods_running,pods_succeeded,pods_failed,pods_ready,writes_acknowledged,"
              "writes_in_flight,writes_unknown,http_ok,http_failed,pods_evicted,nodes_tainted,oom_kills,energy_joules\n";
}

sim::EventSink* RunDirectory::log_events(base::UniqueFunction<base::Str(std::uint32_t)> name) {
  event_log_ = std::make_unique<sim::EventLogWriter>(kernel_events_, std::move(name));
  return event_log_.get();
}

void RunDirectory::on_record(const history::Record& record) {
  if (!worth_a_line(record)) return;
  line_.clear();
  append_record_json(record, line_);
  line_ += '\n';
  events_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
}

void RunDirectory::on_log(base::Instant now, const env::Process& process, env::LogLevel level, std::string_view text) {
  static constexpr const char* kLevels[] = {"debug", "info", "warning", "error"};
  history::Note note;
  note.text = cat(kLevels[static_cast<unsigned>(level)], ": ", text);
  note.origin = {now, process.machine(), process.name(), process.incarnation()};
  on_record(note);
}

void RunDirectory::on_second(base::Instant now, const WorldState& state) {
  std::int64_t pending = 0, running = 0, succeeded = 0, failed = 0, ready = 0;
  for (const auto& [name, o] : state.objects().all(api::KindId::kPod)) {
    const Str& phase = o->as<api::Pod>().status->phase;
    pending += phase == "Pending";
    running += phase == "Running";
    succeeded += phase == "Succeeded";
    failed += phase == "Failed";
    ready += is_pod_ready(*o);
  }
  std::uint64_t acknowledged = 0, in_flight = 0, unknown = 0, http_ok = 0, http_failed = 0;
  for (const auto& [name, tally] : state.tallies()) {
    const bool http = tally.http;
    acknowledged += tally.writes.size();
    in_flight += http ? 0 : tally.in_flight;
    unknown += tally.unknown;
    http_ok += http ? tally.ok : 0;
    http_failed += http ? tally.failed : 0;
  }
  double joules = 0;
  for (const auto& [machine, drawn] : state.energy_joules()) joules += drawn;
  const WorldState::Totals& totals = state.totals();
  metrics_ << now.ns / base::kSecond << ',' << state.objects().revision() << ',' << count_ready_nodes(state) << ',' << pending
           << ',' << running << ',' << succeeded << ',' << failed << ',' << ready << ',' << acknowledged << ',' << in_flight << ','
           << unknown << ',' << http_ok << ',' << http_failed << ',' << totals.pods_evicted << ',' << totals.nodes_tainted.size()
           << ',' << totals.oom_kills << ',' << static_cast<std::int64_t>(joules + 0.5) << '\n';
}

void RunDirectory::finish(const RunResult& result) {
  JsonValue run = JsonValue::object();
  run.set("orrery", "0.1.0");
  run.set("scenario", std::filesystem::absolute(scenario_.file).string());
  run.set("scenarioHash", hex(scenario_.source_hash));
  run.set("seed", static_cast<std::int64_t>(scenario_.seed));
  run.set("untilNs", static_cast<std::int64_t>(scenario_.until));
  JsonValue axes = JsonValue::object();
  for (const auto& [name, value] : scenario_.axes) axes.set(name, value);
  run.set("axes", axes);
  run.set("cpuModel", to_string(cpu_model(scenario_)));
  JsonValue planted = JsonValue::array();
  for (const std::string& p : scenario_.planted) planted.edit_items().push_back(JsonValue(p));
  run.set("planted", planted);
  JsonValue plan = JsonValue::array();
  for (const std::string& line : result.plan) plan.edit_items().push_back(JsonValue(line));
  run.set("plan", plan);
  run.set("events", static_cast<std::int64_t>(result.events));
  run.set("digest", hex(result.digest));
  run.set("ok", result.ok());
  JsonValue verdicts = JsonValue::array();
  for (const Verdict& v : result.verdicts) verdicts.edit_items().push_back(verdict_json(v));
  run.set("verdicts", verdicts);
  if (event_log_) event_log_->flush();
  for (std::ofstream* file : {&events_, &metrics_, &kernel_events_}) file->flush();
  std::ofstream out(path_ + "/run.json", std::ios::binary | std::ios::trunc);
  out << run.dump() << '\n';
  if (!out || !events_ || !metrics_ || !kernel_events_) throw InputError{path_, 0, "", "cannot be written (disk full?)"};
}

RecordedRun read_run_directory(const std::string& path) {
  const std::string file = path + "/run.json";
  auto parsed = codec::parse_json(read_text_file(file));
  if (!parsed.ok() || !parsed->find("scenario") || !parsed->find("digest"))
    throw InputError{file, 0, "", "is not the run.json of a run"};
  const JsonValue& run = *parsed;
  RecordedRun r;
  r.scenario_file = run["scenario"].text_or("");
  r.scenario_hash = from_hex(run["scenarioHash"].text_or("0"));
  r.seed = static_cast<std::uint64_t>(run["seed"].int_or(1));
  r.until = run["untilNs"].int_or(0);
  r.digest = from_hex(run["digest"].text_or("0"));
  for (const codec::JsonMember& m : run["axes"].members()) r.axes.emplace_back(m.key.str(), m.value.text_or(""));
  for (const JsonValue& p : run["planted"].items()) r.planted.emplace_back(p.text_or(""));
  return r;
}

}  // namespace orrery::scenarios
