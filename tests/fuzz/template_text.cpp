// Text with ${...}: the segments, written as a template again, are the same, and what is inserted arrives as it is.
#include "atelier/api/template_text.h"

#include <algorithm>

#include "fuzz/property.h"

namespace {

using atelier::api::Segment;
using atelier::fuzz::holds;

std::string written(const Segment& segment) {
  switch (segment.kind) {
    case Segment::Kind::param:
      return "${params." + segment.text + "}";
    case Segment::Kind::task_result:
      return "${tasks." + segment.text + ".results." + segment.result + "}";
    case Segment::Kind::task_status:
      return "${tasks." + segment.text + ".status}";
    case Segment::Kind::run_name:
      return "${run.name}";
    case Segment::Kind::run_namespace:
      return "${run.namespace}";
    case Segment::Kind::run_status:
      return "${run.status}";
    case Segment::Kind::item:
      return "${item}";
    case Segment::Kind::item_field:
      return "${item." + segment.text + "}";
    case Segment::Kind::index:
      return "${index}";
    case Segment::Kind::expression:
      return "${" + segment.text + "}";
    case Segment::Kind::text:
      break;
  }
  std::string text = segment.text;
  for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3) text.insert(at, 1, '$');
  return text;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = atelier::fuzz::text_of(data, size);
  const auto segments = atelier::api::parse_template(text);
  if (!segments) return 0;
  std::string again;
  std::size_t expected = 0;
  for (const Segment& segment : segments.value()) {
    again += written(segment);
    if (segment.kind == Segment::Kind::text) {
      holds(!segment.text.empty(), "no segment is empty");
      expected += segment.text.size();
    } else {
      expected += 4;
    }
  }
  holds(again == text, "a template is what its segments say");
  const std::string made = atelier::api::render_template(segments.value(), [](const Segment&) { return "a${"; });
  holds(made.size() == expected, "every $ that is inserted is doubled, and nothing else");
  return 0;
}
