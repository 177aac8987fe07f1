// Documents: a text of Kubernetes objects as kubectl prints them, taken apart: YAML documents, JSON values one after another,
// Lists of either.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/codec/json_value.h"
#include "model/codec/yaml_read.h"

namespace orrery::scenarios::whatif {

/// One object of a text.
struct Document {
  std::string api_version, kind;
  codec::JsonValue value;
  std::string path;              ///< where it stands in its YAML or JSON document: "items[3]"; empty: it is all of it
  std::shared_ptr<const codec::YamlDocument> source;
  int first_line = 1;            ///< of the source's text in the file

  /// The path of a field ("spec.nodeName") from the document's root.
  std::string path_of(const std::string& field) const;
  /// The line of a field of the object, in the file.
  int line_of(const std::string& field) const { return first_line + source->line_of(path_of(field)) - 1; }
};

/// Objects in their order; Lists (and PodLists and the like) are opened. Several outputs of kubectl one after another count as
/// several documents even without "---" between them. A plain y or n is text. Throws InputError.
std::vector<Document> read_documents(const std::string& file, std::string_view text);

/// The text of a file, or of standard input for "-". Throws InputError.
std::string read_input(const std::string& file);

/// Throws InputError about a field ("spec.nodeName") of a document.
[[noreturn]] void fail_in(const std::string& file, const Document& document, const std::string& field, const std::string& what);

}  // namespace orrery::scenarios::whatif
