// Inputs of `atelier convert`: any text gives a workspace that lint takes, or findings, and no text can crash the
// program.
#include "atelier/convert/convert.h"

#include "atelier/api/codec.h"
#include "atelier/api/validate.h"
#include "atelier/yaml/write.h"
#include "fuzz/property.h"

namespace {

using namespace atelier;

void check(const yaml::Document& document, const convert::Options& options) {
  const convert::Converted converted = convert::convert(document, options);
  bool refused = false;
  for (const convert::Finding& one : converted.findings) {
    refused = refused || !one.warning;
    fuzz::holds(!one.message.empty(), "a finding says what is wrong");
    fuzz::holds(fuzz::is_utf8(one.path) && fuzz::is_utf8(one.message), "a finding can be told");
  }
  fuzz::holds(refused == !converted.workspace, "a workspace, or a finding that says why not");
  fuzz::holds(convert::convert(document, options).findings == converted.findings, "the same input, the same findings");
  if (!converted.workspace) return;
  fuzz::holds(api::validate(converted.workspace->metadata.name, converted.workspace->spec).empty(), "it is valid");
  const nlohmann::json written = api::serialize(*converted.workspace);
  const auto read = yaml::parse(yaml::write(written));
  fuzz::holds(read && read.value().size() == 1 && read.value().front().value == written,
              "what is printed is read back");
  const auto parsed = api::parse<api::Workspace>(written);
  fuzz::holds(parsed && parsed.value() == *converted.workspace, "nothing is lost by printing it");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto documents = yaml::parse(fuzz::text_of(data, size));
  if (!documents) {
    fuzz::holds(fuzz::is_utf8(documents.error().message), "a refusal can be told");
    return 0;
  }
  for (const yaml::Document& document : documents.value()) {
    check(document, {"", "", {"dd01", "bd01"}, "", ""});
    check(document, {"ws", "team-a", {"dd01", "bd01"}, "r/ws:1", "/dags"});
  }
  return 0;
}
