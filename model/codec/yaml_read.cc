#include "model/codec/yaml_read.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

#include "model/base/hash_map.h"
#include "model/base/str.h"
#include "model/codec/json_lexer.h"
#include "model/codec/json_text.h"
#include "model/codec/path_steps.h"
#include "model/codec/yaml_scalar.h"

namespace orrery::codec {

using base::cat;
using base::Error;
using base::invalid;
using base::Result;

namespace {

enum class NodeKind : std::uint8_t { kScalar, kList, kMap };

struct Node {
  NodeKind kind = NodeKind::kScalar;
  bool plain = false;  // an unquoted scalar without tag
  bool open = false;   // still being read
  int line = 0;
  std::string tag, text;
  std::vector<std::size_t> children;  // maps: key, value, key, value
};

Error at_line(int line, std::string_view what) {
  return invalid(cat("yaml: line ", std::to_string(line), ": ", what));
}

/// Collects the events of one document as nodes; aliases become edges to nodes that exist already.
class Collector final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { line = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.plain = true;
    add(mark, anchor, std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::size_t target = anchors_.at(anchor);
    if (nodes[target].open && error.empty())
      error = at_line(mark.line + 1, "anchor value contains itself").message;
    attach(target);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.plain = tag == "?" || tag.empty();
    node.tag = tag;
    node.text = value;
    add(mark, anchor, std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(mark, anchor, NodeKind::kList);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(mark, anchor, NodeKind::kMap);
  }
  void OnMapEnd() override { end(); }

  std::vector<Node> nodes;
  std::string error;
  int line = 1;

 private:
  std::size_t add(const YAML::Mark& mark, YAML::anchor_t anchor, Node node) {
    node.line = mark.line + 1;
    nodes.push_back(std::move(node));
    const std::size_t index = nodes.size() - 1;
    if (anchor) {
      if (anchors_.size() <= anchor) anchors_.resize(anchor + 1);
      anchors_[anchor] = index;
    }
    attach(index);
    return index;
  }
  void attach(std::size_t index) {
    if (!stack_.empty()) nodes[stack_.back()].children.push_back(index);
  }
  void begin(const YAML::Mark& mark, YAML::anchor_t anchor, NodeKind kind) {
    Node node;
    node.kind = kind;
    node.open = true;
    stack_.push_back(add(mark, anchor, std::move(node)));
  }
  void end() {
    nodes[stack_.back()].open = false;
    stack_.pop_back();
  }
  std::vector<std::size_t> anchors_;
  std::vector<std::size_t> stack_;
};

/// Writes nodes as JSON text.
class Converter {
 public:
  Converter(const std::vector<Node>& nodes, const YamlLimits& limits, YamlDocument& out)
      : nodes_(nodes), limits_(limits), out_(out) {}

  bool value(std::size_t index, std::size_t depth) {
    const Node& node = nodes_[index];
    if (++count_ > limits_.max_nodes || out_.json.size() > limits_.max_bytes)
      return fail(node, "document contains excessive aliasing");
    if (depth > limits_.max_depth) return fail(node, "exceeded max depth");
    switch (node.kind) {
      case NodeKind::kScalar: return scalar(node);
      case NodeKind::kList: return list(node, depth);
      case NodeKind::kMap: return map(node, depth);
    }
    return false;
  }
  std::string error;

 private:
  struct Member {
    std::string key;
    int line;
    std::size_t value;
  };

  bool fail(const Node& node, std::string_view what) {
    error = at_line(node.line, what).message;
    return false;
  }
  void mark(int line) {
    const auto offset = static_cast<std::uint32_t>(out_.json.size());
    if (out_.marks.empty() || out_.marks.back().line != static_cast<std::uint32_t>(line))
      out_.marks.push_back({offset, static_cast<std::uint32_t>(line)});
  }

  bool resolve(const Node& node, YamlScalar& out) {
    static constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
    std::string_view tag = node.tag;
    tag = tag.starts_with(kPrefix) ? tag.substr(kPrefix.size()) : std::string_view();
    if (node.plain && limits_.letters_are_text && node.text.size() == 1 && std::string_view("yYnN").find(node.text[0]) != std::string_view::npos) {
      out = {YamlTag::kString, JsonValue(std::string_view(node.text)), true};
    } else if (node.plain) {
      out = resolve_yaml_scalar(node.text);
    } else if (tag == "int" || tag == "float" || tag == "bool" || tag == "null") {
      out = resolve_yaml_scalar(node.text);
      const bool fits = tag == "int"    ? out.tag == YamlTag::kInt
                        : tag == "bool" ? out.tag == YamlTag::kBool
                        : tag == "null" ? out.tag == YamlTag::kNull
                                        : out.tag == YamlTag::kInt || out.tag == YamlTag::kFloat;
      if (!fits) return fail(node, cat("cannot decode !!str `", node.text, "` as a !!", tag));
    } else if (tag == "binary") {
      Result<std::string> bytes = parse_base64(node.text);
      if (!bytes) return fail(node, "!!binary value contains invalid base64 data");
      out = {YamlTag::kString, JsonValue(std::string_view(*bytes)), true};
    } else {
      out = {YamlTag::kString, JsonValue(std::string_view(node.text)), true};
    }
    if (!out.finite) return fail(node, cat("json: unsupported value: ", node.text));
    return true;
  }

  bool scalar(const Node& node) {
    YamlScalar s;
    if (!resolve(node, s)) return false;
    s.value.append_to(out_.json);
    return true;
  }

  bool list(const Node& node, std::size_t depth) {
    out_.json += '[';
    bool first = true;
    for (const std::size_t child : node.children) {
      if (!first) out_.json += ',';
      first = false;
      mark(nodes_[child].line);
      if (!value(child, depth + 1)) return false;
    }
    out_.json += ']';
    return true;
  }

  bool key_text(const Node& node, std::string& out) {
    if (node.kind != NodeKind::kScalar) return fail(node, "invalid map key");
    YamlScalar s;
    if (!resolve(node, s)) return false;
    if (s.tag == YamlTag::kNull) return fail(node, "unsupported map key of type: null");
    out = s.value.is_string() ? std::string(s.value.text_or("")) : s.value.dump();
    return true;
  }

  /// The members of a map, those of its "<<" last unless the map has them itself.
  bool members(const Node& node, std::vector<Member>& out, bool merging,
               base::HashMap<std::string, bool>& met, std::size_t depth) {
    if (depth > limits_.max_depth) return fail(node, "exceeded max depth");
    std::vector<std::size_t> merged;
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const Node& key = nodes_[node.children[i]];
      if (++count_ > limits_.max_nodes) return fail(node, "document contains excessive aliasing");
      if (key.plain && key.text == "<<") {
        merged.push_back(node.children[i + 1]);
        continue;
      }
      Member m{{}, key.line, node.children[i + 1]};
      if (!key_text(key, m.key)) return false;
      bool& seen = met[m.key];
      if (seen && !merging) return fail(key, cat("key \"", m.key, "\" already set in map"));
      if (!seen) out.push_back(std::move(m));
      seen = true;
    }
    for (const std::size_t source : merged) {
      const Node& from = nodes_[source];
      if (from.kind == NodeKind::kMap) {
        if (!members(from, out, true, met, depth + 1)) return false;
        continue;
      }
      if (from.kind != NodeKind::kList)
        return fail(from, "map merge requires map or sequence of maps as the value");
      for (const std::size_t item : from.children) {
        if (nodes_[item].kind != NodeKind::kMap)
          return fail(from, "map merge requires map or sequence of maps as the value");
        if (!members(nodes_[item], out, true, met, depth + 1)) return false;
      }
    }
    return true;
  }

  bool map(const Node& node, std::size_t depth) {
    std::vector<Member> list;
    base::HashMap<std::string, bool> met;
    if (!members(node, list, false, met, depth)) return false;
    out_.json += '{';
    bool first = true;
    for (const Member& m : list) {
      if (!first) out_.json += ',';
      first = false;
      mark(m.line);
      append_json_string(m.key, out_.json);
      out_.json += ':';
      if (!value(m.value, depth + 1)) return false;
    }
    out_.json += '}';
    return true;
  }

  const std::vector<Node>& nodes_;
  const YamlLimits& limits_;
  YamlDocument& out_;
  std::size_t count_ = 0;
};

bool is_json(std::string_view text) {
  JsonLexer lexer(text);
  return lexer.peek_value() == '{' && lexer.skip() && lexer.finish();
}

YamlDocument json_document(std::string_view text) {
  YamlDocument doc;
  doc.json = std::string(text);
  std::uint32_t line = 1;
  doc.marks.push_back({0, 1});
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') doc.marks.push_back({static_cast<std::uint32_t>(i + 1), ++line});
  return doc;
}

}  // namespace

int YamlDocument::line_at(std::size_t offset) const {
  const auto after = std::upper_bound(marks.begin(), marks.end(), offset,
                                      [](std::size_t o, const Mark& m) { return o < m.offset; });
  return after == marks.begin() ? line : static_cast<int>(std::prev(after)->line);
}

int YamlDocument::line_of(std::string_view path) const {
  const Result<std::vector<PathStep>> steps = parse_path(path);
  JsonLexer lexer(json);
  char c = lexer.peek_value();
  std::size_t found = lexer.offset();
  for (std::size_t i = 0; steps && i < steps->size(); ++i) {
    const PathStep& step = (*steps)[i];
    std::string_view key;
    bool there = false;
    if (c == '{' && step.index < 0) {
      lexer.open();
      for (bool first = true; !there && lexer.next_member(first, key); first = false) {
        there = key == step.name;
        if (!there && lexer.peek_value()) lexer.skip();
      }
    } else if (c == '[' && step.index >= 0) {
      lexer.open();
      std::int64_t at = 0;
      for (; !there && lexer.next_element(at == 0); ++at) {
        there = at == step.index;
        if (!there && lexer.peek_value()) lexer.skip();
      }
    }
    if (!there) break;
    c = lexer.peek_value();
    found = lexer.offset();
  }
  return line_at(found);
}

Result<std::vector<YamlDocument>> read_yaml(std::string_view text, const YamlLimits& limits) {
  std::vector<YamlDocument> documents;
  if (is_json(text)) {
    documents.push_back(json_document(text));
    return documents;
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    for (;;) {
      Collector collector;
      if (!parser.HandleNextDocument(collector)) return documents;
      if (!collector.error.empty()) return invalid(collector.error);
      const bool empty =
          collector.nodes.empty() || (collector.nodes[0].kind == NodeKind::kScalar &&
                                      collector.nodes[0].plain && collector.nodes[0].text.empty());
      if (empty) continue;
      YamlDocument doc;
      doc.line = collector.nodes[0].line;
      Converter converter(collector.nodes, limits, doc);
      if (!converter.value(0, 1)) return invalid(converter.error);
      documents.push_back(std::move(doc));
    }
  } catch (const YAML::Exception& e) {
    return at_line(e.mark.line + 1, e.msg);
  } catch (const std::exception& e) { return invalid(cat("yaml: ", std::string_view(e.what()))); }
}

}  // namespace orrery::codec
