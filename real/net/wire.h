// The frames of the project's own transport, and the registry that turns their bytes into bodies.
//
// A frame is a header of 20 bytes, little-endian, and a payload:
//   u32 payload length | u8 kind | u8 code | u16 body type (0: no body) | u64 id | u32 number
//
//   kind       id                 number            code         payload
//   kHello     kMagic             kVersion          0            host name of the dialling process
//   kDatagram  port of the sender 0                 0            body
//   kCall      call               0                 0            body
//   kAnswer    call               0                 0            body
//   kNoAnswer  call               0                 error code   message; kUnavailable: it did not run
//   kOpen      stream             0                 0            body
//   kData      stream             0                 0            body
//   kCredit    stream             bytes consumed    0            none
//   kClose     stream             0                 error code   message
//   kPing, kPong                                                 none
//
// The dialling side chooses the numbers of calls and streams; each is used once per connection.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/hash_map.h"
#include "model/env/message.h"

namespace orrery::real {

enum class FrameKind : std::uint8_t {
  kHello, kDatagram, kCall, kAnswer, kNoAnswer, kOpen, kData, kCredit, kClose, kPing, kPong, kCount
};

struct Frame {
  FrameKind kind = FrameKind::kPing;
  std::uint8_t code = 0;
  std::uint16_t body_type = 0;
  std::uint64_t id = 0;
  std::uint32_t number = 0;
  std::string_view payload;
};

inline constexpr std::size_t kHeaderBytes = 20;
inline constexpr std::size_t kMaxPayloadBytes = 64u << 20;
inline constexpr std::uint64_t kMagic = 0x313079726572724fULL;  // "Orrery01"
inline constexpr std::uint32_t kVersion = 1;

/// Appends the header and the payload of `frame`.
void write_frame(std::string& out, const Frame& frame);
/// Appends a frame whose payload is the encoded body; false (and nothing appended) past kMaxPayloadBytes.
bool write_frame(std::string& out, Frame frame, const env::Message& message);

enum class ParseState : std::uint8_t { kComplete, kIncomplete, kBroken };

/// Takes the frame at the front of `bytes`. `size` becomes the frame's whole length as soon as the header is complete, 0
/// before. The payload points into `bytes`.
ParseState parse_frame(std::string_view bytes, Frame& frame, std::size_t& size);

/// The body types a process understands, by number.
class Bodies {
 public:
  /// The types have unique numbers other than 0.
  explicit Bodies(const std::vector<const env::BodyType*>& types);
  /// kCorrupt for an unknown type or bytes that do not decode.
  base::Result<env::Message> decode(std::uint16_t type, std::string_view bytes) const;

 private:
  base::HashMap<std::uint16_t, const env::BodyType*> types_;
};

}  // namespace orrery::real
