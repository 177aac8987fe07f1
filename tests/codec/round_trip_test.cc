// Properties that hold for every kind, whatever its fields.
#include <doctest/doctest.h>

#include <fstream>
#include <set>

#include "model/codec/field_access.h"
#include "model/codec/json_read.h"
#include "model/codec/json_value.h"
#include "model/codec/json_write.h"
#include "model/codec/proto.h"
#include "tests/codec/random_value.h"

namespace orrery::codec {
namespace {

constexpr int kRounds = 40;

template <class F>
void for_each_kind(F&& f) {
  for (int id = 1; id < static_cast<int>(api::KindId::kCount); ++id)
    f(api::kind_of(static_cast<api::KindId>(id)));
}

/// The differences, for messages; "" when equal.
std::string difference(const api::Object& a, const api::Object& b) {
  if (a.kind_id() == b.kind_id() && api::deep_equal(a.kind().type(), a.value(), b.value())) return "";
  const std::vector<std::string> lines = diff_objects(a, b, 3);
  return base::cat(a.kind().kind, " ", lines.empty() ? std::string("equal by lines") : lines[0]);
}

TEST_CASE("random objects of every kind survive JSON, protobuf and storage") {
  for_each_kind([](const api::Kind& kind) {
    CAPTURE(std::string(kind.kind));
    RandomValue random(base::stream_key(7, "round-trip", kind.kind));
    for (int i = 0; i < kRounds; ++i) {
      const base::Ref<api::Object> object = random.object(kind);
      const std::string json = to_json(*object);
      ReadOptions strict;
      strict.validation = api::FieldValidation::kStrict;
      const auto from_text = read_object(json, strict);
      REQUIRE_MESSAGE(from_text.ok(), json);
      CHECK(difference(*object, **from_text) == "");
      CHECK((*from_text)->content_hash() == object->content_hash());
      CHECK(to_json(**from_text) == json);
      REQUIRE(parse_json(json).ok());

      std::string bytes;
      write_envelope(*object, bytes, RevisionForm::kWritten);
      CHECK(bytes.size() == envelope_size(*object, meta_size(*object, RevisionForm::kWritten)));
      const auto from_bytes = read_envelope(bytes);
      REQUIRE(from_bytes.ok());
      CHECK(difference(*object, **from_bytes) == "");

      std::string stored;
      object->encode(stored);
      CHECK(stored.size() == object->encoded_size());
      const auto body = api::Object::kType.decode(stored);
      REQUIRE(body.ok());
      const auto* decoded = env::body_as<api::Object>(body->get());
      REQUIRE(decoded);
      CHECK(decoded->revision() == 0);
      CHECK(difference(*object, *api::sealed(api::ObjectRef(decoded), object->revision())) == "");
    }
  });
}

void check_numbers(const api::Type& type, std::set<const api::Type*>& met) {
  if (!met.insert(&type).second) return;
  if (type.element) check_numbers(type.element(), met);
  std::set<int> numbers;
  std::set<std::string> names;
  for (const api::Field& f : type) {
    CAPTURE(std::string(type.name));
    CAPTURE(std::string(f.json));
    CHECK((f.flags & api::kInline || names.insert(f.json).second));
    if (!(f.flags & api::kNoProto)) {
      CHECK(f.number > 0);
      CHECK(numbers.insert(f.number).second);
    }
    check_numbers(f.type(), met);
  }
}

TEST_CASE("field numbers and names are unique within each struct") {
  std::set<const api::Type*> met;
  for_each_kind([&](const api::Kind& kind) { check_numbers(kind.type(), met); });
}

TEST_CASE("damaged bytes never crash and never decode to something that does not encode back") {
  for_each_kind([](const api::Kind& kind) {
    CAPTURE(std::string(kind.kind));
    RandomValue random(base::stream_key(11, "damage", kind.kind));
    for (int i = 0; i < kRounds; ++i) {
      std::string bytes;
      random.object(kind)->encode(bytes);
      for (int k = 0; k < 20; ++k) {
        std::string bad = bytes;
        const std::uint64_t edits = 1 + random.below(3);
        for (std::uint64_t e = 0; e < edits; ++e)
          bad[random.below(bad.size())] = static_cast<char>(random.below(256));
        if (random.below(4) == 0) bad.resize(random.below(bad.size()));
        const auto decoded = api::Object::kType.decode(bad);
        if (!decoded) {
          CHECK(decoded.error().code == base::ErrorCode::kCorrupt);
          continue;
        }
        std::string again;
        (*decoded)->encode(again);
        CHECK(again.size() == bad.size());
      }
    }
  });
}

TEST_CASE("damaged JSON never crashes") {
  for_each_kind([](const api::Kind& kind) {
    RandomValue random(base::stream_key(13, "damage", kind.kind));
    for (int i = 0; i < kRounds / 4; ++i) {
      const std::string json = to_json(*random.object(kind));
      for (int k = 0; k < 20; ++k) {
        std::string bad = json;
        bad[random.below(bad.size())] = static_cast<char>(random.below(256));
        if (random.below(4) == 0) bad.resize(random.below(bad.size()));
        ReadReport report;
        const auto read = read_object_as(kind, bad, {}, &report);
        if (!read) CHECK(report.error_offset <= bad.size());
        else CHECK(parse_json(to_json(**read)).ok());
      }
    }
  });
}

TEST_CASE("objects recorded from a real cluster are read without loss") {
  std::ifstream in(ORRERY_SOURCE_DIR "/tests/data/kubernetes/recorded_objects.jsonl");
  std::string line;
  int count = 0;
  while (std::getline(in, line)) {
    ++count;
    ReadOptions strict;
    strict.validation = api::FieldValidation::kStrict;
    const auto object = read_object(line, strict);
    REQUIRE_MESSAGE(object.ok(), object.error().message);
    CAPTURE(std::string((*object)->kind().kind));
    CHECK(*parse_json(line) == *parse_json(to_json(**object)));
  }
  CHECK(count == 17);
}

}  // namespace
}  // namespace orrery::codec
