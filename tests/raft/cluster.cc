#include "tests/raft/cluster.h"

#include <algorithm>
#include <sstream>

namespace orrery::raft_test {
namespace {

base::Result<env::BodyRef> decode_text(std::string_view bytes) {
  return env::BodyRef(base::make_ref<Text>(std::string(bytes)));
}

std::string text_of(const Entry& e) {
  if (const auto* text = env::body_as<Text>(e.payload.get())) return text->text();
  return e.kind == EntryKind::kNoop ? "-" : "conf";
}

}  // namespace

const env::BodyType Text::kType{199, "test.text", decode_text};

void Disk::write(const Ready& ready) {
  if (ready.hard) state.hard = *ready.hard;
  if (ready.snapshot) {
    state.snapshot = ready.snapshot;
    state.entries.clear();
  }
  if (ready.append.empty()) return;
  const Index base = state.snapshot ? state.snapshot->index : 0;
  state.entries.resize(ready.append.front().index - base - 1);
  for (const Entry& e : ready.append) state.entries.push_back(e);
}

Cluster::Cluster(int members, Config defaults, std::uint64_t seed) : defaults_(defaults), seed_(seed) {
  std::vector<NodeId> voters;
  for (int i = 1; i <= members; ++i) voters.push_back(static_cast<NodeId>(i));
  for (const NodeId id : voters) {
    members_[id].disk.state = InitialState::bootstrap(voters);
    start(id);
  }
}

std::vector<NodeId> Cluster::ids() const {
  std::vector<NodeId> out;
  for (const auto& [id, m] : members_) out.push_back(id);
  return out;
}

void Cluster::start(NodeId id) {
  Member& m = members_[id];
  Config config = defaults_;
  config.id = id;
  config.random = base::RandomStream(base::stream_key(seed_, "election", std::to_string(id), starts_++));
  m.unsynced.clear();
  m.applied.clear();
  m.applied_index = 0;
  if (m.disk.state.snapshot) install(id, *m.disk.state.snapshot);
  m.raft = std::make_unique<Raft>(config, m.disk.state);
  drain(id);
}

void Cluster::install(NodeId id, const Snapshot& s) {
  Member& m = members_[id];
  m.applied.clear();
  m.applied_index = s.index;
  if (const auto* text = env::body_as<Text>(s.data.get())) {
    std::istringstream words(text->text());
    for (std::string w; words >> w;) m.applied.push_back(w);
  }
}

void Cluster::tick(NodeId id) {
  if (!up(id)) return;
  raft(id).tick();
  drain(id);
}

void Cluster::propose(NodeId id, const std::string& text) {
  if (!up(id)) return;
  raft(id).propose(base::make_ref<Text>(text));
  drain(id);
}

void Cluster::read(NodeId id, std::uint64_t context) {
  if (!up(id)) return;
  Index known = 0;
  for (const auto& [other, m] : members_) known = std::max(known, m.raft ? m.applied_index : 0);
  asked_[context] = known;
  raft(id).read_index(context);
  drain(id);
}

void Cluster::crash(NodeId id) {
  Member& m = members_[id];
  m.raft.reset();
  m.unsynced.clear();
}

void Cluster::restart(NodeId id) {
  if (!up(id)) start(id);
}

void Cluster::join(NodeId id) {
  members_[id].disk.state = InitialState::joining();
  start(id);
}

void Cluster::snapshot(NodeId id) {
  if (!up(id)) return;
  Member& m = members_[id];
  if (m.applied_index == 0 || !m.unsynced.empty()) return;
  std::string text;
  for (const std::string& w : m.applied) text += w + " ";
  auto s = base::make_ref<Snapshot>();
  s->index = m.applied_index;
  s->term = m.raft->log().term(s->index);
  s->conf = m.raft->conf();
  s->data = base::make_ref<Text>(text);
  InitialState& disk = m.disk.state;
  if (disk.snapshot && disk.snapshot->index >= s->index) return;
  const Index base = disk.snapshot ? disk.snapshot->index : 0;
  disk.entries.erase(disk.entries.begin(), disk.entries.begin() + static_cast<long>(s->index - base));
  disk.snapshot = s;
  m.raft->on_snapshot(s);
  m.raft->compact(s->index);
}

void Cluster::cut(NodeId a, NodeId b, bool cut) {
  if (cut) cuts_.insert({a, b});
  else cuts_.erase({a, b});
}

void Cluster::post(std::vector<Message>& messages) {
  for (Message& m : messages) {
    if (dropped_types.count(m.type)) continue;
    std::erase_if(m.entries, [this](const Entry& e) { return dropped_terms.count(e.term) > 0; });
    bag_.push_back(std::move(m));
  }
}

void Cluster::drain(NodeId id) {
  Member& m = members_[id];
  Ready ready;
  while (m.raft && m.raft->take_ready(ready)) {
    note_leader(id);
    post(ready.messages);
    apply(id, ready);
    if (ready.must_sync || !m.unsynced.empty()) m.unsynced.push_back(ready);
    else post(ready.after_sync);
  }
}

bool Cluster::sync_one(NodeId id) {
  Member& m = members_[id];
  if (m.unsynced.empty() || !m.raft) return false;
  Ready done = std::move(m.unsynced.front());
  m.unsynced.erase(m.unsynced.begin());
  m.disk.write(done);
  post(done.after_sync);
  if (done.must_sync) m.raft->on_persisted(done.number);
  drain(id);
  return true;
}

void Cluster::apply(NodeId id, const Ready& ready) {
  Member& m = members_[id];
  if (ready.snapshot) install(id, *ready.snapshot);
  for (const Entry& e : ready.committed) {
    if (e.index != m.applied_index + 1) violations.push_back("apply gap");
    m.applied_index = e.index;
    note_committed(id, e);
    if (e.kind == EntryKind::kConfChange) m.raft->apply_conf_change(e);
    if (e.kind == EntryKind::kNormal) m.applied.push_back(text_of(e));
  }
  for (const ReadState& r : ready.reads) {
    reads.push_back({id, r.context, r.index});
    if (asked_.count(r.context) && r.index < asked_[r.context]) violations.push_back("stale read");
  }
}

void Cluster::note_committed(NodeId id, const Entry& e) {
  const auto value = std::make_pair(e.term, text_of(e));
  const auto [known, fresh] = committed_.emplace(e.index, value);
  if (!fresh && known->second != value) {
    violations.push_back("index " + std::to_string(e.index) + " committed twice, differently, by " +
                         std::to_string(id));
  }
}

void Cluster::note_leader(NodeId id) {
  const Raft& r = raft(id);
  if (!r.is_leader()) return;
  const auto [known, fresh] = leaders_.emplace(r.term(), id);
  if (known->second != id) violations.push_back("two leaders in term " + std::to_string(r.term()));
  if (!fresh) return;
  for (const auto& [index, value] : committed_) {
    if (index <= r.log().compacted()) continue;
    if (r.log().term(index) != value.first) {
      violations.push_back("leader " + std::to_string(id) + " lacks committed index " +
                           std::to_string(index));
      return;
    }
  }
}

void Cluster::deliver(std::size_t i, bool keep) {
  Message m = bag_[i];
  if (!keep) drop(i);
  const bool lost = cuts_.count({m.from, m.to}) || !up(m.to);
  const bool is_snapshot = m.type == MessageType::kSnapshot;
  const NodeId from = m.from;
  const NodeId to = m.to;
  if (is_snapshot && !lost) {
    // The driver sends what its state machine can give now, which may be newer than raft asked for.
    if (!up(from) || !member(from).disk.state.snapshot) return;
    m.snapshot = member(from).disk.state.snapshot;
  }
  if (!lost) {
    raft(to).step(std::move(m));
    drain(to);
  }
  if (is_snapshot && up(from)) {
    raft(from).report_snapshot(to, !lost);
    drain(from);
  }
}

void Cluster::settle() {
  for (int round = 0; round < 100000; ++round) {
    bool worked = false;
    for (auto& [id, m] : members_) {
      while (!m.hold_sync && sync_one(id)) worked = true;
    }
    if (!bag_.empty()) {
      deliver(0);
      worked = true;
    }
    if (!worked) return;
  }
  violations.push_back("never settles");
}

std::optional<NodeId> Cluster::leader() const {
  std::optional<NodeId> best;
  Term term = 0;
  for (const auto& [id, m] : members_) {
    if (m.raft && m.raft->is_leader() && m.raft->term() > term) {
      best = id;
      term = m.raft->term();
    }
  }
  return best;
}

}  // namespace orrery::raft_test
