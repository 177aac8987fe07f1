#include "sim/disk/file_data.h"
#include "tests/sim/fixture.h"

namespace orrery::sim::test {
namespace {

std::string pattern(base::RandomStream& r, std::size_t n) {
  std::string s(n, '\0');
  for (char& c : s) c = static_cast<char>('a' + r.below(26));
  return s;
}

std::string all(const FileData& f) { return f.read(0, f.size()); }

TEST_CASE(
    "what a completed sync covers survives every loss of power; the rest is zero or as written, sector by "
    "sector") {
  int lost_something = 0, kept_everything = 0, holes = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    base::RandomStream r(base::mix64(seed));
    FileData f;
    std::string written;
    std::uint64_t durable = 0;
    for (int step = 0; step < 12; ++step) {
      const std::string piece = pattern(r, r.below(3) ? r.below(300) : r.below(6000));
      written += piece;
      if (r.next() & 1) f.append(piece);
      else f.append(env::BodyRef(base::make_ref<const Text>(piece)));
      if (r.below(4) == 0) {
        f.synced(f.mark());
        durable = f.size();
      }
    }
    REQUIRE(all(f) == written);
    base::RandomStream draws(seed);
    f.lose_power(LossMode::kDrawn, draws);
    const std::string left = all(f);
    REQUIRE(left.size() >= durable);
    REQUIRE(left.size() <= written.size());
    REQUIRE(left.substr(0, durable) == written.substr(0, durable));
    for (std::size_t at = durable; at < left.size();) {
      const std::size_t end = std::min(left.size(), (at / FileData::kSector + 1) * FileData::kSector);
      const bool hole = left.substr(at, end - at) == std::string(end - at, '\0');
      REQUIRE((hole || left.substr(at, end - at) == written.substr(at, end - at)));
      holes += hole;
      at = end;
    }
    lost_something += left != written;
    kept_everything += left == written;
    REQUIRE(f.synced_size() == f.size());
  }
  CHECK(lost_something > 100);
  CHECK(kept_everything > 5);
  CHECK(holes > 100);
}

TEST_CASE("an unsynced truncation may or may not last") {
  int shorter = 0, old = 0, fresh = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    FileData f;
    f.append(std::string(2000, 'o'));
    f.synced(f.mark());
    f.truncate(700);
    f.append(std::string(1000, 'n'));
    base::RandomStream draws(base::mix64(seed));
    f.lose_power(LossMode::kDrawn, draws);
    const std::string left = all(f);
    REQUIRE(left.substr(0, 700) == std::string(700, 'o'));
    shorter += left.size() < 2000;
    old += left.size() > 1100 && left[1100] == 'o';
    fresh += left.size() > 1100 && left[1100] == 'n';
  }
  CHECK(shorter > 20);
  CHECK(old > 20);
  CHECK(fresh > 20);
}

TEST_CASE("the other ways to lose power") {
  const auto lost = [](LossMode mode, std::uint64_t seed) {
    FileData f;
    f.append(std::string(100, 'a'));
    f.synced(f.mark());
    f.append(std::string(3000, 'b'));
    base::RandomStream draws(seed);
    f.lose_power(mode, draws);
    return all(f);
  };
  CHECK(lost(LossMode::kNothing, 1) == std::string(100, 'a'));
  CHECK(lost(LossMode::kAll, 1) == std::string(100, 'a') + std::string(3000, 'b'));
  const std::string torn = lost(LossMode::kTorn, 1);
  CHECK(torn == (std::string(100, 'a') + std::string(3000, 'b')).substr(0, torn.size()));
  CHECK(torn.size() >= 100);
  CHECK(torn.size() != lost(LossMode::kTorn, 2).size());
}

TEST_CASE("what a failed sync left dirty is not made durable by the next one") {
  int damaged = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FileData f;
    f.append(std::string(4096, 'x'));
    f.sync_failed(f.mark());
    f.synced(f.mark());
    REQUIRE(all(f) == std::string(4096, 'x'));
    base::RandomStream draws(base::mix64(seed));
    f.lose_power(LossMode::kDrawn, draws);
    REQUIRE(f.size() == 4096);
    damaged += all(f) != std::string(4096, 'x');
  }
  CHECK(damaged > 40);
}

TEST_CASE("a sync covers what was there when it began") {
  FileData f;
  f.append("first");
  const FileData::Mark mark = f.mark();
  f.append("second");
  f.synced(mark);
  base::RandomStream draws(1);
  f.lose_power(LossMode::kNothing, draws);
  CHECK(all(f) == "first");
}

TEST_CASE("bit rot and misdirected writes damage one place") {
  FileData f;
  f.append(env::BodyRef(base::make_ref<const Text>(std::string(1500, 'x'))));
  f.flip_bit(700, 0);
  std::string rotten(1500, 'x');
  rotten[700] = 'y';
  CHECK(all(f) == rotten);
  f.flip_bit(9999, 0);
  f.copy_sector(1, 0);
  CHECK(all(f).substr(188, 1) == "y");
  CHECK(f.size() == 1500);
}

struct DiskLab : Lab {
  explicit DiskLab(DiskConfig disk = {}) {
    MachineConfig m;
    m.disk = disk;
    add("a", nullptr, m, RestartPolicy::fixed(kSecond));
  }
  env::Disk& disk() { return node("a").env.disk; }
  void sync(const char* file) {
    disk().sync(file, [this](base::Status s) { note(s.ok() ? "ok" : base::to_string(s.error().code)); });
  }
};

TEST_CASE("names need sync_dir to survive, and any subset of the changes may") {
  int created = 0, renamed = 0, both = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    WorldConfig config;
    config.seed = seed;
    Lab lab(config);
    lab.add("a");
    env::Disk& disk = lab.node("a").env.disk;
    CHECK(disk.create("old").ok());
    bool done = false;
    disk.sync_dir([&](base::Status s) { done = s.ok(); });
    lab.world.run_for(kSecond);
    REQUIRE(done);
    CHECK(disk.create("new").ok());
    CHECK(disk.rename("old", "moved").ok());
    lab.world.power_off(lab.machine("a"));
    lab.world.power_on(lab.machine("a"));
    lab.world.run_for(5 * kSecond);
    const auto names = *lab.node("a").env.disk.list();
    const bool has_new = std::count(names.begin(), names.end(), "new") == 1;
    const bool has_moved = std::count(names.begin(), names.end(), "moved") == 1;
    REQUIRE(has_moved != (std::count(names.begin(), names.end(), "old") == 1));
    created += has_new;
    renamed += has_moved;
    both += has_new && has_moved;
  }
  CHECK(created > 10);
  CHECK(created < 50);
  CHECK(renamed > 10);
  CHECK(renamed < 50);
  CHECK(both > 3);
}

TEST_CASE("a kill loses nothing that was accepted") {
  DiskLab lab;
  CHECK(lab.disk().create("f").ok());
  CHECK(lab.disk().append("f", "accepted").ok());
  lab.world.kill(lab.process("a"));
  lab.world.run_for(5 * kSecond);
  CHECK(*lab.disk().read_at("f", 0, 100) == "accepted");
  lab.world.reboot(lab.machine("a"), kSecond);
  lab.world.run_for(10 * kSecond);
  CHECK(*lab.disk().read_at("f", 0, 100) == "accepted");
}

TEST_CASE("syncs queue, and take longer on a slow disk") {
  DiskConfig config;
  config.sync_min = config.sync_max = kMillisecond;
  DiskLab lab(config);
  CHECK(lab.disk().create("f").ok());
  lab.sync("f");
  lab.sync("f");
  lab.world.disk(lab.machine("a")).set_slowdown(1000);
  lab.sync("f");
  lab.world.run_for(kSecond);
  REQUIRE(lab.when.size() == 3);
  CHECK(lab.when[0].ns == kMillisecond);
  CHECK(lab.when[1].ns == 2 * kMillisecond);
  CHECK(lab.when[2].ns == 12 * kMillisecond);
}

TEST_CASE("a full disk refuses appends and takes them again when there is room") {
  DiskConfig config;
  config.capacity_bytes = 10;
  DiskLab lab(config);
  env::Disk& disk = lab.disk();
  CHECK(disk.create("f").ok());
  CHECK(disk.append("f", "12345678").ok());
  CHECK(disk.append("f", "123").error().code == base::ErrorCode::kLimit);
  CHECK(*disk.size("f") == 8);
  CHECK(disk.truncate("f", 2).ok());
  CHECK(disk.append("f", "123").ok());
  CHECK(disk.create("g").ok());
  CHECK(disk.append("g", "12345").ok());
  CHECK(disk.append("g", "1").error().code == base::ErrorCode::kLimit);
  CHECK(disk.rename("g", "f").ok());
  CHECK(disk.append("f", "12345").ok());
  CHECK(disk.remove("f").ok());
  CHECK(lab.world.disk(lab.machine("a")).used_bytes() == 0);
  lab.world.disk(lab.machine("a")).set_full(true);
  CHECK(disk.create("h").error().code == base::ErrorCode::kLimit);
}

TEST_CASE("a sync error is told and a sync after it counts") {
  DiskLab lab;
  CHECK(lab.disk().create("f").ok());
  lab.world.disk(lab.machine("a")).set_syncs_fail(true);
  lab.sync("f");
  lab.world.run_for(kSecond);
  lab.world.disk(lab.machine("a")).set_syncs_fail(false);
  lab.sync("f");
  lab.world.run_for(kSecond);
  CHECK(lab.log == std::vector<std::string>{"io", "ok"});
}

}  // namespace
}  // namespace orrery::sim::test
