// WatchHub: the watches that a member serves. History is the buffer: a watcher that cannot keep up is a
// revision to go on from, so memory per watcher is bounded and a slow one costs the others nothing.
#pragma once
#include <memory>
#include <vector>

#include "control/store/mvcc.h"
#include "model/env/environment.h"

namespace orrery::store {

/// Events go out in order, without gap, whole revisions together, one message per watcher and flush(). A
/// watcher that fell behind the compacted revision is closed with kErrCompacted (kInvalid).
class WatchHub {
 public:
  WatchHub(env::Environment& env, Mvcc& mvcc) : env_(env), mvcc_(mvcc) {}

  void open(std::unique_ptr<env::Stream> stream, const WatchRequest& request);
  /// The last `count` entries of Mvcc::changes() have just been applied.
  void dispatch(std::size_t count);
  /// Sends what dispatch() collected.
  void flush();
  /// The key space was replaced; before, it stood at `revision`.
  void rebase(Revision revision);
  /// The planted bug "watch-drops-on-compact" takes effect here.
  void compacted();
  void cancel_all(const base::Error& why);
  /// Tells watchers that asked for it, and had nothing to hear since the last call, the revision.
  void notify_progress();
  std::size_t size() const { return watchers_.size(); }

 private:
  struct Watcher {
    std::uint64_t id = 0;
    Str key, end;
    bool previous = false;
    bool progress_notify = false;
    bool progress_due = false;  // asked for while behind
    bool heard = false;         // since the last notify_progress()
    bool synced = false;        // has everything up to the present, or pending
    bool closed = false;
    Revision next = 0;  // first revision not sent; meaningful while not synced, and as a floor always
    base::Ref<WatchReply> pending;
    std::unique_ptr<env::Stream> stream;
  };
  const std::vector<Watcher*>& audience(Mvcc::Node& node);
  void catch_up(Watcher& w);
  bool catch_up_once(Watcher& w);
  void split(Watcher& w, WatchReply& pending);
  bool send_revision(Watcher& w, bool created);
  void close(Watcher& w, const base::Error& why);
  void sweep();

  env::Environment& env_;
  Mvcc& mvcc_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::vector<Watcher*> dirty_;
  std::vector<std::vector<Watcher*>> sets_{1};  // audiences seen in this generation; 0 is nobody
  std::uint32_t generation_ = 1;
  std::uint64_t next_id_ = 1;
  bool dead_ = false;  // a closed watcher waits for sweep()
  bool drop_one_ = false;
};

}  // namespace orrery::store
