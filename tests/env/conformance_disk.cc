// Cases about the disk.
#include "tests/env/conformance_world.h"

namespace orrery::env_test {
namespace {

using base::ErrorCode;

std::string code(const base::Status& s) { return s.ok() ? "ok" : base::to_string(s.error().code); }

std::string content(Member& m, std::string_view file) {
  const auto bytes = m.env.disk.read_at(file, 0, 1 << 20);
  return bytes.ok() ? *bytes : base::to_string(bytes.error().code);
}

void files_are_made_read_and_cut(World& w) {
  w.boot("a", [](Member& m) {
    env::Disk& disk = m.env.disk;
    CHECK(code(disk.create("log")) == "ok");
    CHECK(code(disk.create("log")) == "exists");
    CHECK(code(disk.append("log", "hello ")) == "ok");
    CHECK(code(disk.append("log", "world")) == "ok");
    CHECK(content(m, "log") == "hello world");
    CHECK(*disk.size("log") == 11);
    CHECK(*disk.read_at("log", 6, 3) == "wor");
    CHECK(*disk.read_at("log", 6, 100) == "world");
    CHECK(disk.read_at("log", 11, 5)->empty());
    CHECK(disk.read_at("log", 99, 5)->empty());
    CHECK(code(disk.truncate("log", 5)) == "ok");
    CHECK(content(m, "log") == "hello");
    CHECK(code(disk.append("log", "!")) == "ok");
    CHECK(content(m, "log") == "hello!");
    CHECK(code(disk.append("log", "")) == "ok");
    CHECK(*disk.size("log") == 6);
  });
}

void missing_files_are_told(World& w) {
  w.boot("a", [&](Member& m) {
    env::Disk& disk = m.env.disk;
    CHECK(code(disk.append("no", "x")) == "not-found");
    CHECK(code(disk.append("no", text("x").body)) == "not-found");
    CHECK(disk.read_at("no", 0, 1).error().code == ErrorCode::kNotFound);
    CHECK(disk.size("no").error().code == ErrorCode::kNotFound);
    CHECK(code(disk.truncate("no", 0)) == "not-found");
    CHECK(code(disk.rename("no", "other")) == "not-found");
    CHECK(code(disk.remove("no")) == "not-found");
    disk.sync("no", [&](base::Status s) { w.note("sync " + code(s)); });
  });
  REQUIRE(w.lines(1));
  CHECK(w.journal == Lines{"sync not-found"});
}

void bad_names_are_refused(World& w) {
  w.boot("a", [](Member& m) {
    const std::string longest(255, 'n');
    CHECK(code(m.env.disk.create(longest)) == "ok");
    for (const std::string& name : {std::string(), std::string("a/b"), std::string("."), std::string(".."), longest + "n",
                                    std::string("a\0b", 3)}) {
      CAPTURE(name);
      CHECK(code(m.env.disk.create(name)) == "invalid");
    }
    CHECK(code(m.env.disk.rename(longest, "a/b")) == "invalid");
    CHECK(*m.env.disk.list() == Lines{longest});
  });
}

void names_move_and_go(World& w) {
  w.boot("a", [](Member& m) {
    env::Disk& disk = m.env.disk;
    CHECK(disk.list()->empty());
    for (const char* name : {"b", "a", "c"}) {
      REQUIRE(disk.create(name).ok());
      REQUIRE(disk.append(name, name).ok());
    }
    CHECK(*disk.list() == Lines{"a", "b", "c"});
    CHECK(code(disk.rename("a", "z")) == "ok");
    CHECK(code(disk.rename("b", "c")) == "ok");
    CHECK(*disk.list() == Lines{"c", "z"});
    CHECK(content(m, "c") == "b");
    CHECK(content(m, "z") == "a");
    CHECK(code(disk.append("c", "+")) == "ok");
    CHECK(content(m, "c") == "b+");
    CHECK(code(disk.remove("c")) == "ok");
    CHECK(code(disk.create("c")) == "ok");
    CHECK(content(m, "c") == "");
  });
}

void a_handle_is_its_bytes(World& w) {
  w.boot("a", [](Member& m) {
    env::Disk& disk = m.env.disk;
    REQUIRE(disk.create("bytes").ok());
    REQUIRE(disk.create("handles").ok());
    for (const char* part : {"one", "", "three and more"}) {
      CHECK(disk.append("bytes", part).ok());
      CHECK(disk.append("handles", text(part).body).ok());
    }
    const env::BodyRef pair(base::make_ref<const Pair>(7, 9));
    std::string encoded;
    pair->encode(encoded);
    CHECK(encoded.size() == pair->encoded_size());
    CHECK(disk.append("bytes", encoded).ok());
    CHECK(disk.append("handles", pair).ok());
    CHECK(content(m, "handles") == content(m, "bytes"));
    CHECK(*disk.size("handles") == *disk.size("bytes"));
    for (std::uint64_t at = 0; at <= *disk.size("bytes"); ++at) {
      CHECK(*disk.read_at("handles", at, 4) == *disk.read_at("bytes", at, 4));
    }
    REQUIRE(disk.truncate("handles", 5).ok());
    REQUIRE(disk.truncate("bytes", 5).ok());
    REQUIRE(disk.append("handles", text("tail").body).ok());
    REQUIRE(disk.append("bytes", "tail").ok());
    CHECK(content(m, "handles") == "onethtail");
    CHECK(content(m, "bytes") == "onethtail");
  });
}

void syncs_complete_in_order(World& w) {
  w.boot("a", [&](Member& m) {
    env::Disk& disk = m.env.disk;
    REQUIRE(disk.create("f").ok());
    REQUIRE(disk.append("f", "1").ok());
    disk.sync("f", [&](base::Status s) { w.note("first " + code(s)); });
    REQUIRE(disk.append("f", "2").ok());
    disk.sync("f", [&](base::Status s) { w.note("second " + code(s)); });
    disk.sync_dir([&](base::Status s) { w.note("dir " + code(s)); });
    w.note("asked");
    CHECK(content(m, "f") == "12");
  });
  REQUIRE(w.lines(4));
  // Order is promised for one file only; the directory may come anywhere after the call.
  CHECK(w.journal[0] == "asked");
  std::erase(w.journal, "dir ok");
  CHECK(w.journal == Lines{"asked", "first ok", "second ok"});
}

void a_kill_keeps_accepted_appends(World& w) {
  w.boot("a", [](Member& m) {
    REQUIRE(m.env.disk.create("log").ok());
    REQUIRE(m.env.disk.append("log", "accepted").ok());
    REQUIRE(m.env.disk.append("log", text(" handle").body).ok());
    REQUIRE(m.env.disk.create("old").ok());
    REQUIRE(m.env.disk.rename("old", "new").ok());
  });
  w.kill("a");
  w.boot("a", [](Member& m) {
    CHECK(*m.env.disk.list() == Lines{"log", "new"});
    CHECK(content(m, "log") == "accepted handle");
  });
}

void disks_are_private(World& w) {
  w.boot("a", [](Member& m) { REQUIRE(m.env.disk.create("mine").ok()); });
  w.boot("b", [](Member& m) { CHECK(m.env.disk.list()->empty()); });
}

void synced_data_survives_power_loss(World& w) {
  if (!w.harness().power_off) return;
  w.boot("a", [&](Member& m) {
    REQUIRE(m.env.disk.create("log").ok());
    REQUIRE(m.env.disk.append("log", "synced").ok());
    m.env.disk.sync_dir([&](base::Status s) { w.note(code(s)); });
    m.env.disk.sync("log", [&](base::Status s) { w.note(code(s)); });
  });
  REQUIRE(w.lines(2));
  CHECK(w.journal == Lines{"ok", "ok"});
  w.harness().power_off("a");
  w.boot("a", [](Member& m) { CHECK(content(m, "log").substr(0, 6) == "synced"); });
}

}  // namespace

const std::vector<Case> kDiskCases{
    {"files are made, read and cut", files_are_made_read_and_cut},
    {"missing files are told", missing_files_are_told},
    {"bad file names are refused", bad_names_are_refused},
    {"files are renamed, replaced and removed", names_move_and_go},
    {"appending a handle is appending its bytes", a_handle_is_its_bytes},
    {"syncs of a file complete in order, later", syncs_complete_in_order},
    {"a kill keeps accepted appends", a_kill_keeps_accepted_appends},
    {"disks of machines are private", disks_are_private},
    {"what was synced survives power loss", synced_data_survives_power_loss},
};

}  // namespace orrery::env_test
