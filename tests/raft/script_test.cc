// Runs tests/raft/scripts/*.txt. One command per line, '#' starts a comment:
//   cluster N [no-pre-vote] [no-check-quorum] [small-appends] [commit-former-terms]
//   campaign N | tick N COUNT | propose N TEXT... | read N CONTEXT | transfer N TO
//   add-learner N ID | add-voter N ID | remove N ID | join ID
//   crash N | restart N | snapshot N | hold-sync N | release-sync N
//   isolate N | cut A B (one way) | heal | lose TYPE | lose-none
//   tick-all COUNT [N...]                                   tick and settle in turn
//   lose-term T                                             appends travel without their entries of term T
//   settle                                                  deliver and sync everything
//   expect leader N|none, role N ROLE, term N T, applied N TEXT..., log N TERM..., read CONTEXT yes|no,
//          voters N ID..., learners N ID..., compacted N INDEX, commit N INDEX, violations (clears them)
// Log terms are those after the bootstrap snapshot (index 1, term 1).
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/raft/cluster.h"

namespace orrery::raft_test {
namespace {

std::string join_words(const auto& items) {
  std::ostringstream out;
  const char* gap = "";
  for (const auto& item : items) {
    out << gap << item;
    gap = " ";
  }
  return out.str();
}

std::string rest_of(std::istringstream& in) {
  std::vector<std::string> words;
  for (std::string w; in >> w;) words.push_back(w);
  return join_words(words);
}

const char* role_name(Role role) {
  static constexpr const char* kNames[] = {"follower", "pre-candidate", "candidate", "leader"};
  return kNames[static_cast<int>(role)];
}

class Script {
 public:
  void run(const std::string& line) {
    std::istringstream in(line);
    std::string word;
    if (!(in >> word) || word[0] == '#') return;
    if (word == "cluster") make_cluster(in);
    else if (word == "expect") expect(in);
    else if (word == "settle") c_->settle();
    else if (!on_member(word, in) && !on_network(word, in)) FAIL("unknown command: " << word);
  }
  Cluster* cluster() { return c_.get(); }

 private:
  void make_cluster(std::istringstream& in) {
    int n = 0;
    in >> n;
    Config config;
    for (std::string option; in >> option;) {
      if (option == "small-appends") config.max_append_bytes = 1;
      else if (option == "no-pre-vote") config.pre_vote = false;
      else if (option == "no-check-quorum") config.check_quorum = false;
      else if (option == "commit-former-terms") config.bugs.commit_former_terms = true;
      else FAIL("unknown option: " << option);
    }
    c_ = std::make_unique<Cluster>(n, config, 7);
  }

  bool on_member(const std::string& word, std::istringstream& in) {
    NodeId id = 0;
    if (word == "tick-all") {
      int count = 0;
      in >> count;
      std::vector<NodeId> chosen;
      for (NodeId each = 0; in >> each;) chosen.push_back(each);
      if (chosen.empty()) chosen = c_->ids();
      while (count-- > 0) {
        for (const NodeId each : chosen) c_->tick(each);
        c_->settle();
      }
      return true;
    }
    static const std::set<std::string> kWords = {
        "campaign", "tick",     "propose",     "read",      "crash",  "restart",   "snapshot",
        "join",     "transfer", "add-learner", "add-voter", "remove", "hold-sync", "release-sync"};
    if (!kWords.count(word)) return false;
    in >> id;
    std::uint64_t number = 0;
    if (word == "campaign") c_->raft(id).campaign();
    else if (word == "tick") {
      for (in >> number; number > 0; --number) c_->tick(id);
    } else if (word == "propose") {
      for (std::string text; in >> text;) c_->propose(id, text);
    } else if (word == "read") {
      in >> number;
      c_->read(id, number);
    } else if (word == "crash") c_->crash(id);
    else if (word == "restart") c_->restart(id);
    else if (word == "snapshot") c_->snapshot(id);
    else if (word == "join") c_->join(id);
    else if (word == "transfer") {
      in >> number;
      c_->raft(id).transfer_leader(number);
    } else if (word == "hold-sync") c_->member(id).hold_sync = true;
    else if (word == "release-sync") c_->member(id).hold_sync = false;
    else {
      in >> number;
      const auto kind = word == "add-learner" ? ConfChangeKind::kAddLearner
                        : word == "add-voter" ? ConfChangeKind::kAddVoter
                                              : ConfChangeKind::kRemove;
      c_->raft(id).propose_conf_change(base::make_ref<ConfChange>(kind, number));
    }
    c_->drain(id);
    return true;
  }

  bool on_network(const std::string& word, std::istringstream& in) {
    NodeId a = 0;
    NodeId b = 0;
    if (word == "isolate") {
      in >> a;
      for (const NodeId other : c_->ids()) {
        c_->cut(a, other, true);
        c_->cut(other, a, true);
      }
    } else if (word == "cut") {
      in >> a >> b;
      c_->cut(a, b, true);
    } else if (word == "heal") {
      for (const NodeId x : c_->ids()) {
        for (const NodeId y : c_->ids()) c_->cut(x, y, false);
      }
    } else if (word == "lose") {
      std::string type;
      in >> type;
      for (int i = 0; i < kMessageTypes; ++i) {
        if (type == to_string(static_cast<MessageType>(i)))
          c_->dropped_types.insert(static_cast<MessageType>(i));
      }
      REQUIRE(!c_->dropped_types.empty());
    } else if (word == "lose-term") {
      in >> a;
      c_->dropped_terms.insert(a);
    } else if (word == "lose-none") {
      c_->dropped_types.clear();
      c_->dropped_terms.clear();
    } else {
      return false;
    }
    return true;
  }

  void expect(std::istringstream& in) {
    std::string what;
    in >> what;
    if (what == "leader") {
      const auto leader = c_->leader();
      CHECK((leader ? std::to_string(*leader) : "none") == rest_of(in));
      return;
    }
    if (what == "violations") {
      CHECK(!c_->violations.empty());
      c_->violations.clear();
      return;
    }
    NodeId id = 0;
    in >> id;
    const std::string wanted = rest_of(in);
    if (what == "read") {
      const bool answered =
          std::any_of(c_->reads.begin(), c_->reads.end(), [id](const Read& r) { return r.context == id; });
      CHECK((answered ? "yes" : "no") == wanted);
      return;
    }
    CHECK(actual(what, id) == wanted);
  }

  std::string actual(const std::string& what, NodeId id) {
    if (what == "applied") return join_words(c_->member(id).applied);
    const Raft& r = c_->raft(id);
    if (what == "role") return role_name(r.role());
    if (what == "term") return std::to_string(r.term());
    if (what == "commit") return std::to_string(r.commit());
    if (what == "compacted") return std::to_string(r.log().compacted());
    if (what == "voters") return join_words(r.conf().voters);
    if (what == "learners") return join_words(r.conf().learners);
    if (what == "log") {
      std::vector<Term> terms;
      for (Index i = r.log().first_index(); i <= r.log().last_index(); ++i)
        terms.push_back(r.log().term(i));
      return join_words(terms);
    }
    return "unknown expectation";
  }

  std::unique_ptr<Cluster> c_;
};

TEST_CASE("raft scripts") {
  std::vector<std::filesystem::path> files;
  for (const auto& f : std::filesystem::directory_iterator(ORRERY_SOURCE_DIR "/tests/raft/scripts")) {
    files.push_back(f.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() >= 10);
  for (const auto& path : files) {
    std::ifstream in(path);
    REQUIRE(in.good());
    Script script;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      INFO(path.filename().string(), ":", number, ": ", line);
      script.run(line);
    }
    INFO(path.filename().string());
    CHECK(join_words(script.cluster()->violations) == "");
  }
}

}  // namespace
}  // namespace orrery::raft_test
