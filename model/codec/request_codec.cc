// ApiRequest, ApiResponse and WatchBatch as bodies of messages.
#include "model/api/request.h"
#include "model/codec/wire.h"

namespace orrery::api {

using codec::unzigzag;
using codec::WireBytes;
using codec::WireHash;
using codec::WireReader;
using codec::WireSize;
using codec::zigzag;

namespace {

constexpr std::uint64_t kMaxInt32 = UINT32_MAX;  // a zigzagged int32

template <class Enum>
std::uint64_t code_of(Enum e) {
  return static_cast<std::uint64_t>(e);
}

template <class Sink>
void put(Sink& sink, const ApiRequest& r) {
  sink.number(1, code_of(r.verb));
  sink.number(2, code_of(r.kind));
  sink.text(3, r.subresource);
  sink.text(4, r.namespace_);
  sink.text(5, r.name);
  sink.text(6, r.user);
  sink.text(7, r.user_agent);
  sink.number(8, code_of(r.format));
  sink.object(9, r.object);
  sink.text(10, r.bytes);
  sink.number(11, code_of(r.patch));
  sink.number(12, r.dry_run);
  sink.number(13, r.force);
  sink.text(14, r.field_manager);
  // Shifted so that the default, and not the zero, costs nothing.
  sink.number(15, (code_of(r.field_validation) + 2) % 3);
  sink.text(16, r.resource_version);
  sink.text(17, r.resource_version_match);
  sink.text(18, r.label_selector);
  sink.text(19, r.field_selector);
  sink.number(20, zigzag(r.limit));
  sink.text(21, r.continue_token);
  sink.number(22, zigzag(r.timeout_seconds));
  sink.number(23, r.allow_bookmarks);
  sink.number(24, r.send_initial_events);
  if (r.grace_period_seconds)
    sink.group(25, [&](auto& in) { in.number(1, zigzag(*r.grace_period_seconds)); });
  sink.number(26, code_of(r.propagation));
  sink.text(27, r.precondition_uid);
  sink.text(28, r.precondition_resource_version);
  sink.text(29, r.fence);
  sink.number(30, zigzag(r.fence_epoch));
}

template <class Sink>
void put(Sink& sink, const ApiResponse& r) {
  sink.number(1, zigzag(r.code) ^ zigzag(200));
  sink.object(2, r.object);
  sink.message(3, r.status);
  for (const ObjectRef& item : r.items) sink.object(4, item);
  sink.number(5, zigzag(r.list_revision));
  sink.text(6, r.continue_token);
  sink.number(7, zigzag(r.remaining));
  for (const Str& warning : r.warnings) sink.group(8, [&](auto& in) { in.text(1, warning); });
  sink.number(9, zigzag(r.retry_after_seconds));
}

template <class Sink>
void put(Sink& sink, const WatchBatch& b) {
  for (const WatchEvent& e : b.events) {
    sink.group(1, [&](auto& in) {
      in.number(1, code_of(e.type));
      in.object(2, e.object);
      in.number(3, zigzag(e.revision));
      in.number(4, e.initial_events_end);
    });
  }
  sink.message(2, b.error);
}

template <class T>
std::size_t size_of(const T& body) {
  WireSize size;
  put(size, body);
  return size.value();
}

template <class T>
void write(const T& body, std::string& out) {
  WireBytes bytes(out);
  put(bytes, body);
}

template <class T>
std::uint64_t hash_of(const T& body) {
  WireHash hash;
  put(hash, body);
  return hash.value();
}

template <class Enum>
Enum read_enum(WireReader& in, Enum last) {
  return static_cast<Enum>(in.number(static_cast<std::uint64_t>(last)));
}

std::int32_t read_int32(WireReader& in) { return static_cast<std::int32_t>(unzigzag(in.number(kMaxInt32))); }

base::Result<env::BodyRef> finish(const WireReader& in, env::BodyRef body, std::string_view bytes) {
  // The size tells apart what reading forgives: repeated fields.
  if (!in.ok() || body->encoded_size() != bytes.size())
    return base::Error{base::ErrorCode::kCorrupt, base::cat("malformed ", body->type().name)};
  return body;
}

std::optional<std::int64_t> read_grace(WireReader& outer) {
  WireReader in(outer.text());
  std::int64_t value = 0;
  while (const std::uint8_t tag = in.next()) {
    if (tag == 1) value = unzigzag(in.number());
    else in.fail();
  }
  if (!in.ok()) outer.fail();
  return value;
}

void read_request_field(WireReader& in, std::uint8_t tag, ApiRequest& r) {
  switch (tag) {
    case 1: r.verb = read_enum(in, Verb::kDeleteCollection); return;
    case 2: r.kind = static_cast<KindId>(in.number(code_of(KindId::kCount) - 1)); return;
    case 3: r.subresource = in.text(); return;
    case 4: r.namespace_ = in.text(); return;
    case 5: r.name = in.text(); return;
    case 6: r.user = in.text(); return;
    case 7: r.user_agent = in.text(); return;
    case 8: r.format = read_enum(in, BodyFormat::kProtobuf); return;
    case 9: r.object = in.object(); return;
    case 10: r.bytes = in.text(); return;
    case 11: r.patch = read_enum(in, PatchType::kApply); return;
    case 12: r.dry_run = in.number(1) != 0; return;
    case 13: r.force = in.number(1) != 0; return;
    case 14: r.field_manager = in.text(); return;
    case 15: r.field_validation = static_cast<FieldValidation>((in.number(2) + 1) % 3); return;
    case 16: r.resource_version = in.text(); return;
    case 17: r.resource_version_match = in.text(); return;
    case 18: r.label_selector = in.text(); return;
    case 19: r.field_selector = in.text(); return;
    case 20: r.limit = unzigzag(in.number()); return;
    case 21: r.continue_token = in.text(); return;
    case 22: r.timeout_seconds = read_int32(in); return;
    case 23: r.allow_bookmarks = in.number(1) != 0; return;
    case 24: r.send_initial_events = in.number(1) != 0; return;
    case 25: r.grace_period_seconds = read_grace(in); return;
    case 26: r.propagation = read_enum(in, Propagation::kOrphan); return;
    case 27: r.precondition_uid = in.text(); return;
    case 28: r.precondition_resource_version = in.text(); return;
    case 29: r.fence = in.text(); return;
    case 30: r.fence_epoch = unzigzag(in.number()); return;
    default: in.fail();
  }
}

base::Result<env::BodyRef> decode_request(std::string_view bytes) {
  auto r = base::make_ref<ApiRequest>();
  WireReader in(bytes);
  while (const std::uint8_t tag = in.next()) read_request_field(in, tag, *r);
  return finish(in, std::move(r), bytes);
}

base::Result<env::BodyRef> decode_response(std::string_view bytes) {
  auto r = base::make_ref<ApiResponse>();
  WireReader in(bytes);
  while (const std::uint8_t tag = in.next()) {
    switch (tag) {
      case 1: r->code = static_cast<std::int32_t>(unzigzag(in.number(kMaxInt32) ^ zigzag(200))); break;
      case 2: r->object = in.object(); break;
      case 3: r->status = in.message<ApiStatus>(); break;
      case 4: r->items.push_back(in.object()); break;
      case 5: r->list_revision = unzigzag(in.number()); break;
      case 6: r->continue_token = in.text(); break;
      case 7: r->remaining = unzigzag(in.number()); break;
      case 8: {
        WireReader warning(in.text());
        Str text;
        while (const std::uint8_t inner = warning.next()) {
          if (inner == 1) text = warning.text();
          else warning.fail();
        }
        if (!warning.ok()) in.fail();
        r->warnings.push_back(text);
        break;
      }
      case 9: r->retry_after_seconds = read_int32(in); break;
      default: in.fail();
    }
  }
  return finish(in, std::move(r), bytes);
}

WatchEvent read_event(WireReader& outer) {
  WireReader in(outer.text());
  WatchEvent e;
  while (const std::uint8_t tag = in.next()) {
    switch (tag) {
      case 1: e.type = read_enum(in, WatchType::kError); break;
      case 2: e.object = in.object(); break;
      case 3: e.revision = unzigzag(in.number()); break;
      case 4: e.initial_events_end = in.number(1) != 0; break;
      default: in.fail();
    }
  }
  if (!in.ok()) outer.fail();
  return e;
}

base::Result<env::BodyRef> decode_batch(std::string_view bytes) {
  auto b = base::make_ref<WatchBatch>();
  WireReader in(bytes);
  while (const std::uint8_t tag = in.next()) {
    if (tag == 1) b->events.push_back(read_event(in));
    else if (tag == 2) b->error = in.message<ApiStatus>();
    else in.fail();
  }
  return finish(in, std::move(b), bytes);
}

}  // namespace

const env::BodyType ApiRequest::kType{1, "api-request", &decode_request};
std::size_t ApiRequest::encoded_size() const { return size_of(*this); }
void ApiRequest::encode(std::string& out) const { write(*this, out); }
std::uint64_t ApiRequest::content_hash() const { return hash_of(*this); }

const env::BodyType ApiResponse::kType{2, "api-response", &decode_response};
std::size_t ApiResponse::encoded_size() const { return size_of(*this); }
void ApiResponse::encode(std::string& out) const { write(*this, out); }
std::uint64_t ApiResponse::content_hash() const { return hash_of(*this); }

const env::BodyType WatchBatch::kType{3, "watch-batch", &decode_batch};
std::size_t WatchBatch::encoded_size() const { return size_of(*this); }
void WatchBatch::encode(std::string& out) const { write(*this, out); }
std::uint64_t WatchBatch::content_hash() const { return hash_of(*this); }

const char* to_string(Verb verb) {
  switch (verb) {
    case Verb::kGet: return "get";
    case Verb::kList: return "list";
    case Verb::kWatch: return "watch";
    case Verb::kCreate: return "create";
    case Verb::kUpdate: return "update";
    case Verb::kPatch: return "patch";
    case Verb::kDelete: return "delete";
    case Verb::kDeleteCollection: return "deletecollection";
  }
  return "";
}

}  // namespace orrery::api
