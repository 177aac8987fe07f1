// ApiRequest, ApiResponse, WatchBatch: the Kubernetes API as values, independent of HTTP. HTTP is one front of it, the
// simulated network another.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "model/api/object.h"

namespace orrery::api {

enum class Verb : std::uint8_t { kGet, kList, kWatch, kCreate, kUpdate, kPatch, kDelete, kDeleteCollection };
enum class PatchType : std::uint8_t { kNone, kJson, kMerge, kStrategicMerge, kApply };
enum class BodyFormat : std::uint8_t { kNone, kHandle, kJson, kYaml, kProtobuf };
enum class Propagation : std::uint8_t { kDefault, kBackground, kForeground, kOrphan };
enum class FieldValidation : std::uint8_t { kIgnore, kWarn, kStrict };

const char* to_string(Verb verb);  ///< "get", "list", ... as in RBAC and audit

/// One request to the apiserver. Which fields count depends on the verb, as in the HTTP API.
struct ApiRequest final : env::Body {
  static const env::BodyType kType;  // id 1
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override;
  void encode(std::string& out) const override;
  std::uint64_t content_hash() const override;

  Verb verb = Verb::kGet;
  KindId kind = KindId::kNone;     ///< the collection addressed ("pods" for pods/binding)
  Str subresource;                 ///< "", "status", "scale", "binding", "eviction"
  Str namespace_, name;            ///< namespace_ empty on a namespaced list or watch: all namespaces
  Str user;                        ///< authenticated name: "system:kube-scheduler", "system:node:worker-1", ...
  Str user_agent;

  BodyFormat format = BodyFormat::kNone;
  ObjectRef object;                ///< kHandle
  Str bytes;                       ///< kJson, kYaml, kProtobuf; a patch is always kJson or kYaml
  PatchType patch = PatchType::kNone;
  bool dry_run = false;
  bool force = false;              ///< apply
  Str field_manager;
  FieldValidation field_validation = FieldValidation::kWarn;

  Str resource_version;            ///< get, list, watch: as the query parameter; "" unset
  Str resource_version_match;      ///< "", "Exact", "NotOlderThan"
  Str label_selector, field_selector;
  std::int64_t limit = 0;
  Str continue_token;
  std::int32_t timeout_seconds = 0;///< watch: the server ends it after this; 0 is the server's choice
  bool allow_bookmarks = false, send_initial_events = false;

  // DeleteOptions
  std::optional<std::int64_t> grace_period_seconds;
  Propagation propagation = Propagation::kDefault;
  Str precondition_uid, precondition_resource_version;

  // Fencing of elected components: the write goes through only while no newer holder of the lease has taken its fence.
  Str fence;                       ///< "namespace/name" of the lease under which the client acts; empty: not fenced
  std::int64_t fence_epoch = 0;    ///< the revision of the write that took the fence; 0: this write (of the lease) takes it
};

/// The answer to every verb but watch. `code` is the HTTP status; above 299 `status` tells the failure.
struct ApiResponse final : env::Body {
  static const env::BodyType kType;  // id 2
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override;
  void encode(std::string& out) const override;
  std::uint64_t content_hash() const override;

  std::int32_t code = 200;
  ObjectRef object;                  ///< one object, or null
  Box<ApiStatus> status;             ///< failures, and successes that answer a Status (delete)
  std::vector<ObjectRef> items;      ///< list
  std::int64_t list_revision = 0;    ///< list
  Str continue_token;                ///< list
  std::int64_t remaining = 0;        ///< list
  List<Str> warnings;
  std::int32_t retry_after_seconds = 0;
};

enum class WatchType : std::uint8_t { kAdded, kModified, kDeleted, kBookmark, kError };

struct WatchEvent {
  WatchType type = WatchType::kAdded;
  ObjectRef object;                  ///< deleted: the last state, with the revision of the deletion
  std::int64_t revision = 0;         ///< of the event; bookmark: everything up to it was delivered
  bool initial_events_end = false;   ///< bookmark annotated k8s.io/initial-events-end
};

/// Server to client on a watch stream. An error ends the stream after it.
struct WatchBatch final : env::Body {
  static const env::BodyType kType;  // id 3
  const env::BodyType& type() const override { return kType; }
  std::size_t encoded_size() const override;
  void encode(std::string& out) const override;
  std::uint64_t content_hash() const override;

  std::vector<WatchEvent> events;
  Box<ApiStatus> error;              ///< kError: e.g. 410 Expired
};

/// Port and identity conventions of the processes, shared by clients and servers.
inline constexpr std::uint16_t kApiserverPort = 6443;
inline constexpr std::uint16_t kStoreClientPort = 2379;
inline constexpr std::uint16_t kStorePeerPort = 2380;

}  // namespace orrery::api
