// References: what names inside a scenario must refer to, as far as that can be known before the run.
#pragma once
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

/// The object among the workloads, or null.
api::ObjectRef find_declared(const Scenario& scenario, const ObjectName& name);
/// Throws InputError unless the object is among the workloads. Only for kinds that people make, not controllers.
void check_declared(const YamlCursor& c, const Scenario& scenario, const ObjectName& name);
/// Throws InputError unless the object's pods have a container of that name.
void check_container(const YamlCursor& c, const api::ObjectRef& owner, const std::string& container);
/// Throws InputError unless the kind has a field at this path.
void check_field_path(const YamlCursor& c, api::KindId kind, const std::string& path);

}  // namespace orrery::scenarios
