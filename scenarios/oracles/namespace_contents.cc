#include "scenarios/oracles/namespace_contents.h"

namespace orrery::scenarios {

void NamespaceContents::on_record(const history::Record&, const Changes& changes) {
  for (const Change& c : changes) {
    const api::Object& o = c.now ? *c.now : *c.old;
    if (o.kind_id() == KindId::kNamespace) {
      State& s = namespaces_[o.meta().name];
      s.deleting = c.now && o.meta().deleting();
      if (!c.now)
        check(s.objects == 0, c.at, [&] { return cat(label(o), " was removed with ", num(s.objects), " objects in it"); });
      continue;
    }
    if (o.meta().namespace_.empty() || (c.old && c.now)) continue;
    State& s = namespaces_[o.meta().namespace_];
    s.objects += c.now ? 1 : -1;
    if (c.now)
      check(!s.deleting, c.at, [&] { return cat(label(o), " was created in a namespace that is being deleted"); });
  }
}

}  // namespace orrery::scenarios
