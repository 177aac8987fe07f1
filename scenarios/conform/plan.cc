#include "scenarios/conform/plan.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "model/api/kind.h"
#include "scenarios/conform/driver.h"
#include "scenarios/conform/track.h"
#include "scenarios/load/input_error.h"
#include "scenarios/whatif/documents.h"

namespace orrery::scenarios::conform {
namespace {

using api::Verb;
using base::cat;

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(separators);
    if (end != 0) out.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return out;
}

std::string in_capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

class Reader {
 public:
  explicit Reader(const History& history) : history_(history) {}

  std::vector<Step> run() {
    std::vector<Step> out;
    for (const HistoryRecord& r : history_.records) {
      if (r.type != HistoryRecord::Type::kAction) continue;
      Step s;
      s.line = r.line;
      s.t = r.t;
      s.text = r.object["action"].text_or("");
      s.failed = r.object["code"].int_or(0) >= 400 || r.object["rc"].int_or(0) != 0;
      if (read(r.object, s)) out.push_back(std::move(s));
    }
    settle_processes(out);
    return out;
  }

 private:
  [[noreturn]] void fail(const Step& s, std::string what) const {
    throw InputError{history_.file, s.line, "", cat("action \"", s.text, "\": ", what)};
  }

  bool read(const JsonValue& action, Step& s) const {
    const std::vector<std::string_view> words = split(s.text, " ");
    if (words.empty()) fail(s, "is empty");
    if (words[0] == "FAKE") return read_nodes(s);
    if (words[0] == "kubectl") return read_kubectl(action, s);
    static constexpr std::pair<std::string_view, Verb> kVerbs[] = {
        {"POST", Verb::kCreate}, {"PUT", Verb::kUpdate}, {"PATCH", Verb::kPatch}, {"DELETE", Verb::kDelete}};
    for (const char* idle : {"GET", "HEAD", "LIST", "WATCH", "WAIT", "SLEEP", "CHECK", "NOTE"})
      if (in_capitals(words[0].substr(0, words[0].find(':'))) == idle) return false;
    for (const auto& [name, verb] : kVerbs) {
      if (words[0] != name || words.size() < 2) continue;
      if (has_no_effect(words[1])) return false;
      s.verb = verb;
      return read_request(words[1], action, s);
    }
    if (read_process(s)) return true;
    fail(s, "cannot be replayed");
  }

  /// Groups whose objects nothing that a history shows depends on.
  static bool has_no_effect(std::string_view path) {
    constexpr std::string_view kGroups[] = {"/apis/rbac.authorization.k8s.io/", "/apis/networking.k8s.io/",
                                            "/apis/authentication.k8s.io/", "/apis/authorization.k8s.io/",
                                            "/apis/certificates.k8s.io/", "/apis/flowcontrol.apiserver.k8s.io/",
                                            "/apis/admissionregistration.k8s.io/", "/apis/apiextensions.k8s.io/",
                                            "/apis/apiregistration.k8s.io/"};
    return std::any_of(std::begin(kGroups), std::end(kGroups), [path](std::string_view g) { return path.starts_with(g); });
  }

  /// "SIGKILL kube-controller-manager", "kube-scheduler STARTED": a signal or a word, and a process of the control plane.
  static bool read_process(Step& s) {
    static constexpr std::pair<const char*, const char*> kProcesses[] = {{"CONTROLLER-MANAGER", "kube-controller-manager"},
                                                                         {"SCHEDULER", "kube-scheduler"},
                                                                         {"APISERVER", "kube-apiserver"},
                                                                         {"ETCD", "etcd"}};
    static constexpr std::pair<const char*, const char*> kDeeds[] = {
        {"SIGSTOP", "pause"}, {"PAUSE", "pause"}, {"FREEZE", "pause"}, {"SIGCONT", "resume"}, {"RESUME", "resume"},
        {"RESTART", "kill"},  {"KILL", "stop"},   {"SIGTERM", "stop"}, {"STOP", "stop"},      {"CRASH", "stop"},
        {"START", "start"}};
    const std::string text = in_capitals(s.text);
    for (const auto& [word, process] : kProcesses) {
      if (text.find(word) == text.npos) continue;
      for (const auto& [deed, what] : kDeeds) {
        if (text.find(deed) == text.npos) continue;
        s.kind = Step::Kind::kProcess;
        s.words = {process, what};
        return true;
      }
    }
    return false;
  }

  /// What the driver stops and never starts again, something else starts.
  static void settle_processes(std::vector<Step>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].kind != Step::Kind::kProcess || steps[i].words[1] != "stop") continue;
      const bool starts = std::any_of(steps.begin() + static_cast<std::ptrdiff_t>(i), steps.end(), [&](const Step& s) {
        return s.kind == Step::Kind::kProcess && s.words[0] == steps[i].words[0] && s.words[1] == "start";
      });
      if (!starts) steps[i].words[1] = "kill";
    }
  }

  /// A node's name, "za-*", or a zone.
  std::vector<std::string> nodes_of(std::string_view word) const {
    std::vector<std::string> out;
    for (const std::string& node : history_.nodes)
      if (node == word || (word.ends_with('*') && std::string_view(node).starts_with(word.substr(0, word.size() - 1))) ||
          zone_of(node) == word)
        out.push_back(node);
    return out;
  }
  std::string_view zone_of(std::string_view node) const {
    for (const HistoryRecord& r : history_.records)
      if (r.resource == "nodes" && meta_text(r.object, "name") == node)
        return r.object["metadata"]["labels"]["topology.kubernetes.io/zone"].text_or("");
    return {};
  }

  /// What a node's kubelet does, and the nodes after the last ": " or wherever they are named.
  bool read_nodes(Step& s) const {
    const std::string text = in_capitals(s.text);
    const auto says = [&text](std::initializer_list<const char*> words) {
      return std::any_of(words.begin(), words.end(), [&text](const char* w) { return text.find(w) != text.npos; });
    };
    // A node that comes is seen in the history; it registers then.
    if (says({"ADDED", "JOIN", "CREATED", "REGISTERED"})) return false;
    const bool stops = says({"STOPPED", "KILLED", "CRASHED", "REMOVED", "DELETED", "PAUSED", "POWERED OFF"});
    if (!stops && !says({"STARTED", "RESTARTED", "RESUMED", "RETURNED", "BACK", "POWERED ON"})) fail(s, "cannot be replayed");
    s.kind = stops ? Step::Kind::kStopNodes : Step::Kind::kStartNodes;
    const std::size_t colon = s.text.rfind(": ");
    const bool listed = colon != std::string::npos;
    for (const std::string_view word : split(std::string_view(s.text).substr(listed ? colon + 1 : 0), " ,;()[]'\"")) {
      const std::vector<std::string> nodes = nodes_of(word);
      if (nodes.empty() && listed && word != "zone" && word != "and" && word != "all" && word != "nodes")
        fail(s, cat("no node ", word));
      s.words.insert(s.words.end(), nodes.begin(), nodes.end());
    }
    if (s.words.empty() && says({" ALL"})) s.words = history_.nodes;
    if (s.words.empty()) fail(s, "names no nodes");
    return true;
  }

  bool read_kubectl(const JsonValue& action, Step& s) const {
    s.kind = Step::Kind::kKubectl;
    s.words = split_command(s.text);
    s.words.erase(s.words.begin());
    s.took = static_cast<Nanos>(action["took"].double_or(0) * 1e9);
    if (const std::string path = raw_path(s); !path.empty()) {
      s.kind = Step::Kind::kRequest;
      return read_request(path, action, s);
    }
    if (const std::string problem = kubectl_problem(s.words); !problem.empty()) {
      if (read_creation(s) || read_unwatched(s)) return true;
      if (s.failed) return false;  // what it was to do was not done
      fail(s, problem);
    }
    if (!kubectl_writes(s.words)) return true;
    const KubectlCommand command = parse_kubectl(s.words);
    for (const char* where : {"body", "stdin"})
      if (const JsonValue* body = action.find(where)) s.body = body->is_string() ? objects_in(body->text_or("")) : body->dump();
    if (command.files && s.body.empty()) fail(s, "the record does not have the objects of the file");
    s.restarted_at = restarted_at(command, s.t);
    return true;
  }

  /// The path of `create`, `replace` or `delete --raw PATH`, and its verb; "" for other lines.
  static std::string raw_path(Step& s) {
    static constexpr std::pair<std::string_view, Verb> kVerbs[] = {
        {"create", Verb::kCreate}, {"replace", Verb::kUpdate}, {"delete", Verb::kDelete}};
    std::string path;
    bool known = false;
    for (std::size_t i = 0; i < s.words.size(); ++i) {
      if (s.words[i].starts_with("--raw=")) path = s.words[i].substr(6);
      else if (s.words[i] == "--raw" && i + 1 < s.words.size()) path = s.words[i + 1];
      for (const auto& [word, verb] : kVerbs) {
        if (known || s.words[i] != word) continue;
        s.verb = verb;
        known = true;
      }
    }
    return known ? path : "";
  }

  /// What `kubectl run`, `expose` or `create` made is seen in the history: an object without owner that a word names.
  bool read_creation(Step& s) const {
    constexpr std::string_view kMakers[] = {"create", "expose", "run"};
    const auto is_word = [&s](std::string_view name) {
      return std::any_of(s.words.begin(), s.words.end(), [name](std::string_view w) {
        const std::size_t before = w.find_last_of("/=");  // TYPE/NAME, --name=NAME
        return w == name || (before != w.npos && w.substr(before + 1) == name);
      });
    };
    if (std::none_of(std::begin(kMakers), std::end(kMakers), is_word)) return false;
    for (const HistoryRecord& r : history_.records) {
      if (r.type != HistoryRecord::Type::kAdded || r.t < s.t || r.t > s.t + s.took + base::kSecond) continue;
      if (r.resource == "events" || r.resource == "endpoints" || r.resource == "endpointslices") continue;
      const JsonValue& meta = r.object["metadata"];
      if (!meta["ownerReferences"].items().empty() || !is_word(meta["name"].text_or(""))) continue;
      const api::Kind* kind = api::find_kind(r.object["apiVersion"].text_or(""), r.object["kind"].text_or(""));
      if (!kind) continue;
      s.kind = Step::Kind::kRequest;
      s.verb = Verb::kCreate;
      s.object_kind = kind->id;
      s.resource = kind->plural;
      s.ns = meta["namespace"].text_or("");
      s.body = as_posted(r.object).dump();
      return true;
    }
    return false;
  }

  /// `kubectl create` of what the watcher left out, of which only the presence counts.
  static bool read_unwatched(Step& s) {
    static constexpr std::pair<std::string_view, api::KindId> kTypes[] = {{"configmap", api::KindId::kConfigMap},
                                                                         {"cm", api::KindId::kConfigMap},
                                                                         {"secret", api::KindId::kSecret},
                                                                         {"serviceaccount", api::KindId::kServiceAccount},
                                                                         {"sa", api::KindId::kServiceAccount}};
    std::vector<std::string_view> words;
    std::string ns = "default";
    for (std::size_t i = 0; i < s.words.size(); ++i) {
      const std::string_view w = s.words[i];
      if (!w.starts_with('-')) {
        words.push_back(w);
        continue;
      }
      const std::size_t equals = w.find('=');
      const std::string_view key = w.substr(0, equals);
      const bool apart = equals == w.npos && i + 1 < s.words.size() && key != "--save-config" && key != "--validate";
      const std::string_view value = equals != w.npos ? w.substr(equals + 1) : apart ? std::string_view(s.words[++i]) : "";
      if (key == "-n" || key == "--namespace") ns = value;
    }
    if (words.size() < 3 || words[0] != "create") return false;
    const std::size_t name = words[1] == "secret" ? 3 : 2;  // after "generic", "tls"
    for (const auto& [type, kind] : kTypes) {
      if (words[1] != type || name >= words.size()) continue;
      s.kind = Step::Kind::kRequest;
      s.verb = Verb::kCreate;
      s.object_kind = kind;
      s.resource = api::kind_of(kind).plural;
      s.ns = ns;
      JsonValue meta = JsonValue::object(), object = JsonValue::object();
      meta.set("name", std::string(words[name]));
      object.set("metadata", std::move(meta));
      s.body = object.dump();
      return true;
    }
    return false;
  }

  /// Without what the server adds.
  static JsonValue as_posted(JsonValue object) {
    JsonValue meta = object["metadata"], spec = object["spec"];
    for (const char* name : {"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"})
      meta.edit_members().erase(name);
    object.set("metadata", std::move(meta));
    object.edit_members().erase("status");
    if (object["kind"].text_or("") == "Service" && spec["clusterIP"].text_or("") != "None") {
      spec.edit_members().erase("clusterIP");
      spec.edit_members().erase("clusterIPs");
    }
    if (spec.is_object()) object.set("spec", std::move(spec));
    return object;
  }

  /// The objects of a manifest, as one list.
  std::string objects_in(std::string_view text) const {
    JsonValue items = JsonValue::array(), list = JsonValue::object();
    for (whatif::Document& d : whatif::read_documents(history_.file, text)) items.edit_items().push_back(std::move(d.value));
    list.set("items", std::move(items));
    return list.dump();
  }

  /// The first restart that the history shows of what the command names.
  std::string restarted_at(const KubectlCommand& c, Nanos since) const {
    if (c.action != "restart") return {};
    const auto restarts = [&c](const HistoryRecord& r) {
      const auto is = [&r](const api::Kind* kind) { return r.resource == kind->plural; };
      const bool of_kind = std::any_of(c.kinds.begin(), c.kinds.end(), is);
      return of_kind || (!c.targets.empty() && is(c.targets[0].kind) && meta_text(r.object, "name") == c.targets[0].name);
    };
    std::map<std::string, std::string, std::less<>> before;  // by name
    for (const HistoryRecord& r : history_.records) {
      if (r.type == HistoryRecord::Type::kAction || !restarts(r) || meta_text(r.object, "namespace") != c.ns) continue;
      const std::string at(
          r.object["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"].text_or(""));
      std::string& known = before[std::string(meta_text(r.object, "name"))];
      if (r.t < since) known = at;
      else if (at != known) return at;
    }
    return {};
  }

  /// False for one that needs no replay.
  bool read_request(std::string_view path, const JsonValue& action, Step& s) const {
    const std::string_view query = path.find('?') == path.npos ? "" : path.substr(path.find('?') + 1);
    std::vector<std::string_view> parts = split(path.substr(0, path.find('?')), "/");
    std::string_view group, version;
    std::size_t at = 0;
    if (parts.size() >= 3 && parts[0] == "api") version = parts[1], at = 2;
    else if (parts.size() >= 4 && parts[0] == "apis") group = parts[1], version = parts[2], at = 3;
    else fail(s, "is not a path of the API");
    if (parts.size() <= at) fail(s, "is not a path of the API");
    if (parts[at] == "namespaces" && parts.size() > at + 2 && parts[at + 2] != "status" &&
        parts[at + 2] != "finalize") {
      s.ns = parts[at + 1];
      at += 2;
    }
    const api::Kind* kind = api::find_resource(group, version, parts[at]);
    if (!kind && s.failed) return false;
    if (!kind)
      fail(s, cat(parts[at], " in ", group.empty() ? "core" : group, "/", version, " is not served"));
    s.object_kind = kind->id;
    s.resource = kind->plural;
    s.present = s.verb == Verb::kCreate && action["code"].int_or(0) == 409 && !is_watched(s.resource);
    if (parts.size() > at + 1) s.name = parts[at + 1];
    if (parts.size() > at + 2) s.subresource = parts[at + 2];
    if (parts.size() > at + 3) fail(s, "is not a path of the API");
    if (s.verb == Verb::kUpdate || s.verb == Verb::kPatch || !s.subresource.empty())
      if (s.name.empty()) fail(s, "names no object");
    if (s.verb == Verb::kDelete && s.name.empty()) s.verb = Verb::kDeleteCollection;
    if (const JsonValue* body = action.find("body"); body && !body->is_null()) s.body = body->dump();
    if (s.verb == Verb::kPatch && action["ct"].text_or("").find("apply-patch") != std::string_view::npos)
      return read_apply(s), true;
    if (s.verb == Verb::kPatch) s.patch = patch_type(action, s);
    for (const std::string_view q : split(query, "&")) read_option(q, s);
    if (s.verb == Verb::kDelete || s.verb == Verb::kDeleteCollection) read_delete_options(action["body"], s);
    if (s.verb == Verb::kCreate && kind->id == api::KindId::kNode && s.name.empty() && !s.failed)
      s.kind = Step::Kind::kAddNode;
    return true;
  }

  /// Server-side apply does what `kubectl apply` does, as long as each field has one writer.
  void read_apply(Step& s) const {
    if (!s.subresource.empty() || s.body.empty()) fail(s, "apply of this cannot be replayed");
    s.kind = Step::Kind::kKubectl;
    s.words = {"apply", "--filename=-"};
    if (!s.ns.empty()) s.words.push_back(cat("--namespace=", s.ns));
  }

  api::PatchType patch_type(const JsonValue& action, const Step& s) const {
    const std::string_view ct = action["ct"].text_or("application/merge-patch+json");
    if (ct.find("strategic") != ct.npos) return api::PatchType::kStrategicMerge;
    if (ct.find("json-patch") != ct.npos) return api::PatchType::kJson;
    if (ct.find("merge-patch") != ct.npos) return api::PatchType::kMerge;
    fail(s, cat("patch of type ", ct, " cannot be replayed"));
  }

  static api::Propagation propagation(std::string_view text) {
    if (text == "Foreground") return api::Propagation::kForeground;
    if (text == "Orphan") return api::Propagation::kOrphan;
    return text == "Background" ? api::Propagation::kBackground : api::Propagation::kDefault;
  }
  void read_option(std::string_view q, Step& s) const {
    static constexpr std::string_view kWithoutEffect[] = {"timeout", "timeoutSeconds", "fieldManager",
                                                          "fieldValidation", "pretty"};
    const std::string_view key = q.substr(0, q.find('='));
    const std::string value = decoded(q.substr(std::min(q.size(), key.size() + 1)));
    if (key == "propagationPolicy") s.propagation = propagation(value);
    else if (key == "orphanDependents") s.propagation = orphaning(value == "true");
    else if (key == "gracePeriodSeconds") s.grace_seconds = number(value, s);
    else if (key == "labelSelector") s.label_selector = value;
    else if (key == "fieldSelector") s.field_selector = value;
    else if (key == "dryRun" && value == "All") s.dry_run = true;
    else if (std::find(std::begin(kWithoutEffect), std::end(kWithoutEffect), key) == std::end(kWithoutEffect))
      fail(s, cat("option ", key, " cannot be replayed"));
  }
  void read_delete_options(const JsonValue& body, Step& s) const {
    if (body["propagationPolicy"].is_string())
      s.propagation = propagation(body["propagationPolicy"].text_or(""));
    if (const JsonValue* orphans = body.find("orphanDependents"); orphans && !orphans->is_null())
      s.propagation = orphaning(orphans->dump() == "true");
    if (body["gracePeriodSeconds"].is_number()) s.grace_seconds = body["gracePeriodSeconds"].int_or(0);
    s.precondition_uid = body["preconditions"]["uid"].text_or("");
    s.precondition_resource_version = body["preconditions"]["resourceVersion"].text_or("");
    if (!body["dryRun"].items().empty()) s.dry_run = true;
    s.body.clear();
  }
  static api::Propagation orphaning(bool orphans) {
    return orphans ? api::Propagation::kOrphan : api::Propagation::kBackground;
  }
  std::int64_t number(const std::string& text, const Step& s) const {
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size()) fail(s, cat(text, " is no number"));
    return n;
  }
  /// Of a query: %XX and "+".
  static std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      unsigned code = 0;
      if (text[i] == '%' && i + 2 < text.size() &&
          std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr == text.data() + i + 3) {
        out += static_cast<char>(code);
        i += 2;
      } else {
        out += text[i] == '+' ? ' ' : text[i];
      }
    }
    return out;
  }

  const History& history_;
};

}  // namespace

std::vector<std::string> split_command(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  bool inside = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote) {
      if (c == quote) quote = 0;
      else word += c;
    } else if (c == '\'' || (c == '"' && !inside)) {
      quote = c;
      inside = true;
    } else if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      inside = true;
    } else if (c == ' ') {
      if (inside) out.push_back(std::exchange(word, ""));
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (inside) out.push_back(word);
  return out;
}

std::vector<Step> plan_of(const History& history) { return Reader(history).run(); }

}  // namespace orrery::scenarios::conform
