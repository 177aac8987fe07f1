// Writer: create, update, patch, delete and deletecollection of objects, and their status and
// finalize sub-resources.
#pragma once
#include "control/apiserver/core.h"
#include "control/apiserver/deletion.h"

namespace orrery::apiserver {

class Writer {
 public:
  explicit Writer(Core& core) : core_(core) {}

  void create(CallRef call);
  /// PUT and PATCH of the object or of one of its parts.
  void update(CallRef call, Part part);
  /// An update of the object whose new state is made of the present one (scale); `view` is what is
  /// answered.
  using Make = base::UniqueFunction<base::Result<base::Ref<api::Object>, Failure>(
      const api::Object& present)>;
  void update_as(CallRef call, Make make, ObjectRef (*view)(const api::Object& written));
  void remove(CallRef call);
  void remove_collection(CallRef call, std::vector<ObjectRef> items);

  /// A delete as another part of the server wants it (eviction). `done` gets the outcome; `what`
  /// kKeep or kPut: it lives on.
  void remove(KindId kind, Str ns, Str name, DeleteOptions options, bool dry_run, OutcomeDone done);

 private:
  struct Creation;
  void gather(base::Ref<Creation> c, bool fresh);
  void admitted(base::Ref<Creation> c, const AdmissionFacts& facts);
  void commit(base::Ref<Creation> c, store::LeaseId lease);
  Change create_step(Creation& c, const ObjectRef& present, store::LeaseId lease);
  void created(base::Ref<Creation> c, Outcome outcome);
  Failure finish_object(Creation& c);

  Change update_step(Call& call, Part part, base::Ref<api::Object>& body, const ObjectRef& present,
                     store::LeaseId lease);
  Change replace(Call& call, Part part, base::Ref<api::Object> next, const ObjectRef& present,
                 store::LeaseId lease);
  void start_update(CallRef call, Part part, base::Ref<api::Object> body, store::LeaseId lease);
  void record_update(const api::Object& written, Part part) const;
  Failure admit_update(Call& call, api::Object& next, const api::Object& old, Part part);
  void finish_removal(KindId kind, Str ns, Str name, DeleteOptions options, ObjectRef marked,
                      OutcomeDone done);
  void remove_next(CallRef call, base::Ref<api::ApiResponse> removed, std::vector<ObjectRef> left);
  Change removal(const ObjectRef& present, ObjectRef last) const;
  bool persists(bool dry_run) const {
    return !dry_run || core_.env.faults.here(env::Site::kDryRunPersists);
  }

  Core& core_;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
