#include "scenarios/conform/kubectl_command.h"

#include <algorithm>
#include <charconv>

#include "model/api/time.h"
#include "model/base/str.h"

namespace orrery::scenarios::conform {
namespace {

using api::KindId;
using base::cat;

constexpr std::string_view kReads[] = {"api-resources", "api-versions", "auth",         "cluster-info", "completion",
                                       "config",        "describe",     "diff",         "events",       "explain",
                                       "get",           "help",         "kustomize",    "logs",         "options",
                                       "plugin",        "port-forward", "proxy",        "top",          "version",
                                       "wait"};

struct Flag {
  std::string_view name;
  char letter;
  enum class Form : std::uint8_t {
    kSwitch,
    kValue,
    kChoice,  ///< its value follows an equals sign only
    kNumber,
    kDuration
  } form;
  std::string_view verbs;  // that know it; "" for all
};
using Form = Flag::Form;

/// The flags that change what is replayed, and those that change nothing of it.
constexpr Flag kFlags[] = {
    {"--namespace", 'n', Form::kValue, ""},
    {"--context", 0, Form::kValue, ""},
    {"--kubeconfig", 0, Form::kValue, ""},
    {"--server", 's', Form::kValue, ""},
    {"--request-timeout", 0, Form::kValue, ""},
    {"--output", 'o', Form::kValue, ""},
    {"--v", 'v', Form::kValue, ""},
    {"--field-manager", 0, Form::kValue, ""},
    {"--cluster", 0, Form::kValue, ""},
    {"--user", 0, Form::kValue, ""},
    {"--insecure-skip-tls-verify", 0, Form::kSwitch, ""},
    {"--record", 0, Form::kSwitch, ""},
    {"--save-config", 0, Form::kSwitch, ""},
    {"--validate", 0, Form::kChoice, ""},
    {"--dry-run", 0, Form::kChoice, ""},
    {"--from", 0, Form::kValue, " create "},
    {"--containers", 'c', Form::kValue, " set "},
    {"--limits", 0, Form::kValue, " set "},
    {"--requests", 0, Form::kValue, " set "},
    {"--filename", 'f', Form::kValue, " apply create delete replace "},
    {"--server-side", 0, Form::kSwitch, " apply "},
    {"--force-conflicts", 0, Form::kSwitch, " apply "},
    {"--selector", 'l', Form::kValue, " annotate cordon delete drain label rollout scale set taint uncordon "},
    {"--field-selector", 0, Form::kValue, " annotate delete label "},
    {"--all", 0, Form::kSwitch, " annotate delete label scale set taint "},
    {"--all-namespaces", 'A', Form::kSwitch, " annotate delete label "},
    {"--overwrite", 0, Form::kSwitch, " annotate label taint "},
    {"--cascade", 0, Form::kChoice, " delete "},
    {"--force", 0, Form::kSwitch, " delete drain "},
    {"--now", 0, Form::kSwitch, " delete "},
    {"--grace-period", 0, Form::kNumber, " delete drain "},
    {"--ignore-not-found", 0, Form::kSwitch, " delete "},
    {"--wait", 0, Form::kSwitch, " delete "},
    {"--timeout", 0, Form::kDuration, " delete drain scale "},
    {"--delete-emptydir-data", 0, Form::kSwitch, " drain "},
    {"--disable-eviction", 0, Form::kSwitch, " drain "},
    {"--ignore-daemonsets", 0, Form::kSwitch, " drain "},
    {"--pod-selector", 0, Form::kValue, " drain "},
    {"--chunk-size", 0, Form::kNumber, " drain "},
    {"--skip-wait-for-delete-timeout", 0, Form::kNumber, " drain "},
    {"--patch", 'p', Form::kValue, " patch "},
    {"--type", 0, Form::kValue, " patch "},
    {"--subresource", 0, Form::kValue, " patch "},
    {"--to-revision", 0, Form::kNumber, " rollout "},
    {"--replicas", 0, Form::kNumber, " scale "},
    {"--current-replicas", 0, Form::kNumber, " scale "},
};

constexpr std::string_view kAll[] = {"pods",        "replicationcontrollers", "services", "daemonsets", "deployments",
                                     "replicasets", "statefulsets",           "cronjobs", "jobs"};

template <class Range>
bool holds(const Range& range, std::string_view value) {
  return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

bool one_of(std::string_view list, std::string_view word) {
  return list.find(cat(" ", word, " ")) != list.npos;
}

bool is_number(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_edit(std::string_view word) {
  return word.find_first_of("=:") != word.npos || word.ends_with('-');
}

bool takes_next_word(const Flag& flag) { return flag.form != Form::kSwitch && flag.form != Form::kChoice; }

const Flag* find_flag(std::string_view name) {
  for (const Flag& f : kFlags)
    if (f.name == name || (name.size() == 2 && name[0] == '-' && name[1] == f.letter)) return &f;
  return nullptr;
}

std::vector<std::string_view> parts(std::string_view list) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t comma = list.find(',');
    out.push_back(list.substr(0, comma));
    if (comma == list.npos) return out;
    list.remove_prefix(comma + 1);
  }
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& words) : words_(words) {}

  KubectlCommand run() {
    for (std::size_t i = 0; i < words_.size() && ok(); ++i) {
      const std::string& w = words_[i];
      if (w.size() > 1 && w[0] == '-') read_flag(i);
      else args_.push_back(w);
    }
    if (!ok() && (args_.empty() || is_known(args_[0]))) return std::move(c_);
    read_args();
    if (ok()) check_flags();
    return std::move(c_);
  }

 private:
  bool ok() const { return c_.problem.empty(); }
  void fail(std::string why) {
    if (ok()) c_.problem = std::move(why);
  }

  void read_flag(std::size_t& i) {
    const std::string& w = words_[i];
    const std::size_t equals = w.find('=');
    std::string key = w.substr(0, equals), value;
    bool given = equals != std::string::npos;
    if (given) value = w.substr(equals + 1);
    if (w[1] != '-' && key.size() > 2) {
      value = w.substr(equals == 2 ? 3 : 2);
      key = w.substr(0, 2);
      given = true;
    }
    const Flag* flag = find_flag(key);
    if (!flag) return fail(cat("kubectl with ", key, " cannot be replayed"));
    if (!given && takes_next_word(*flag)) {
      if (i + 1 == words_.size()) return fail(cat(key, " has no value"));
      value = words_[++i];
    }
    if (flag->form == Form::kSwitch && given && value != "true" && value != "false")
      return fail(cat(key, " is neither true nor false"));
    if (flag->form == Form::kNumber && !is_number(value)) return fail(cat(key, " is no number"));
    if (flag->form == Form::kDuration && value != "0" && !api::parse_duration(value).ok())
      return fail(cat(key, " is no duration"));
    if (flag->name == "--namespace") c_.ns = value;
    if (flag->form == Form::kSwitch && value == "false") return;
    if (flag->name == "--all-namespaces") c_.all_namespaces = true;
    c_.flags.emplace_back(flag->name, value);
  }

  void read_args() {
    if (args_.empty()) return fail("names no command");
    c_.verb = args_[0];
    c_.files = c_.has("--filename");
    if (c_.files && one_of(" apply create delete replace ", c_.verb)) return;
    std::size_t at = 1;
    if (c_.verb == "rollout" || c_.verb == "set" || c_.verb == "create") {
      if (args_.size() > 1) c_.action = args_[1];
      at = 2;
    }
    const bool known = (is_known(c_.verb) && c_.action.empty()) ||
                       (c_.verb == "rollout" && one_of(" pause restart resume undo ", c_.action)) ||
                       (c_.verb == "set" && one_of(" env image resources selector ", c_.action)) ||
                       (c_.verb == "create" && one_of(" job namespace ns ", c_.action));
    if (!known) {
      c_.problem = cat("kubectl ", c_.verb, c_.action.empty() ? "" : " ", c_.action, " cannot be replayed");
      return;
    }
    if (one_of(" cordon drain uncordon ", c_.verb)) return read_names(at, api::kind_of(KindId::kNode));
    if (c_.verb == "create")
      return read_names(at, api::kind_of(c_.action == "job" ? KindId::kJob : KindId::kNamespace));
    std::size_t end = args_.size();
    if (one_of(" annotate label set taint ", c_.verb)) {
      end = std::min(at, end);
      while (end < args_.size() && !is_edit(args_[end])) ++end;
      c_.edits.assign(args_.begin() + static_cast<std::ptrdiff_t>(end), args_.end());
      for (const std::string& e : c_.edits)
        if (!is_edit(e)) return fail(cat("\"", e, "\" is not understood"));
      const bool by_flags = c_.action == "resources" && (c_.has("--limits") || c_.has("--requests"));
      if (c_.edits.empty() && !by_flags) return fail(cat("kubectl ", c_.verb, " changes nothing"));
    }
    read_objects(at, end);
  }

  static bool is_known(std::string_view verb) {
    return one_of(" annotate cordon delete drain label patch scale taint uncordon ", verb);
  }

  void read_names(std::size_t at, const api::Kind& kind) {
    for (; at < args_.size(); ++at)
      c_.targets.push_back({&kind, args_[at].substr(args_[at].find('/') + 1)});
    if (c_.has("--selector")) c_.kinds.push_back(&kind);
    check_choice();
  }

  const api::Kind* kind_of_word(std::string_view word) {
    const api::Kind* kind = kind_by_word(word);
    if (!kind) fail(cat(word, " is not served"));
    return kind;
  }

  void read_objects(std::size_t at, std::size_t end) {
    if (at >= end) return fail("names no object");
    if (args_[at].find('/') != std::string::npos) {
      for (; at < end && ok(); ++at) {
        const std::size_t slash = args_[at].find('/');
        if (slash == std::string::npos) return fail(cat("\"", args_[at], "\" is not TYPE/NAME"));
        c_.targets.push_back({kind_of_word(args_[at].substr(0, slash)), args_[at].substr(slash + 1)});
      }
      return ok() ? check_choice() : void();
    }
    for (const std::string_view word : parts(args_[at])) {
      if (word == "all") {
        for (const std::string_view plural : kAll) c_.kinds.push_back(kind_by_word(plural));
      } else if (const api::Kind* kind = kind_of_word(word)) {
        c_.kinds.push_back(kind);
      }
    }
    if (!ok()) return;
    for (const api::Kind* kind : c_.kinds)
      for (std::size_t i = at + 1; i < end; ++i) c_.targets.push_back({kind, args_[i]});
    if (!c_.targets.empty() && !chooses()) c_.kinds.clear();
    check_choice();
  }

  bool chooses() const { return c_.has("--selector") || c_.has("--field-selector") || c_.has("--all"); }

  void check_choice() {
    if (c_.targets.empty() && c_.kinds.empty()) return fail("names no object");
    if (!c_.targets.empty() && chooses()) return fail("names objects and a selector");
    // `rollout restart TYPE` restarts all of them.
    if (c_.targets.empty() && !chooses() && c_.action != "restart") return fail("names a type but no object");
    if (c_.has("--selector") && c_.has("--all")) fail("has a selector and --all");
  }

  void check_flags() {
    for (const auto& [name, value] : c_.flags) {
      const Flag* flag = find_flag(name);
      if (!flag->verbs.empty() && !one_of(flag->verbs, c_.verb))
        return fail(cat("kubectl ", c_.verb, " with ", name, " cannot be replayed"));
    }
    if (c_.verb == "scale" && !c_.has("--replicas")) fail("kubectl scale without --replicas");
    if (c_.verb == "patch" && !c_.has("--patch")) fail("kubectl patch without a patch");
    if (c_.action == "job" && !c_.files) {
      const std::string from = c_.flag("--from");
      const api::Kind* kind = kind_by_word(from.substr(0, from.find('/')));
      if (!kind || kind->id != KindId::kCronJob) fail("kubectl create job other than --from=cronjob/NAME cannot be replayed");
    }
    if (!one_of(" background false foreground orphan true ", c_.flag("--cascade", "background"))) fail("--cascade is not known");
    if (!one_of(" json merge strategic ", c_.flag("--type", "strategic"))) fail("--type is not known");
    if (c_.has("--now") && c_.has("--grace-period")) fail("has --now and --grace-period");
  }

  const std::vector<std::string>& words_;
  std::vector<std::string> args_;
  KubectlCommand c_;
};

std::string_view verb_of(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty() || words[i][0] != '-') return words[i];
    const Flag* flag = find_flag(words[i]);
    if (flag && takes_next_word(*flag) && words[i].find('=') == std::string::npos) ++i;
  }
  return "";
}

}  // namespace

std::string KubectlCommand::flag(std::string_view name, std::string_view otherwise) const {
  for (const auto& [key, value] : flags)
    if (key == name) return value.empty() ? std::string(otherwise) : value;
  return std::string(otherwise);
}

bool KubectlCommand::has(std::string_view name) const {
  return std::any_of(flags.begin(), flags.end(), [name](const auto& f) { return f.first == name; });
}

KubectlCommand parse_kubectl(const std::vector<std::string>& words) { return Parser(words).run(); }

const api::Kind* kind_by_word(std::string_view word) {
  const std::string_view plain = word.substr(0, word.find('.'));
  for (unsigned i = 1; i <= static_cast<unsigned>(api::kLastStored); ++i) {
    const api::Kind& k = api::kind_of(static_cast<KindId>(i));
    if (plain == k.plural || plain == k.singular || plain == k.kind) return &k;
    for (const std::string_view s : parts(k.short_names))
      if (!plain.empty() && plain == s) return &k;
  }
  return nullptr;
}

bool kubectl_writes(const std::vector<std::string>& words) {
  if (holds(kReads, verb_of(words))) return false;
  // Only tried, not done.
  for (const char* dry : {"--dry-run", "--dry-run=client", "--dry-run=server"})
    if (holds(words, dry)) return false;
  for (const char* read : {"status", "history"})
    if (verb_of(words) == "rollout" && holds(words, read)) return false;
  return true;
}

std::string kubectl_problem(const std::vector<std::string>& words) {
  return kubectl_writes(words) ? parse_kubectl(words).problem : "";
}

}  // namespace orrery::scenarios::conform
