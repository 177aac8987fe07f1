#include "scenarios/bench/audit_log.h"

#include <algorithm>

#include "model/base/btree_map.h"
#include "model/base/str.h"
#include "scenarios/bench/object_trace.h"
#include "scenarios/bench/trace_text.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using codec::JsonValue;

class AuditReader {
 public:
  AuditReader(std::string file, Trace& trace) : file_(std::move(file)), trace_(trace) {}

  void read() {
    const std::string text = read_trace_text(file_);
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
      ++line_;
      if (line.find_first_not_of(" \t\r") != line.npos) event(line);
    }
    for (const auto& [key, index] : living_) {
      TracePod& p = trace_.pods[index];
      p.censored = true;
      p.duration = last_ - started_[index];
    }
    if (trace_.pods.empty()) {
      throw InputError{file_, 0, "", bare_ > 0 ? "its creations of pods lack the pod; log pods at the audit level Request"
                                               : "creates no pod"};
    }
    std::int64_t first = INT64_MAX;
    for (const TracePod& p : trace_.pods) first = std::min(first, p.arrival);
    for (TracePod& p : trace_.pods) p.arrival -= first;
    note_if_any(trace_, bare_, "creations of pods without the pod in them are left out (audit level Metadata)");
    note_if_any(trace_, failed_, "requests that failed are left out");
    note_if_any(trace_, static_, "static pods are left out");
    note_if_any(trace_, unseen_, "changes of pods that were not created in the log are left out");
    note_if_any(trace_, collections_, "deletions of collections are not followed");
  }

 private:
  [[noreturn]] void fail(const std::string& field, const std::string& what) const { throw InputError{file_, line_, field, what}; }

  void event(std::string_view line) {
    const auto parsed = codec::parse_json(line);
    if (!parsed.ok() || !parsed->is_object()) fail("", "is not a JSON object; an audit log has one per line");
    const JsonValue& e = *parsed;
    if (e["kind"].text_or("") != "Event" || !e["apiVersion"].text_or("").starts_with("audit.k8s.io/")) {
      fail("kind", "is not an Event of audit.k8s.io");
    }
    const JsonValue& about = e["objectRef"];
    if (e["stage"].text_or("") != "ResponseComplete" || about["resource"].text_or("") != "pods" || !about["apiGroup"].text_or("").empty()) return;
    const auto at = api::MicroTime::parse(e["requestReceivedTimestamp"].text_or(""));
    if (!at.ok()) fail("requestReceivedTimestamp", "is not a time as 2025-01-01T00:00:00.000000Z");
    now_ = at->micros * base::kMicrosecond;
    last_ = std::max(last_, now_);
    const std::int64_t code = e["responseStatus"]["code"].int_or(0);
    const std::string_view verb = e["verb"].text_or("");
    if (code < 200 || code > 299) {
      failed_ += verb == "create" || verb == "delete";
      return;
    }
    const std::string_view sub = about["subresource"].text_or("");
    if (verb == "create" && sub.empty()) created(e);
    else if (verb == "create" && sub == "binding") bound(about);
    else if (verb == "delete" && sub.empty()) ended(about, true);
    else if (verb == "deletecollection") ++collections_;
    else if ((verb == "patch" || verb == "update") && sub == "status") status_written(e);
  }

  void created(const JsonValue& e) {
    const JsonValue& asked = e["requestObject"];
    if (!asked.is_object()) {
      ++bare_;
      return;
    }
    JsonValue json = asked;
    JsonValue meta = json["metadata"].is_object() ? json["metadata"] : JsonValue::object();
    const JsonValue& made = e["responseObject"]["metadata"]["name"];
    const std::string name(made.is_string() ? made.text_or("") : e["objectRef"]["name"].text_or(meta["name"].text_or("")));
    if (name.empty()) fail("responseObject", "tells no name of the pod that was created; log pods at the level RequestResponse");
    meta.set("name", name);
    meta.set("namespace", e["objectRef"]["namespace"].text_or("default"));
    json.set("metadata", std::move(meta));
    PodProblem problem;
    const std::optional<api::Pod> pod = pod_of_json(json, problem);
    if (!pod) fail(cat("requestObject.", problem.field), problem.what);
    if (!pod->spec->node_name.empty()) {
      ++static_;
      return;
    }
    TracePod p = trace_pod(*pod);
    p.arrival = now_;
    const std::string key = p.name.str();
    if (living_.contains(key)) fail("", cat("creates the pod ", key, ", which is there already"));
    living_.emplace(key, trace_.pods.size());
    // A name may come again: the second pod is NAME.2, as uids are not in every event.
    if (const int n = ++times_[key]; n > 1) p.name = cat(key, ".", std::to_string(n));
    trace_.pods.push_back(std::move(p));
    started_.push_back(now_);
  }

  static std::string key_in(const JsonValue& about) { return cat(about["namespace"].text_or("default"), "/", about["name"].text_or("")); }

  void bound(const JsonValue& about) {
    if (const auto found = living_.find(key_in(about)); found != living_.end()) started_[found->second] = now_;
    else ++unseen_;
  }
  void ended(const JsonValue& about, bool count) {
    const auto found = living_.find(key_in(about));
    if (found == living_.end()) {
      unseen_ += count;
      return;
    }
    TracePod& p = trace_.pods[found->second];
    p.duration = now_ - started_[found->second];
    living_.erase(found);
  }
  void status_written(const JsonValue& e) {
    const std::string_view phase = e["requestObject"]["status"]["phase"].text_or("");
    if (phase == "Succeeded" || phase == "Failed") ended(e["objectRef"], false);
  }

  std::string file_;
  Trace& trace_;
  base::BTreeMap<std::string, std::size_t> living_;   // by "namespace/name"
  base::BTreeMap<std::string, int> times_;
  std::vector<base::Nanos> started_;                  // of each pod
  base::Nanos now_ = 0, last_ = 0;
  int line_ = 0;
  std::size_t bare_ = 0, failed_ = 0, static_ = 0, unseen_ = 0, collections_ = 0;
};

}  // namespace

Trace read_audit_log(const std::string& file, const std::string& nodes) {
  Trace out;
  out.timed = true;
  take_cluster(nodes, out);
  AuditReader(file, out).read();
  sort_by_arrival(out);
  return out;
}

}  // namespace orrery::scenarios::bench
