// Defaults: the values an object has when its author leaves them out. Source: upstream's SetDefaults_*
// functions (k8s.io/kubernetes/pkg/apis/*/v1/defaults.go) with the feature gates of 1.33.
#pragma once
#include "model/api/kind.h"

namespace orrery::api {

struct PodSpec;
struct PodTemplateSpec;

/// `value` is the struct of kind.type(), held by nobody else. Constant defaults come from the field
/// descriptions, the others depend on the object. Parts that lack nothing are not touched, so that they stay
/// shared with other objects: defaulting a defaulted object allocates nothing. What the apiserver allocates
/// or decides at admission (cluster IPs, priorities, service accounts) is not done here.
void apply_defaults(const Kind& kind, void* value);

template <class T>
void apply_defaults(T& object) {
  apply_defaults(kind_of(KindOf<T>::kId), &object);
}

}  // namespace orrery::api
