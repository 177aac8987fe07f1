#include "scenarios/conform/track.h"

#include <algorithm>

#include "scenarios/conform/fields.h"

namespace orrery::scenarios::conform {
namespace {

using base::cat;
using Type = HistoryRecord::Type;

constexpr std::string_view kWatched[] = {"pods",
                                         "nodes",
                                         "events",
                                         "replicasets",
                                         "deployments",
                                         "statefulsets",
                                         "daemonsets",
                                         "jobs",
                                         "cronjobs",
                                         "endpointslices",
                                         "endpoints",
                                         "persistentvolumeclaims",
                                         "persistentvolumes",
                                         "controllerrevisions",
                                         "poddisruptionbudgets",
                                         "namespaces",
                                         "resourcequotas",
                                         "services",
                                         "leases"};
/// The leases of the control plane's leaders; apiservers have one each, which tells nothing.
constexpr std::string_view kLeaders[] = {"kube-controller-manager", "kube-scheduler"};

/// The uid, or what stands for it in a hand-written object.
std::string id_of(std::string_view resource, const JsonValue& object) {
  const std::string_view uid = meta_text(object, "uid");
  return uid.empty() ? cat(resource, "/", meta_text(object, "namespace"), "/", meta_text(object, "name"))
                     : std::string(uid);
}

/// The node that a DaemonSet's pod was made for.
std::string_view target_node(const JsonValue& pod) {
  const JsonValue& terms = pod["spec"]["affinity"]["nodeAffinity"]
                              ["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
  for (const JsonValue& term : terms.items())
    for (const JsonValue& field : term["matchFields"].items())
      if (field["key"].text_or("") == "metadata.name" && !field["values"].items().empty())
        return field["values"].items()[0].text_or("");
  return {};
}

class Distiller {
 public:
  explicit Distiller(const std::vector<Observation>& observations) : observations_(observations) {}

  std::vector<Track> run() {
    for (const Observation& o : observations_) names_.see(o.resource, o.object);
    for (const Observation& o : observations_)
      if (o.resource != "events") observe(o);
    for (const Observation& o : observations_)
      if (o.resource == "events" && o.type != Type::kInitial && o.type != Type::kDeleted) observe_event(o);
    return std::move(tracks_);
  }

 private:
  Track& begin(const Observation& o) {
    Track t;
    t.resource = o.resource.str();
    t.ns = meta_text(o.object, "namespace");
    t.name = meta_text(o.object, "name");
    t.uid = id_of(o.resource, o.object);
    t.group = group_of(o.resource, o.object, mask_);
    t.created = o.t;
    t.initial = o.type == Type::kInitial;
    by_uid_[t.uid] = tracks_.size();
    by_name_[cat(t.resource, "/", t.ns, "/", t.name)] = tracks_.size();
    tracks_.push_back(std::move(t));
    return tracks_.back();
  }

  /// The slices of a service add up in a track of their own: "endpointslices of NAME".
  void add_up(const Observation& o) {
    const std::string ns(meta_text(o.object, "namespace"));
    const std::string service(o.object["metadata"]["labels"]["kubernetes.io/service-name"].text_or(""));
    const std::string key = cat("slices of ", ns, "/", service);
    std::map<std::string, SliceCounts>& parts = slices_[key];
    if (o.type == Type::kDeleted) parts.erase(id_of(o.resource, o.object));
    else parts[id_of(o.resource, o.object)] = slice_counts(o.object);
    if (!by_name_.contains(key)) {
      Track t;
      t.resource = "endpointslices";
      t.ns = ns;
      t.name = cat(service, " (all slices)");
      t.group = key;
      t.created = o.t;
      by_name_[key] = tracks_.size();
      tracks_.push_back(std::move(t));
    }
    SliceCounts sum;
    for (const auto& [id, c] : parts) {
      sum.all += c.all;
      sum.ready += c.ready;
      sum.serving += c.serving;
      sum.terminating += c.terminating;
    }
    Track& track = tracks_[by_name_[key]];
    const auto count = [&](const char* name, std::int64_t n) {
      set(track, name, o.t, n ? std::to_string(n) : "");
    };
    count("endpoints.all", sum.all);
    count("endpoints.ready", sum.ready);
    count("endpoints.serving", sum.serving);
    count("endpoints.terminating", sum.terminating);
  }

  void observe(const Observation& o) {
    if (o.resource == "endpointslices") add_up(o);
    const auto it = by_uid_.find(id_of(o.resource, o.object));
    Track& track = it == by_uid_.end() ? begin(o) : tracks_[it->second];
    if (o.type == Type::kDeleted) {
      if (track.deleted < 0) set(track, "gone", track.deleted = o.t, "true");
      return;
    }
    auto now = compared_fields(o.resource, o.object, mask_);
    if (o.resource == "leases") {
      // How often the lease changed hands before is another story.
      const std::int64_t changes = o.object["spec"]["leaseTransitions"].int_or(0);
      now["changes of the holder"] = std::to_string(changes - lease_changes_.try_emplace(track.uid, changes).first->second);
    }
    for (const auto& [name, value] : now) set(track, name, o.t, value);
    for (auto& [name, changes] : track.fields)
      if (!now.contains(name)) set(track, name, o.t, "");
  }

  static void set(Track& track, const std::string& name, Nanos t, const std::string& value) {
    std::vector<Change>& changes = track.fields[name];
    if (changes.empty() ? value.empty() : changes.back().value == value) return;
    changes.push_back({t, value});
  }

  void observe_event(const Observation& o) {
    const std::int64_t series = o.object["series"]["count"].int_or(0);
    const std::int64_t count = series ? series : std::max<std::int64_t>(o.object["count"].int_or(1), 1);
    std::int64_t& known = event_counts_[id_of(o.resource, o.object)];
    std::vector<Nanos>& times = subject(o.object["involvedObject"]).events[event_text(o.object, mask_)];
    for (; known < count; ++known) times.push_back(o.t);
  }

  Track& subject(const JsonValue& reference) {
    if (const auto it = by_uid_.find(std::string(reference["uid"].text_or(""))); it != by_uid_.end())
      return tracks_[it->second];
    const std::string kind(reference["kind"].text_or("")), ns(reference["namespace"].text_or("")),
        name(reference["name"].text_or(""));
    std::string plural = kind.ends_with('s') ? kind : kind + "s";  // Endpoints
    std::transform(plural.begin(), plural.end(), plural.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::string key = cat("events of ", kind, "/", ns, "/", name);
    for (const std::string& k : {cat(plural, "/", kind == "Node" ? "" : ns, "/", name), key})
      if (const auto it = by_name_.find(k); it != by_name_.end()) return tracks_[it->second];
    Track t;
    t.resource = cat("events of ", kind);
    t.ns = ns;
    t.name = name;
    t.group = cat(t.resource, "/", ns, "/", mask_(name));
    by_name_[key] = tracks_.size();
    tracks_.push_back(std::move(t));
    return tracks_.back();
  }

  const std::vector<Observation>& observations_;
  RevisionNames names_;
  const Masker& mask_ = names_.mask();
  std::vector<Track> tracks_;
  std::map<std::string, std::size_t> by_uid_, by_name_;
  std::map<std::string, std::int64_t> event_counts_;
  std::map<std::string, std::int64_t> lease_changes_;  // before the history, by uid
  std::map<std::string, std::map<std::string, SliceCounts>> slices_;  // by service, then uid
};

}  // namespace

std::string group_of(std::string_view resource, const JsonValue& object, const Masker& mask) {
  std::string group =
      cat(resource, "/", meta_text(object, "namespace"), "/", mask(meta_text(object, "name")));
  if (resource == "persistentvolumes") {
    // Which of several equal volumes a claim gets is chance: upstream goes through them in the order of a Go
    // map.
    const JsonValue& spec = object["spec"];
    return cat(resource, "/", spec["storageClassName"].text_or(""), "/", spec["capacity"].dump(),
               spec["accessModes"].dump(), "*");
  }
  if (resource != "pods") return group;
  if (const std::string_view node = target_node(object); !node.empty()) group += cat("@", node);
  return group;
}

std::vector<Track> distill(const std::vector<Observation>& observations) {
  return Distiller(observations).run();
}

bool is_watched(std::string_view resource) {
  return std::find(std::begin(kWatched), std::end(kWatched), resource) != std::end(kWatched);
}

bool covered(const History& history, std::string_view resource, const JsonValue& object) {
  if (!is_watched(resource)) return false;
  const std::string_view ns = meta_text(object, "namespace"), name = meta_text(object, "name");
  if (resource == "nodes") return history.covers_node(name);
  if (resource == "namespaces") return history.covers_namespace(name);
  if (resource == "persistentvolumes") return true;
  if (resource == "leases") return ns == "kube-system" && std::find(std::begin(kLeaders), std::end(kLeaders), name) != std::end(kLeaders);
  if (resource == "events" && ns == "default")
    return object["involvedObject"]["kind"].text_or("") == "Node" &&
           history.covers_node(object["involvedObject"]["name"].text_or(""));
  return history.covers_namespace(ns);
}

std::vector<Observation> observations_of(const History& history) {
  std::vector<Observation> out;
  for (const HistoryRecord& r : history.records)
    if (r.type != Type::kAction && covered(history, r.resource, r.object))
      out.push_back({r.t, r.resource, r.type, r.object});
  return out;
}

}  // namespace orrery::scenarios::conform
