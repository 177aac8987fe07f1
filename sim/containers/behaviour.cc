#include "sim/containers/behaviour.h"

#include "model/api/quantity.h"
#include "model/api/time.h"
#include "model/base/str.h"
#include "model/codec/json_value.h"

namespace orrery::sim {
namespace {

using base::cat;
using base::Error;
using base::invalid;
using codec::JsonValue;

struct KindName {
  const char* name;
  Behaviour::Kind kind;
  const char* keys;   ///< beside the common ones
};
constexpr KindName kKinds[] = {{"service", Behaviour::Kind::kService, "cpuPerRequest,threads"},
                               {"work", Behaviour::Kind::kWork, "cpuSeconds,failFirst"},
                               {"memory-leak", Behaviour::Kind::kMemoryLeak, "perSecond"},
                               {"crash-loop", Behaviour::Kind::kCrashLoop, "after,exitCode"},
                               {"exit", Behaviour::Kind::kExit, "after,code,failFirst,busyMilli"}};
constexpr std::string_view kCommonKeys = "kind,ready,memory,onTerm,init";

bool listed(std::string_view list, std::string_view key) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (list.substr(0, comma) == key) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

/// Reads members one after another and keeps the first error.
class Reader {
 public:
  explicit Reader(const JsonValue& value) : value_(value) {}
  void duration(const char* key, base::Nanos& out) {
    const JsonValue* v = value_.find(key);
    if (!v) return;
    auto d = api::parse_duration(v->text_or(""));
    if (!d.ok() || *d < 0) fail(cat("behaviour: ", key, " is not a duration (write 500ms, 3s)"));
    else out = *d;
  }
  void bytes(const char* key, std::int64_t& out) {
    const JsonValue* v = value_.find(key);
    if (!v) return;
    auto q = api::Quantity::parse(v->is_string() ? v->text_or("") : std::to_string(v->int_or(-1)));
    if (!q.ok() || q->sign() < 0) fail(cat("behaviour: ", key, " is not an amount of memory (write 100Mi)"));
    else out = q->value();
  }
  void integer(const char* key, std::int64_t lo, std::int64_t hi, std::int64_t& out) {
    const JsonValue* v = value_.find(key);
    if (!v) return;
    if (v->kind() != JsonValue::Kind::kInt || v->int_or(0) < lo || v->int_or(0) > hi)
      fail(cat("behaviour: ", key, " is not a whole number from ", std::to_string(lo), " to ", std::to_string(hi)));
    else out = v->int_or(0);
  }
  void seconds(const char* key, base::Nanos& out) {
    const JsonValue* v = value_.find(key);
    if (!v) return;
    const double s = v->double_or(-1);
    if (s < 0 || s > 1e9) fail(cat("behaviour: ", key, " is not a number of seconds"));
    else out = static_cast<base::Nanos>(s * 1e9 + 0.5);
  }
  void need(const char* key) {
    if (!value_.find(key)) fail(cat("behaviour: the key \"", key, "\" is missing"));
  }
  void fail(std::string what) {
    if (error_.empty()) error_ = std::move(what);
  }
  const std::string& error() const { return error_; }

 private:
  const JsonValue& value_;
  std::string error_;
};

void read_term(const JsonValue& value, Reader& in, Behaviour& b) {
  const JsonValue* term = value.find("onTerm");
  if (term && term->text_or("") == "ignore") b.ignores_term = true;
  else in.duration("onTerm", b.on_term);
}

}  // namespace

base::Result<base::Ref<const Behaviour>> parse_behaviour(std::string_view json) {
  auto parsed = codec::parse_json(json);
  if (!parsed.ok()) return invalid(cat("behaviour: ", parsed.error().message));
  if (!parsed->is_object()) return invalid("behaviour: must be a map");
  const std::string kind(parsed->find("kind") ? parsed->find("kind")->text_or("") : "service");
  const KindName* shape = nullptr;
  for (const KindName& k : kKinds)
    if (kind == k.name) shape = &k;
  if (!shape) return invalid(cat("behaviour: \"", kind, "\" is not a kind (service, work, memory-leak, crash-loop, exit)"));
  for (const codec::JsonMember& m : parsed->members())
    if (!listed(kCommonKeys, m.key) && !listed(shape->keys, m.key))
      return invalid(cat("behaviour: unknown key \"", m.key, "\" for ", kind, " (known: ", kCommonKeys, ",", shape->keys, ")"));
  auto b = base::make_ref<Behaviour>();
  b->kind = shape->kind;
  Reader in(*parsed);
  in.duration("ready", b->ready);
  in.bytes("memory", b->memory_bytes);
  in.duration("init", b->init);
  read_term(*parsed, in, *b);
  in.duration("cpuPerRequest", b->cpu_per_request);
  in.seconds("cpuSeconds", b->cpu_work);
  in.bytes("perSecond", b->leak_per_second);
  in.duration("after", b->after);
  std::int64_t threads = 1;
  in.integer("threads", 1, 1024, threads);
  b->threads = static_cast<int>(threads);
  std::int64_t code = b->kind == Behaviour::Kind::kCrashLoop ? 1 : 0, fail_first = 0;
  in.integer("exitCode", 0, 255, code);
  in.integer("code", 0, 255, code);
  in.integer("failFirst", 0, 1'000'000, fail_first);
  in.integer("busyMilli", 0, 1'000'000'000, b->busy_milli);
  // Twice as much as there is time for: it never comes to its end by itself.
  if (b->busy_milli > 0) b->cpu_work = static_cast<base::Nanos>(2e-3 * static_cast<double>(b->busy_milli) * static_cast<double>(b->after));
  b->exit_code = static_cast<int>(code);
  b->fail_first = static_cast<std::uint32_t>(fail_first);
  if (b->kind == Behaviour::Kind::kWork) in.need("cpuSeconds");
  if (b->kind == Behaviour::Kind::kMemoryLeak) in.need("perSecond");
  if (b->kind == Behaviour::Kind::kExit) in.need("after");
  if (!in.error().empty()) return invalid(in.error());
  return base::Ref<const Behaviour>(b);
}

}  // namespace orrery::sim
