#include "scenarios/conform/fields.h"

#include <algorithm>

namespace orrery::scenarios::conform {
namespace {

using base::cat;
using codec::JsonMember;
using Fields = std::map<std::string, std::string>;

bool ends_with_any(std::string_view s, std::initializer_list<std::string_view> tails) {
  return std::any_of(tails.begin(), tails.end(), [s](std::string_view t) { return s.ends_with(t); });
}

std::string joined(std::vector<std::string> parts) {
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const std::string& p : parts) out += cat(out.empty() ? "" : ", ", p);
  return out;
}

std::string scalar(const JsonValue& v, const Masker& mask) {
  return v.is_string() ? mask(v.text_or("")) : v.dump(true);
}

void add(Fields& out, std::string name, std::string value) {
  if (!value.empty()) out[std::move(name)] = std::move(value);
}

std::string condition_text(const JsonValue& c, const Masker& mask) {
  std::string out(c["status"].text_or(""));
  if (const auto reason = c["reason"].text_or(""); !reason.empty()) out += cat(" ", reason);
  if (const auto message = c["message"].text_or(""); !message.empty()) out += cat(" «", mask(message), "»");
  return out;
}

void add_conditions(const JsonValue& list, const Masker& mask, Fields& out) {
  for (const JsonValue& c : list.items())
    add(out, cat("status.conditions.", c["type"].text_or("")), condition_text(c, mask));
}

void add_metadata(const JsonValue& meta, const Masker& mask, Fields& out) {
  std::vector<std::string> owners, finalizers;
  for (const JsonValue& o : meta["ownerReferences"].items())
    owners.push_back(cat(o["kind"].text_or(""), "/", mask(o["name"].text_or("")),
                         o["controller"].bool_or(false) ? "" : " (no controller)",
                         o["blockOwnerDeletion"].bool_or(false) ? "*" : ""));
  for (const JsonValue& f : meta["finalizers"].items()) finalizers.emplace_back(f.text_or(""));
  add(out, "metadata.ownerReferences", joined(std::move(owners)));
  add(out, "metadata.finalizers", joined(std::move(finalizers)));
  if (meta.find("deletionTimestamp"))
    add(out, "metadata.deletionTimestamp", cat("grace ", meta["deletionGracePeriodSeconds"].dump()));
  for (const JsonMember& m : meta["labels"].members())
    add(out, cat("metadata.labels.", m.key), cat("\"", mask(m.value.text_or("")), "\""));
  for (const JsonMember& m : meta["annotations"].members()) {
    if (ends_with_any(
            m.key, {"last-applied-configuration", "last-change-trigger-time", "restartedAt", "job-tracking"}))
      continue;
    add(out, cat("metadata.annotations.", m.key), cat("\"", mask(m.value.text_or("")), "\""));
  }
  if (meta["generation"].is_number()) add(out, "metadata.generation", meta["generation"].dump());
}

std::string container_text(const JsonValue& c) {
  std::string out = c["ready"].bool_or(false) ? "ready" : "unready";
  for (const JsonMember& m : c["state"].members()) {
    out += cat(", ", m.key);
    if (const auto reason = m.value["reason"].text_or(""); !reason.empty()) out += cat(" ", reason);
    if (m.key == "terminated") out += cat(" exit ", m.value["exitCode"].dump());
  }
  if (const auto n = c["restartCount"].int_or(0)) out += cat(", restarts ", std::to_string(n));
  return out;
}

void add_pod(const JsonValue& object, const Masker& mask, Fields& out) {
  const JsonValue& status = object["status"];
  add(out, "spec.nodeName", std::string(object["spec"]["nodeName"].text_or("")));
  for (const char* name : {"phase", "reason", "message", "nominatedNodeName", "qosClass"})
    add(out, cat("status.", name), mask(status[name].text_or("")));
  add_conditions(status["conditions"], mask, out);
  for (const JsonValue& c : status["containerStatuses"].items())
    add(out, cat("status.containers.", c["name"].text_or("")), container_text(c));
}

void add_node(const JsonValue& object, const Masker& mask, Fields& out) {
  if (object["spec"]["unschedulable"].bool_or(false)) add(out, "spec.unschedulable", "true");
  for (const JsonValue& t : object["spec"]["taints"].items())
    add(out, cat("spec.taints.", t["key"].text_or(""), ":", t["effect"].text_or("")),
        cat("\"", t["value"].text_or(""), "\""));
  add_conditions(object["status"]["conditions"], mask, out);
}

void add_slice(const JsonValue& object, Fields& out) {
  add(out, "ports", object["ports"].is_array() ? object["ports"].dump(true) : std::string());
}

void add_endpoints(const JsonValue& object, Fields& out) {
  std::size_t ready = 0, not_ready = 0;
  for (const JsonValue& s : object["subsets"].items()) {
    ready += s["addresses"].items().size();
    not_ready += s["notReadyAddresses"].items().size();
  }
  if (ready) add(out, "endpoints.addresses", std::to_string(ready));
  if (not_ready) add(out, "endpoints.notReady", std::to_string(not_ready));
}

std::string names_of(const JsonValue& map, const Masker& mask) {
  std::vector<std::string> names;
  for (const JsonMember& m : map.members()) names.push_back(mask(m.key));
  return joined(std::move(names));
}

/// Of references to objects.
std::string referred(const JsonValue& list, const Masker& mask) {
  std::vector<std::string> names;
  for (const JsonValue& r : list.items()) names.push_back(cat(r["kind"].text_or(""), "/", mask(r["name"].text_or(""))));
  return joined(std::move(names));
}

void add_status(const JsonValue& status, const std::string& prefix, std::string_view resource,
                const Masker& mask, Fields& out) {
  for (const JsonMember& m : status.members()) {
    const std::string name = cat(prefix, m.key);
    if (m.value.is_null()) continue;
    if (m.key == "conditions") add_conditions(m.value, mask, out);
    else if (m.key == "disruptedPods") add(out, name, names_of(m.value, mask));
    else if (m.value.is_object()) add_status(m.value, name + ".", resource, mask, out);
    else if (resource == "cronjobs" && m.key == "active") add(out, name, referred(m.value, mask));
    else if (m.value.is_array()) add(out, name, m.value.items().empty() ? "" : mask(m.value.dump(true)));
    else if (!is_counter(resource, name) || m.value.int_or(1) != 0) add(out, name, scalar(m.value, mask));
  }
}

void add_spec(const JsonValue& spec, const Masker& mask, Fields& out) {
  for (const JsonMember& m : spec.members()) {
    if (m.value.is_object() || m.value.is_array() || m.value.is_null()) continue;
    add(out, cat("spec.", m.key), m.key == "volumeName" ? "VOLUME" : scalar(m.value, mask));
  }
}

}  // namespace

Fields compared_fields(std::string_view resource, const JsonValue& object, const Masker& mask) {
  Fields out;
  add_metadata(object["metadata"], mask, out);
  if (resource == "pods") add_pod(object, mask, out);
  else if (resource == "nodes") add_node(object, mask, out);
  else if (resource == "endpointslices") add_slice(object, out);
  else if (resource == "endpoints") add_endpoints(object, out);
  else if (resource == "controllerrevisions") add(out, "revision", object["revision"].dump());
  else if (resource == "leases") {
    add(out, "spec.holderIdentity", object["spec"]["holderIdentity"].text_or("").empty() ? "" : "somebody");
    add(out, "spec.leaseDurationSeconds", object["spec"]["leaseDurationSeconds"].dump());
  }
  else {
    add_spec(object["spec"], mask, out);
    add_status(object["status"], "status.", resource, mask, out);
  }
  return out;
}

SliceCounts slice_counts(const JsonValue& slice) {
  SliceCounts c;
  for (const JsonValue& e : slice["endpoints"].items()) {
    ++c.all;
    c.ready += e["conditions"]["ready"].bool_or(true);
    c.serving += e["conditions"]["serving"].bool_or(true);
    c.terminating += e["conditions"]["terminating"].bool_or(false);
  }
  return c;
}

bool is_counter(std::string_view resource, std::string_view field) {
  if (resource == "pods" || resource == "nodes" || resource == "cronjobs") return false;
  if (field.starts_with("endpoints.")) return true;
  if (!field.starts_with("status.")) return false;
  static constexpr std::string_view kCounts[] = {"replicas",
                                                 "Replicas",
                                                 "active",
                                                 "ready",
                                                 "succeeded",
                                                 "failed",
                                                 "terminating",
                                                 "observedGeneration",
                                                 "currentHealthy",
                                                 "desiredHealthy",
                                                 "expectedPods",
                                                 "disruptionsAllowed",
                                                 "disruptedPods",
                                                 "Scheduled",
                                                 "scheduled",
                                                 "Misscheduled",
                                                 "numberReady",
                                                 "numberAvailable",
                                                 "numberUnavailable",
                                                 "Indexes",
                                                 "collisionCount"};
  return std::any_of(std::begin(kCounts), std::end(kCounts),
                     [field](std::string_view c) { return field.ends_with(c); }) ||
         field.find(".uncountedTerminatedPods.") != field.npos ||
         (resource == "resourcequotas" && field.starts_with("status.used."));
}

std::string event_text(const JsonValue& event, const Masker& mask) {
  std::string message = mask(event["message"].text_or(""));
  const std::string_view reason = event["reason"].text_or("");
  // Which node it was is compared where it is written: spec.nodeName and status.nominatedNodeName.
  if (reason == "Scheduled" || reason == "Preempted")
    message = message.substr(0, message.rfind(' ') + 1) + "NODE";
  if (message.starts_with("(combined from similar events): Scaled "))
    message = message.substr(0, message.rfind(" from "));
  std::string_view from = event["source"]["component"].text_or("");
  if (from.empty()) from = event["reportingComponent"].text_or("");
  return cat(event["type"].text_or(""), " ", reason, " «", message, "» from ", from);
}

}  // namespace orrery::scenarios::conform
