// What Go prints of a pod template.
#include <doctest/doctest.h>

#include "model/api/pod_template.h"
#include "model/codec/go_dump.h"
#include "model/codec/json_read.h"

namespace orrery::test {
namespace {

/// The text between `from` and the next `to`.
std::string part(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find(from);
  if (begin == text.npos) return "no " + from;
  return text.substr(begin, text.find(to, begin + from.size()) - begin);
}

template <class T>
std::string dump(const char* json) {
  auto value = codec::from_json<T>(json);
  REQUIRE(value.ok());
  return codec::go_dump(*value);
}

TEST_CASE("a dump names types and fields, pointers and absent values as Go does") {
  const std::string text = dump<api::PodTemplateSpec>(R"({"metadata":{"labels":{"b":"2","a":"1"}},"spec":{
    "containers":[{"name":"c","image":"i","livenessProbe":{"httpGet":{"path":"/","port":"web"}}}],
    "terminationGracePeriodSeconds":30}})");
  CHECK(text.starts_with("(v1.PodTemplateSpec){ObjectMeta:(v1.ObjectMeta){Name:(string) GenerateName:(string) "
                         "Namespace:(string) SelfLink:(string) UID:(types.UID) ResourceVersion:(string) "
                         "Generation:(int64)0 CreationTimestamp:(v1.Time){Time:(time.Time){wall:(uint64)0 "
                         "ext:(int64)0 loc:(*time.Location)<nil>}} DeletionTimestamp:(*v1.Time)<nil> "
                         "DeletionGracePeriodSeconds:(*int64)<nil> Labels:(map[string]string)map[a:1 b:2] "));
  CHECK(text.find("Spec:(v1.PodSpec){Volumes:([]v1.Volume)<nil> ") != text.npos);
  CHECK(text.find("Containers:([]v1.Container)[{Name:(string)c Image:(string)i ") != text.npos);
  CHECK(text.find(" TerminationGracePeriodSeconds:(*int64)30 ") != text.npos);
  CHECK(part(text, "LivenessProbe:", " HTTPHeaders") ==
        "LivenessProbe:(*v1.Probe){ProbeHandler:(v1.ProbeHandler){Exec:(*v1.ExecAction)<nil> "
        "HTTPGet:(*v1.HTTPGetAction){Path:(string)/ Port:(intstr.IntOrString){Type:(intstr.Type)1 "
        "IntVal:(int32)0 StrVal:(string)web} Host:(string) Scheme:(v1.URIScheme)");
}

TEST_CASE("a dump writes volumes under their Go names") {
  const std::string text = dump<api::PodSpec>(R"({"containers":[],"volumes":[{"name":"v","configMap":{"name":"m",
    "items":[{"key":"k","path":"p"}],"defaultMode":420}}]})");
  CHECK(part(text, "Volumes:", " EmptyDir") ==
        "Volumes:([]v1.Volume)[{Name:(string)v VolumeSource:(v1.VolumeSource){HostPath:(*v1.HostPathVolumeSource)<nil>");
  CHECK(part(text, " ConfigMap:", " VsphereVolume") ==
        " ConfigMap:(*v1.ConfigMapVolumeSource){LocalObjectReference:(v1.LocalObjectReference){Name:(string)m} "
        "Items:([]v1.KeyToPath)[{Key:(string)k Path:(string)p Mode:(*int32)<nil>}] DefaultMode:(*int32)420 "
        "Optional:(*bool)<nil>}");
  for (const char* name : {" GCEPersistentDisk:(*v1.GCEPersistentDiskVolumeSource)<nil>", " FC:(*v1.FCVolumeSource)<nil>",
                           " CephFS:(*v1.CephFSVolumeSource)<nil>", " StorageOS:(*v1.StorageOSVolumeSource)<nil>"})
    CHECK(text.find(name) != text.npos);
}

TEST_CASE("a dump shows amounts as ParseQuantity keeps them") {
  struct Case {
    const char *amount, *value, *scale, *text, *format;
  };
  const Case cases[] = {
      {"100m", "100", "-3", "100m", "DecimalSI"}, {"2", "2", "0", "2", "DecimalSI"},
      {"0", "0", "0", "0", "DecimalSI"},          {"64Mi", "67108864", "0", "", "BinarySI"},
      {"65Mi", "68157440", "0", "65Mi", "BinarySI"}, {"1500M", "1500", "6", "1500M", "DecimalSI"},
      {"3e6", "3", "6", "3e6", "DecimalExponent"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.amount));
    const auto q = api::Quantity::must_parse(c.amount);
    CHECK(codec::go_dump(q) ==
          std::string("(resource.Quantity){i:(resource.int64Amount){value:(int64)") + c.value +
              " scale:(resource.Scale)" + c.scale + "} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)" +
              c.text + " Format:(resource.Format)" + c.format + "}");
  }
}

}  // namespace
}  // namespace orrery::test
