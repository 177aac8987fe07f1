#include "scenarios/load/yaml_documents.h"

#include "model/base/str.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios {
namespace {

constexpr int kMaxDepth = 200;
constexpr std::size_t kSpareNodes = 1'000'000;   // what aliases may add to a small text

class TreeCheck {
 public:
  TreeCheck(const std::string& file, std::size_t letters) : file_(file), nodes_left_(letters + kSpareNodes) {}

  void walk(const YAML::Node& node, int depth) {
    if (depth > kMaxDepth) fail(node, base::cat("is nested deeper than ", std::to_string(kMaxDepth), " levels (an anchor within itself?)"));
    if (nodes_left_-- == 0) fail(node, "grows beyond all measure (aliases that repeat themselves?)");
    if (node.IsSequence()) {
      for (const auto& item : node) walk(item, depth + 1);
    } else if (node.IsMap()) {
      for (const auto& pair : node) {
        if (!pair.first.IsScalar() && !pair.first.IsNull()) fail(pair.first, "a key must be a text, not a list or a map");
        walk(pair.second, depth + 1);
      }
    }
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, std::string what) const {
    throw InputError{file_, node.Mark().line + 1, "", std::move(what)};
  }
  const std::string& file_;
  std::size_t nodes_left_;
};

}  // namespace

std::vector<YAML::Node> read_yaml_documents(const std::string& text, const std::string& file) {
  try {
    std::vector<YAML::Node> documents = YAML::LoadAll(text);
    TreeCheck check(file, text.size());
    for (const YAML::Node& document : documents) check.walk(document, 0);
    return documents;
  } catch (const YAML::Exception& e) {
    throw InputError{file, e.mark.line + 1, "", base::cat("not YAML: ", e.msg)};
  }
}

}  // namespace orrery::scenarios
