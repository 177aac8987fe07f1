#include "scenarios/conform/plan.h"

#include <algorithm>

#include "model/api/kind.h"
#include "scenarios/conform/driver.h"
#include "scenarios/load/input_error.h"

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
      if (read(r.object, s)) out.push_back(std::move(s));
    }
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
    if (words[0] == "GET" || words[0] == "WAIT" || words[0] == "NOTE") return false;
    for (const auto& [name, verb] : kVerbs) {
      if (words[0] != name || words.size() < 2) continue;
      s.verb = verb;
      read_request(words[1], action, s);
      return true;
    }
    fail(s, "cannot be replayed");
  }

  bool read_nodes(Step& s) const {
    const bool stops = s.text.find("STOPPED") != std::string::npos;
    if (!stops && s.text.find("STARTED") == std::string::npos) fail(s, "cannot be replayed");
    s.kind = stops ? Step::Kind::kStopNodes : Step::Kind::kStartNodes;
    const std::size_t colon = s.text.rfind(": ");
    if (colon == std::string::npos) fail(s, "names no nodes");
    for (const std::string_view name : split(std::string_view(s.text).substr(colon + 1), " ,[]'\"")) {
      if (!history_.covers_node(name)) fail(s, cat("no node ", name));
      s.words.emplace_back(name);
    }
    return true;
  }

  bool read_kubectl(const JsonValue& action, Step& s) const {
    s.kind = Step::Kind::kKubectl;
    s.words = split_command(s.text);
    s.words.erase(s.words.begin());
    if (const std::string problem = kubectl_problem(s.words); !problem.empty()) fail(s, problem);
    s.took = static_cast<Nanos>(action["took"].double_or(0) * 1e9);
    return true;
  }

  void read_request(std::string_view path, const JsonValue& action, Step& s) const {
    const std::string_view query = path.find('?') == path.npos ? "" : path.substr(path.find('?') + 1);
    std::vector<std::string_view> parts = split(path.substr(0, path.find('?')), "/");
    std::string_view group, version;
    std::size_t at = 0;
    if (parts.size() >= 3 && parts[0] == "api") version = parts[1], at = 2;
    else if (parts.size() >= 4 && parts[0] == "apis") group = parts[1], version = parts[2], at = 3;
    else fail(s, "is not a path of the API");
    if (parts[at] == "namespaces" && parts.size() > at + 2 && parts[at + 2] != "status" &&
        parts[at + 2] != "finalize") {
      s.ns = parts[at + 1];
      at += 2;
    }
    const api::Kind* kind = api::find_resource(group, version, parts[at]);
    if (!kind)
      fail(s, cat(parts[at], " in ", group.empty() ? "core" : group, "/", version, " is not served"));
    s.object_kind = kind->id;
    s.resource = kind->plural;
    if (parts.size() > at + 1) s.name = parts[at + 1];
    if (parts.size() > at + 2) s.subresource = parts[at + 2];
    if (s.verb == Verb::kDelete && s.name.empty()) s.verb = Verb::kDeleteCollection;
    if (const JsonValue* body = action.find("body"); body && !body->is_null()) s.body = body->dump();
    if (s.verb == Verb::kPatch) s.patch = patch_type(action, s);
    for (const std::string_view q : split(query, "&")) read_option(q, s);
    if (s.verb == Verb::kDelete || s.verb == Verb::kDeleteCollection) read_delete_options(action["body"], s);
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
  static void read_option(std::string_view q, Step& s) {
    if (q.starts_with("propagationPolicy=")) s.propagation = propagation(q.substr(q.find('=') + 1));
    if (q.starts_with("gracePeriodSeconds="))
      s.grace_seconds = std::stoll(std::string(q.substr(q.find('=') + 1)));
    if (q == "dryRun=All") s.dry_run = true;
  }
  static void read_delete_options(const JsonValue& body, Step& s) {
    if (body["propagationPolicy"].is_string())
      s.propagation = propagation(body["propagationPolicy"].text_or(""));
    if (body["gracePeriodSeconds"].is_number()) s.grace_seconds = body["gracePeriodSeconds"].int_or(0);
    s.body.clear();
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

const api::Kind* kind_by_word(std::string_view word) {
  const std::string_view plain = word.substr(0, word.find('.'));
  for (unsigned i = 1; i <= static_cast<unsigned>(api::kLastStored); ++i) {
    const api::Kind& k = api::kind_of(static_cast<api::KindId>(i));
    if (plain == k.plural || plain == k.singular) return &k;
    for (const std::string_view s : split(k.short_names, ","))
      if (plain == s) return &k;
  }
  return nullptr;
}

std::vector<Step> plan_of(const History& history) { return Reader(history).run(); }

}  // namespace orrery::scenarios::conform
