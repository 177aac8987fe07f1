// Kubernetes manifests inside scenario files or beside them.
#pragma once
#include <string>
#include <vector>

#include "model/api/object.h"
#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios {

/// A YAML node as JSON text. Plain scalars resolve as sigs.k8s.io/yaml does (null, true/false and yes/no/on/off, numbers);
/// quoted ones are strings. Throws InputError.
std::string yaml_to_json(const YamlCursor& c);

/// One manifest (or a List) as validated, defaulted objects of served kinds. `line` of an error is the manifest's own.
/// `file_hash`, when given, absorbs the text that was read.
std::vector<api::ObjectRef> load_manifest(const YamlCursor& manifest);
/// Every document of a YAML file; `named_by` is the place that names the file, for "no such file".
std::vector<api::ObjectRef> load_manifest_file(const std::string& file, const YamlCursor& named_by,
                                               std::uint64_t* file_hash = nullptr);
/// A map with exactly one of `manifest`, `file`, and perhaps `namespace`.
std::vector<api::ObjectRef> load_manifest_block(const YamlCursor& block, std::uint64_t* file_hash = nullptr);

/// The same objects with metadata.namespace set where it was empty.
std::vector<api::ObjectRef> in_namespace(std::vector<api::ObjectRef> objects, const std::string& ns);

/// FILE as named in `from`: relative to the directory of that file.
std::string beside(const std::string& from, const std::string& file);

}  // namespace orrery::scenarios
