// Scans the tree, and shows first that every rule can fail.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/structure/rules.h"

namespace orrery::structure {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Plant {
  const char* path;
  const char* text;
  int findings;
};

template <class Rule>
void check_plants(std::initializer_list<Plant> plants, Rule rule) {
  for (const Plant& p : plants) {
    CAPTURE(std::string(p.path));
    CAPTURE(std::string(p.text));
    CHECK(rule(Source(p.path, p.text)).size() == static_cast<std::size_t>(p.findings));
  }
}

TEST_CASE("comments and literals are blanked") {
  CHECK(blank_comments_and_literals("a // b\nc /* d\n */ e") == "a     \nc     \n    e");
  CHECK(blank_comments_and_literals("f(\"x\\\"y\", 'z')") == "f(\"    \", ' ')");
  CHECK(blank_comments_and_literals("n = 1'000'000;") == "n = 1'000'000;");
  CHECK(blank_comments_and_literals("R\"(a \" // b)\" c") == std::string(13, ' ') + " c");
}

TEST_CASE("the directions of includes can fail") {
  check_plants({{"model/base/a.h", "#include \"model/base/b.h\"\n", 0},
                {"model/base/a.h", "#include <vector>\n", 0},
                {"model/base/a.h", "#include \"control/raft/raft.h\"\n", 1},
                {"control/store/a.cc", "#include \"model/base/b.h\"\n#include \"control/raft/raft.h\"\n", 0},
                {"control/store/a.cc", "#include \"sim/kernel/kernel.h\"\n", 1},
                {"control/store/a.cc", "#include \"real/net/wire.h\"\n#include \"nodes/agent.h\"\n", 2},
                {"nodes/kubelet/a.cc", "#include \"control/client/client.h\"\n", 0},
                {"nodes/kubelet/a.cc", "#include \"control/store/store.h\"\n", 1},
                {"sim/kernel/a.cc", "#include \"real/loop/loop.h\"\n#include \"control/raft/raft.h\"\n", 2},
                {"real/loop/a.cc", "#include \"sim/kernel/kernel.h\"\n", 1},
                {"scenarios/run.cc", "#include \"sim/kernel/kernel.h\"\n#include \"nodes/agent.h\"\n", 0},
                {"scenarios/run.cc", "#include \"real/loop/loop.h\"\n", 1},
                {"scenarios/oracles/a.cc", "#include \"model/history/h.h\"\n#include \"scenarios/oracles/o.h\"\n", 0},
                {"scenarios/oracles/a.cc", "#include \"sim/kernel/kernel.h\"\n#include \"scenarios/run.h\"\n", 2},
                {"tests/env/a.cc", "#include \"sim/kernel/kernel.h\"\n#include \"real/loop/loop.h\"\n", 0}},
               check_include_directions);
}

TEST_CASE("the order of the link lines can fail") {
  const LinkOrder order(
      "function(orrery_library name)\norrery_library(one DIRS model/base LINKS absl)\n"
      "orrery_library(two DIRS model/env LINKS one)\nadd_library(alias INTERFACE)\n"
      "target_link_libraries(alias INTERFACE two)\norrery_library(three DIRS control/raft LINKS alias)\n"
      "orrery_library(four DIRS sim LINKS\n  one)\n");
  CHECK(order.size() == 4);
  check_plants({{"model/env/a.h", "#include \"model/base/b.h\"\n#include \"model/env/c.h\"\n", 0},
                {"model/base/a.h", "#include \"model/env/b.h\"\n", 1},
                {"control/raft/a.h", "#include \"model/base/b.h\"\n", 0},
                {"sim/net/a.h", "#include \"model/base/b.h\"\n#include \"model/env/b.h\"\n", 1},
                {"sim/net/a.h", "#include \"elsewhere/b.h\"\n", 1},
                {"tools/main.cc", "#include \"sim/net/a.h\"\n", 0}},
               [&](const Source& s) { return check_link_order(s, order); });
}

TEST_CASE("each banned name is found") {
  for (const char* code :
       {"std::chrono::system_clock::now();", "std::chrono::steady_clock x;", "auto t = time(nullptr);", "std::time(&t);", "::time( 0 );",
        "clock_gettime(CLOCK_REALTIME, &t);", "gettimeofday(&t, 0);", "std::thread t;", "std::async(f);", "std::mutex m;",
        "std::unordered_map<int, int> m;", "std::unordered_set<int> m;", "std::hash<int> h;", "std::random_device d;", "std::mt19937 g;",
        "std::uniform_int_distribution<int> d;", "std::normal_distribution<> d;", "std::poisson_distribution d(2);", "if (is_simulated()) return;",
        "if (world_is_simulated_now()) return;", "setlocale(LC_ALL, 0);", "std::locale l;", "int x = rand();", "srand(1);", "std::pow(2, 3);",
        "absl::flat_hash_map<int, int> m;", "getenv(name);", "std::atomic<int> n;", "std::condition_variable c;"}) {
    CAPTURE(std::string(code));
    CHECK(check_banned_names(Source("control/a.cc", code)).size() == 1);
    CHECK(check_banned_names(Source("sim/a.cc", code)).size() == 1);
    CHECK(check_banned_names(Source("real/a.cc", code)).empty());
    CHECK(check_banned_names(Source("sim/a.cc", std::string("// ") + code)).empty());
  }
  for (const char* code : {"Instant time() const;", "r.time(now);", "operand()", "int brand = 1;", "x.time(1);", "f(\"rand\");",
                           "int my_steady_clock_x;", "base::log(2);", "distribution d;", "Str traffic_distribution;", "Instant runtime(0);"}) {
    CAPTURE(std::string(code));
    CHECK(check_banned_names(Source("model/a.cc", code)).empty());
  }
}

TEST_CASE("ordering by address is found") {
  check_plants({{"sim/a.cc", "BTreeMap<Foo*, int> m;", 1},
                {"sim/a.cc", "base::BTreeSet<const Foo *> m;", 1},
                {"sim/a.cc", "base::SortedMap<Foo*, int> m;", 1},
                {"sim/a.cc", "std::map<std::pair<int, Foo*>, int> m;", 1},
                {"sim/a.cc", "std::set<std::shared_ptr<Foo>> m;", 1},
                {"model/a.h", "std::less<Foo*> l;", 1},
                {"sim/a.cc", "BTreeMap<int, Foo*> m; BTreeMap<Str, std::vector<Foo*>> n; std::set<std::string> s;", 0},
                {"real/a.cc", "std::map<Foo*, int> m;", 0}},
               check_pointer_keys);
}

TEST_CASE("mutable static state is found") {
  for (const char* code :
       {"static int counter;", "static int counter = 0;", "void f() {\n  static Foo cache;\n}", "static std::map<int, int> m{};",
        "static const char* name = \"x\";", "struct A { static int shared; };", "static Foo foo(1);", "inline static int n = 2;",
        "namespace a {\nint global = 0;\n}", "namespace {\nstd::vector<int> cache;\n}", "namespace a::b {\nFoo foo{1};\n}",
        "inline Foo* head = nullptr;", "namespace a { const Foo* p = nullptr; }", "extern int elsewhere;",
        "void f() { g(); }\nint after_a_function;", "struct A { int x; };\nA instance;", "static std::vector<const int> v;"}) {
    CAPTURE(std::string(code));
    CHECK(check_static_state(Source("model/a.cc", code)).size() == 1);
    CHECK(check_static_state(Source("sim/a.cc", code)).empty());
  }
  CHECK(check_static_state(Source("nodes/a.cc", "thread_local int n = 0;")).size() >= 1);
  CHECK(check_static_state(Source("nodes/a.cc", "void f() { static thread_local const int n = 0; }")).size() == 1);
  for (const char* code :
       {"static const int kX = 1;", "static constexpr int kX = 1;", "static int f(int x);", "static Foo make() { return {}; }",
        "static const char* const kName = \"x\";", "static bool operator==(const A&, const A&);", "static_assert(sizeof(int) == 4);",
        "void f() { int x = 0; Foo y; }", "namespace a {\nconst Foo kFoo{1};\nconstexpr int kN[] = {1, 2};\n}", "class A;\nstruct B;",
        "enum class E { kA, kB };\nusing X = int;\ntypedef int Y;", "struct A {\n  int x = 0;\n};", "template <class T>\nstruct B { T x; };",
        "int f(int x = 0);\nint g();", "int f(A a = {}, B* b = nullptr);\nint g();", "A::A() : x_(1), y_{2} { f(); }\nvoid A::f() { y_ = 3; }", "template <class T> T f(T a) { return a; }",
        "const auto kF = [](int x) { return x; };", "static void f(std::map<int, int> m = {}) {}", "friend bool operator<(A, B);",
        "bool operator=(int);", "namespace a {}\nnamespace b = a;", "extern const std::vector<int> kCases;",
        "namespace a {\nextern template class Box<int>;\n}",
        "static const std::vector<int*>& all() {\n  static const std::vector<int*> kAll{};\n  return kAll;\n}"}) {
    CAPTURE(std::string(code));
    CHECK(check_static_state(Source("model/a.cc", code)).empty());
  }
}

TEST_CASE("long files and machine paths are found") {
  CHECK(check_length(Source("model/a.cc", std::string(500, '\n'))).empty());
  CHECK(check_length(Source("model/a.cc", std::string(501, '\n'))).size() == 1);
  CHECK(check_length(Source("scenarios/a.yaml", std::string(501, '\n'))).empty());
  const std::string slash = "/";
  for (const char* word : {"work", "root", "home"}) {
    CHECK(check_machine_paths(Source("README.md", "see " + slash + word + "/x\n")).size() == 1);
    CHECK(check_machine_paths(Source("a.cc", "f(\"" + slash + word + "/x\")\n")).size() == 1);
    CHECK(check_machine_paths(Source("a.cc", "a/" + (word + slash) + "x\n")).empty());
  }
}

std::vector<Source> tree() {
  const fs::path root = ORRERY_SOURCE_DIR;
  std::vector<Source> out;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    const std::string path = fs::relative(it->path(), root).generic_string();
    const bool skipped = path == ".git" || path == "out" || path.starts_with("build");
    if (it->is_directory() && skipped) it.disable_recursion_pending();
    if (it->is_regular_file() && !skipped) out.emplace_back(path, read_file(it->path()));
  }
  std::sort(out.begin(), out.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
  return out;
}

TEST_CASE("the tree keeps the rules") {
  const LinkOrder order(read_file(fs::path(ORRERY_SOURCE_DIR) / "CMakeLists.txt"));
  CHECK(order.size() >= 5);
  const std::vector<Source> sources = tree();
  CHECK(sources.size() > 50);
  for (const Source& s : sources) {
    for (const auto& findings : {check_include_directions(s), check_link_order(s, order), check_banned_names(s), check_pointer_keys(s),
                                 check_static_state(s), check_length(s), check_machine_paths(s)}) {
      for (const Finding& f : findings) FAIL_CHECK(f.file, ":", f.line, ": ", f.what);
    }
  }
}

}  // namespace
}  // namespace orrery::structure
