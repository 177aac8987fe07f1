#include "model/codec/proto.h"

#include <doctest/doctest.h>

#include "model/api/lease.h"

namespace orrery::codec {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string proto(const api::Lease& lease) {
  std::string out;
  write_proto(api::describe<api::Lease>(), &lease, out);
  return out;
}

TEST_CASE("an empty lease has all scalars by value and no pointers") {
  // metadata{name "", generateName "", namespace "", uid "", resourceVersion "", generation 0,
  // creationTimestamp {}}
  CHECK(hex(proto({})) ==
        "0a0e"
        "0a00"
        "1200"
        "1a00"
        "2a00"
        "3200"
        "3800"
        "4200"
        "1200");
}

TEST_CASE("a lease with fields of every sort") {
  api::Lease lease;
  lease.metadata.name = "n";
  lease.metadata.resource_version.value = 12;
  lease.metadata.creation_timestamp = api::Time(1);
  lease.metadata.labels.set("k", "v");
  lease.metadata.owner_references = {api::OwnerReference{"v1", "Node", "x", "u", true, std::nullopt}};
  lease.spec.holder_identity = api::Str("h");
  lease.spec.lease_duration_seconds = -1;
  lease.spec.renew_time = api::MicroTime(1'000'002);
  const std::string owner =
      "0a044e6f6465"
      "1a0178"
      "220175"
      "2a027631"
      "3001";
  const std::string meta =
      "0a016e"
      "1200"
      "1a00"
      "2a00"
      "32023132"
      "3800"
      "420408011000"
      "5a06"
      "0a016b"
      "120176"
      "6a12" +
      owner;
  const std::string spec =
      "0a0168"
      "10ffffffffffffffffff01"
      "2205"
      "080110d00f";
  CHECK(hex(proto(lease)) == "0a31" + meta + "1215" + spec);
  CHECK(proto(lease).size() == proto_size(api::describe<api::Lease>(), &lease));
}

TEST_CASE("the storage envelope") {
  api::Lease lease;
  lease.metadata.resource_version.value = 7;
  std::string out;
  api::make_object(std::move(lease))->encode(out);
  CHECK(hex(out) ==
        "6b387300"
        "0a1f"
        "0a16636f6f7264696e6174696f6e2e6b38732e696f2f7631"
        "12054c65617365"
        "1212"
        "0a0e"
        "0a00"
        "1200"
        "1a00"
        "2a00"
        "3200"
        "3800"
        "4200"
        "1200"
        "1a00"
        "2200");
}

TEST_CASE("readers skip unknown fields and refuse what is malformed") {
  const std::pair<std::string, bool> table[] = {
      {std::string(), true},
      {std::string("\x12\x03\x0a\x01h", 5), true},
      {std::string("\x98\x06\x01", 3), true},                                    // number 99, varint
      {std::string("\x9a\x06\x02zz", 5), true},                                  // number 99, bytes
      {std::string("\x9b\x06\x08\x01\x9c\x06", 6), true},                        // number 99, group
      {std::string("\x9b\x06\x08\x01", 4), false},                               // group without end
      {std::string("\x12\x03\x0a\x01", 4), false},                               // truncated
      {std::string("\x12\x03\x08\x01h", 5), false},                              // a string as varint
      {std::string("\x12\x00\x12\x00", 4), false},                               // repeated single message
      {std::string("\x00\x01", 2), false},                                       // number 0
      {std::string("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11), false},  // varint beyond 64 bits
      {std::string("\x12\xff\xff\xff\xff\x0f", 6), false},                       // length beyond the end
      {std::string("\x17", 1), false},                                           // wire type 7
  };
  for (const auto& [bytes, good] : table) {
    const std::string shown = hex(bytes);
    CAPTURE(shown);
    api::Lease lease;
    CHECK(read_proto(api::describe<api::Lease>(), &lease, bytes).ok() == good);
  }
  CHECK(read_envelope("k8s").error().code == base::ErrorCode::kCorrupt);
  CHECK(read_envelope(std::string_view("k8s\0\x0a\x00", 6)).error().code == base::ErrorCode::kInvalid);
}

TEST_CASE("large maps in any order take their place") {
  std::string meta;
  for (int i = 999; i >= 0; --i) {
    const std::string key = std::to_string(1000 + i);
    meta += std::string("\x5a\x08\x0a\x04", 4) + key + std::string("\x12\x00", 2);
  }
  std::string bytes = "\x0a";
  bytes += static_cast<char>(0x80 | (meta.size() & 0x7f));
  bytes += static_cast<char>(meta.size() >> 7);
  bytes += meta;
  api::Lease lease;
  REQUIRE(read_proto(api::describe<api::Lease>(), &lease, bytes).ok());
  CHECK(lease.metadata.labels.size() == 1000);
  CHECK(lease.metadata.labels.begin()->first == "1000");
}

}  // namespace
}  // namespace orrery::codec
