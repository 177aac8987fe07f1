#include "scenarios/run/record_json.h"

#include <cstdio>

#include "model/codec/json_text.h"

namespace orrery::scenarios {
namespace {

using history::RecordKind;

class Line {
 public:
  explicit Line(std::string& out) : out_(out) {}
  void text(const char* key, std::string_view value) {
    name(key);
    codec::append_json_string(value, out_);
  }
  void number(const char* key, std::int64_t value) {
    name(key);
    codec::append_int(value, out_);
  }
  void name(const char* key) {
    out_ += first_ ? '{' : ',';
    first_ = false;
    codec::append_json_string(key, out_);
    out_ += ':';
  }
  void end() { out_ += first_ ? "{}" : "}"; }

 private:
  std::string& out_;
  bool first_ = true;
};

void add_commit(const history::StoreCommit& c, Line& line, std::string& out) {
  line.number("revision", c.revision);
  line.number("index", static_cast<std::int64_t>(c.raft_index));
  line.number("term", static_cast<std::int64_t>(c.raft_term));
  line.name("ops");
  out += '[';
  for (std::size_t i = 0; i < c.ops.size(); ++i) {
    if (i) out += ',';
    Line op(out);
    op.text(c.ops[i].value ? "put" : "delete", c.ops[i].key);
    if (c.ops[i].previous_mod_revision) op.number("previous", c.ops[i].previous_mod_revision);
    op.end();
  }
  out += ']';
}

void add_request(const api::ApiRequest& r, Line& line) {
  line.text("verb", to_string(r.verb));
  line.text("resource", api::kind_of(r.kind).plural);
  if (!r.subresource.empty()) line.text("subresource", r.subresource);
  if (!r.namespace_.empty()) line.text("namespace", r.namespace_);
  const base::Str& name = r.name.empty() && r.object ? r.object->meta().name : r.name;
  if (!name.empty()) line.text("name", name);
  line.text("user", r.user);
}

void add_response(const history::ApiResponseRecord& r, Line& line) {
  if (r.request) add_request(*r.request, line);
  line.number("code", r.response ? r.response->code : 0);
  if (r.response && r.response->object) line.number("revision", r.response->object->revision());
  if (r.response && r.response->status && r.response->code > 299) line.text("message", r.response->status->message);
  if (r.maybe_done) line.number("maybeDone", 1);
  line.number("tookUs", r.took / base::kMicrosecond);
}

const char* how_text(history::ContainerStopped::How how) {
  using How = history::ContainerStopped::How;
  switch (how) {
    case How::kExited: return "exited";
    case How::kTerm: return "sigterm";
    case How::kKill: return "sigkill";
    case How::kOom: return "oom";
    case How::kPowerLoss: return "power-loss";
  }
  return "";
}

const char* process_text(history::ProcessRecord::What what) {
  using What = history::ProcessRecord::What;
  switch (what) {
    case What::kStarted: return "started";
    case What::kKilled: return "killed";
    case What::kExited: return "exited";
    case What::kPaused: return "paused";
    case What::kResumed: return "resumed";
    case What::kOomKilled: return "oom-killed";
  }
  return "";
}

void add_container(const history::Record& record, Line& line) {
  if (record.kind == RecordKind::kContainerStarted) {
    const auto& c = static_cast<const history::ContainerStarted&>(record);
    line.text("pod", base::cat(c.pod_namespace, "/", c.pod_name));
    line.text("container", c.container);
    line.number("attempt", c.attempt);
    return;
  }
  const auto& c = static_cast<const history::ContainerStopped&>(record);
  line.text("pod", base::cat(c.pod_namespace, "/", c.pod_name));
  line.text("container", c.container);
  line.text("how", how_text(c.how));
  line.number("exitCode", c.exit_code);
}

void add_raft(const history::RaftState& r, Line& line) {
  static constexpr const char* kRoles[] = {"follower", "pre-candidate", "candidate", "leader"};
  line.text("role", kRoles[static_cast<unsigned>(r.role)]);
  line.number("term", static_cast<std::int64_t>(r.term));
  line.number("leader", static_cast<std::int64_t>(r.leader));
}

void add_table(const history::ServiceTable& t, Line& line, std::string& out) {
  line.text("service", base::cat(t.service_namespace, "/", t.service_name));
  line.name("backends");
  out += '[';
  for (std::size_t i = 0; i < t.backends.size(); ++i) {
    if (i) out += ',';
    codec::append_json_string(t.backends[i], out);
  }
  out += ']';
}

}  // namespace

bool worth_a_line(const history::Record& r) {
  switch (r.kind) {
    case RecordKind::kRaftApply: case RecordKind::kStoreRead: case RecordKind::kStoreOp: case RecordKind::kStoreDelivery:
    case RecordKind::kWatchDelivery: case RecordKind::kApiRequest: case RecordKind::kApiUpdate: return false;
    default: return true;
  }
}

void append_record_json(const history::Record& r, std::string& out) {
  Line line(out);
  char time[40];
  std::snprintf(time, sizeof time, "%lld.%09lld", static_cast<long long>(r.origin.at.ns / base::kSecond),
                static_cast<long long>(r.origin.at.ns % base::kSecond));
  line.name("t");
  out += time;
  line.text("machine", r.origin.machine);
  if (!r.origin.process.empty()) line.text("process", r.origin.process);
  if (r.origin.incarnation) line.number("incarnation", r.origin.incarnation);
  line.text("kind", to_string(r.kind));
  switch (r.kind) {
    case RecordKind::kStoreCommit: add_commit(static_cast<const history::StoreCommit&>(r), line, out); break;
    case RecordKind::kApiResponse: add_response(static_cast<const history::ApiResponseRecord&>(r), line); break;
    case RecordKind::kContainerStarted: case RecordKind::kContainerStopped: add_container(r, line); break;
    case RecordKind::kRaftState: add_raft(static_cast<const history::RaftState&>(r), line); break;
    case RecordKind::kServiceTable: add_table(static_cast<const history::ServiceTable&>(r), line, out); break;
    case RecordKind::kWatchOpen:
      if (static_cast<const history::WatchOpen&>(r).request) add_request(*static_cast<const history::WatchOpen&>(r).request, line);
      line.number("from", static_cast<const history::WatchOpen&>(r).start_revision);
      break;
    case RecordKind::kWatchClose: line.number("code", static_cast<const history::WatchClose&>(r).code); break;
    case RecordKind::kPodRemoved:
      line.text("pod", base::cat(static_cast<const history::PodRemoved&>(r).pod_namespace, "/",
                                 static_cast<const history::PodRemoved&>(r).pod_name));
      break;
    case RecordKind::kLeaderActs:
      line.text("lease", static_cast<const history::LeaderActs&>(r).lease);
      line.text("identity", static_cast<const history::LeaderActs&>(r).identity);
      line.number("acting", static_cast<const history::LeaderActs&>(r).acting);
      break;
    case RecordKind::kProcess:
      line.text("what", process_text(static_cast<const history::ProcessRecord&>(r).what));
      if (!static_cast<const history::ProcessRecord&>(r).why.empty()) line.text("why", static_cast<const history::ProcessRecord&>(r).why);
      break;
    case RecordKind::kMachine:
      line.text("what", static_cast<const history::MachineRecord&>(r).what == history::MachineRecord::What::kPowerOn ? "power-on" : "power-off");
      break;
    case RecordKind::kFault:
      line.text("fault", static_cast<const history::FaultRecord&>(r).text);
      line.number("begins", static_cast<const history::FaultRecord&>(r).begins);
      break;
    case RecordKind::kNote: line.text("text", static_cast<const history::Note&>(r).text); break;
    case RecordKind::kStoreHash:
      line.number("revision", static_cast<const history::StoreHash&>(r).revision);
      line.number("appliedIndex", static_cast<std::int64_t>(static_cast<const history::StoreHash&>(r).applied_index));
      break;
    default: break;
  }
  char hash[24];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(r.content_hash()));
  line.text("hash", hash);
  line.end();
}

}  // namespace orrery::scenarios
