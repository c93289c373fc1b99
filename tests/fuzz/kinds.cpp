// The six kinds: what is read and written is a fixed point, and every rule can be asked about what was read.
#include "atelier/api/codec.h"
#include "atelier/api/validate.h"
#include "fuzz/property.h"

namespace {

using namespace atelier;
using fuzz::holds;

api::Violations rules(const api::Approval& object) { return api::validate(object.spec); }
api::Violations rules(const api::BusinessDomain& object) { return api::validate(object.spec); }
api::Violations rules(const api::DataDomain& object) { return api::validate(object.spec); }
api::Violations rules(const api::Pipeline& object) {
  api::Violations all = api::validate(object.spec);
  for (api::Violation& one : api::warnings(object.spec)) all.push_back(std::move(one));
  return all;
}
api::Violations rules(const api::PipelineRun& object) { return api::validate(object.metadata.name, object.spec); }
api::Violations rules(const api::Workspace& object) { return api::validate(object.metadata.name, object.spec); }

template <class Kind>
void kind(const nlohmann::json& document, std::string_view text) {
  const auto first = api::parse_text<Kind>(text);
  holds(bool(first) == api::mistakes<Kind>(document).empty(), "a refusal has its reasons");
  api::unknown_fields<Kind>(document);
  if (!first) {
    holds(fuzz::is_utf8(first.error().message), "a refusal can be told");
    return;
  }
  const nlohmann::json written = api::serialize(first.value());
  const auto second = api::parse<Kind>(written);
  holds(bool(second), "what is written can be read");
  holds(api::serialize(second.value()) == written, "it is written the same again");
  holds(api::unknown_fields<Kind>(written).empty(), "only known fields are written");
  for (const api::Violation& violation : rules(first.value())) {
    holds(!violation.reason.empty() && fuzz::is_utf8(violation.to_string()), "a violation can be told");
  }
  holds(rules(first.value()) == rules(second.value()), "the rules say the same about it");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_discarded()) {
    holds(!api::parse_text<api::Workspace>(text), "what is not JSON is refused");
    return 0;
  }
  kind<api::Approval>(document, text);
  kind<api::BusinessDomain>(document, text);
  kind<api::DataDomain>(document, text);
  kind<api::Pipeline>(document, text);
  kind<api::PipelineRun>(document, text);
  kind<api::Workspace>(document, text);
  return 0;
}
