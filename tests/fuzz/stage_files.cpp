// What atelier-stage reads from a shared volume, on which anyone may have written: JSON, manifests and patterns.
#include "fuzz/property.h"
#include "stage/glob.h"
#include "stage/json.h"
#include "stage/manifest.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  using fuzz::holds;
  const std::string_view text = fuzz::text_of(data, size);
  const std::string quoted = stage::json_string(text);
  const auto document = stage::Json::parse("{\"k\":" + quoted + "}");
  const auto back = document ? document->string_at("k") : std::nullopt;
  holds(back.has_value(), "every string can be written and read");
  if (fuzz::is_utf8(std::string(text))) holds(*back == text, "text is what was written of it");
  if (stage::Json::parse(text)) {
    holds(!nlohmann::json::parse(text, nullptr, false).is_discarded(), "what is read as JSON is JSON");
  }
  if (const auto manifest = stage::parse_manifest(text)) {
    const auto again = stage::parse_manifest(stage::render(*manifest));
    holds(again && again->files == manifest->files, "a manifest is what was written of it");
    for (const stage::FileEntry& file : manifest->files) {
      holds(!file.path.starts_with('/') && file.path.find("..") != 0, "a manifest's paths stay inside");
    }
  }
  const std::size_t line = text.find('\n');
  if (line != std::string_view::npos && line < 64) {
    if (const auto glob = stage::Glob::parse(text.substr(0, line))) glob->matches(text.substr(line + 1));
  }
  return 0;
}
