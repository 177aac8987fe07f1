#include "real/net/wire.h"

#include "model/base/check.h"

namespace orrery::real {
namespace {

template <class T>
void put(char*& at, T v) {
  for (std::size_t i = 0; i < sizeof(T); ++i) *at++ = static_cast<char>(static_cast<std::uint64_t>(v) >> (8 * i));
}

template <class T>
T take(const char*& at) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) v |= std::uint64_t{static_cast<unsigned char>(*at++)} << (8 * i);
  return static_cast<T>(v);
}

void write_header(std::string& out, const Frame& frame, std::size_t payload) {
  char header[kHeaderBytes];
  char* at = header;
  put(at, static_cast<std::uint32_t>(payload));
  put(at, static_cast<std::uint8_t>(frame.kind));
  put(at, frame.code);
  put(at, frame.body_type);
  put(at, frame.id);
  put(at, frame.number);
  out.append(header, sizeof header);
}

}  // namespace

void write_frame(std::string& out, const Frame& frame) {
  const std::string_view payload = frame.payload.substr(0, kMaxPayloadBytes);
  write_header(out, frame, payload.size());
  out.append(payload);
}

bool write_frame(std::string& out, Frame frame, const env::Message& message) {
  const std::size_t size = message.encoded_size();
  if (size > kMaxPayloadBytes) return false;
  frame.body_type = message.body ? message.body->type().id : 0;
  write_header(out, frame, size);
  const std::size_t before = out.size();
  if (message.body) message.body->encode(out);
  ORRERY_CHECK(out.size() - before == size, "a body encodes to its encoded_size()");
  return true;
}

ParseState parse_frame(std::string_view bytes, Frame& frame, std::size_t& size) {
  size = 0;
  if (bytes.size() < kHeaderBytes) return ParseState::kIncomplete;
  const char* at = bytes.data();
  const auto payload = take<std::uint32_t>(at);
  const auto kind = take<std::uint8_t>(at);
  if (payload > kMaxPayloadBytes || kind >= static_cast<std::uint8_t>(FrameKind::kCount)) return ParseState::kBroken;
  frame.kind = static_cast<FrameKind>(kind);
  frame.code = take<std::uint8_t>(at);
  frame.body_type = take<std::uint16_t>(at);
  frame.id = take<std::uint64_t>(at);
  frame.number = take<std::uint32_t>(at);
  size = kHeaderBytes + payload;
  if (bytes.size() < size) return ParseState::kIncomplete;
  frame.payload = bytes.substr(kHeaderBytes, payload);
  return ParseState::kComplete;
}

Bodies::Bodies(const std::vector<const env::BodyType*>& types) {
  for (const env::BodyType* type : types) {
    ORRERY_CHECK(type->id != 0 && !types_.contains(type->id), "body types have unique numbers other than 0");
    types_[type->id] = type;
  }
}

base::Result<env::Message> Bodies::decode(std::uint16_t type, std::string_view bytes) const {
  if (type == 0) {
    if (!bytes.empty()) return base::Error{base::ErrorCode::kCorrupt, "bytes without a body type"};
    return env::Message{};
  }
  const env::BodyType* const* known = types_.find(type);
  if (!known) return base::Error{base::ErrorCode::kCorrupt, "unknown body type " + std::to_string(type)};
  auto body = (*known)->decode(bytes);
  if (!body.ok()) return body.error();
  return env::Message{std::move(body).value()};
}

}  // namespace orrery::real
