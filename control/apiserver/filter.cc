#include "control/apiserver/filter.h"

namespace orrery::apiserver {

base::Result<Filter, Failure> Filter::of(const api::ApiRequest& request) {
  Filter f;
  if (api::kind_of(request.kind).namespaced) f.namespace_ = request.namespace_;
  if (!request.label_selector.empty()) {
    auto labels = api::Selector::parse(request.label_selector);
    if (!labels.ok()) {
      return bad_request(base::cat("unable to parse requirement: ", labels.error().message));
    }
    f.labels_ = std::move(*labels);
  }
  if (!request.field_selector.empty()) {
    auto fields = api::FieldSelector::parse(request.field_selector);
    if (!fields.ok()) return bad_request(fields.error().message);
    for (const api::FieldSelector::Term& t : fields->terms()) {
      if (std::string wrong = check_field_label(request.kind, t.field); !wrong.empty())
        return bad_request(wrong);
    }
    f.fields_ = std::move(*fields);
  }
  if (!request.name.empty() && request.verb == api::Verb::kWatch) {
    std::vector<api::FieldSelector::Term> terms = f.fields_.terms();
    terms.push_back({"metadata.name", request.name, true});
    f.fields_ = api::FieldSelector::from_terms(std::move(terms));
  }
  f.trivial_ = f.namespace_.empty() && f.labels_.empty() && f.fields_.empty();
  if (!f.trivial_) f.text_ = base::cat(f.namespace_, "|", f.labels_.str(), "|", f.fields_.str());
  return f;
}

}  // namespace orrery::apiserver
