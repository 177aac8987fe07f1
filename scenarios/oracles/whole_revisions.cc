#include "scenarios/oracles/whole_revisions.h"

#include <algorithm>

namespace orrery::scenarios {

void WholeRevisions::on_record(const history::Record& record, const Changes&) {
  if (record.kind == RecordKind::kStoreDelivery) return on_delivery(static_cast<const history::StoreDelivery&>(record));
  if (record.kind != RecordKind::kStoreCommit) return;
  const auto& c = static_cast<const history::StoreCommit&>(record);
  if (c.revision <= revision_) return;
  revision_ = c.revision;
  if (c.ops.size() < 2) return;
  std::vector<Str>& keys = several_[c.revision];
  for (const auto& op : c.ops) keys.push_back(op.key);
}

void WholeRevisions::on_delivery(const history::StoreDelivery& d) {
  for (const auto& part : d.parts) {
    if (part.revision > revision_) continue;
    std::int64_t committed = 1;
    if (const auto it = several_.find(part.revision); it != several_.end())
      committed = std::count_if(it->second.begin(), it->second.end(), [&d](const Str& key) {
        return d.end.empty() ? key == d.key : !(key < d.key) && key < d.end;
      });
    check(part.events == committed, d.origin.at, [&] {
      return cat(d.origin.machine, "/", d.origin.process, " watching ", d.key, ": ", num(part.events), " of ", num(committed),
                 " changes of revision ", num(part.revision), " in one message");
    });
  }
}

}  // namespace orrery::scenarios
