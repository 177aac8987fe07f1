// ObjectRules: what the server sets, keeps and refuses in every object (k8s.io/apiserver
// registry/rest BeforeCreate and BeforeUpdate, and the strategies of k8s.io/kubernetes
// pkg/registry). Pure functions of values.
#pragma once
#include "control/apiserver/failure.h"
#include "model/api/object.h"
#include "model/api/path.h"
#include "model/base/time.h"
#include "model/env/faults.h"

namespace orrery::apiserver {

/// The metadata of an object that nobody else holds.
inline api::ObjectMeta& edit_meta(api::Object& object) {
  return *static_cast<api::ObjectMeta*>(api::edit_value(object));
}
template <class T>
T& edit_as(api::Object& object) {
  ORRERY_CHECK(object.kind_id() == api::KindOf<T>::kId, "object of another kind");
  return *static_cast<T*>(api::edit_value(object));
}

/// Makes "spec" or "status" of `to` that of `from` (null: its zero value). Nothing when the kind
/// has no such part.
void copy_part(api::Object& to, const api::Object* from, std::string_view part);
bool same_part(const api::Object& a, const api::Object& b, std::string_view part);

/// What differs between kinds in an update: the sub-resource written.
enum class Part : std::uint8_t { kMain, kStatus, kFinalize };

/// Fills in a new object: identity, generation, initial status. Name and namespace are set already.
void prepare_create(api::Object& object, Str uid, base::Instant wall);
/// Keeps what an update through `part` may not change and bumps the generation.
void prepare_update(api::Object& next, const api::Object& old, Part part,
                    const env::Faults& faults);
/// Rules on metadata between the old and the new state, after prepare_update().
void check_meta_update(const api::ObjectMeta& next, const api::ObjectMeta& old,
                       api::ErrorList& errors);
/// The precondition that an update carries in its metadata.uid and resourceVersion. `prefix`: of
/// the collection's keys.
Failure check_preconditions(const api::Object& next, const api::Object& old,
                            std::string_view prefix, bool ignore_revision);
/// True when an update that leaves `next` completes a pending deletion.
bool completes_deletion(const api::Object& next, const api::Object& old);
/// Random (version 4) UUID.
Str make_uid(std::uint64_t high, std::uint64_t low);

}  // namespace orrery::apiserver
