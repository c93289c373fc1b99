// A watch event and a list's page: what is accepted lies within the text, and is the same a second time.
#include <tuple>
#include <vector>

#include "atelier/kube/decode.h"
#include "atelier/kube/frame.h"
#include "fuzz/property.h"

namespace {

using namespace atelier;
using fuzz::holds;

bool within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

bool is_object(std::string_view text) { return text.size() >= 2 && text.front() == '{' && text.back() == '}'; }

using Seen = std::vector<std::tuple<ObjectKey, Uid, std::string, std::string>>;

Seen::value_type seen(const kube::Identity& identity, std::string_view object) {
  return {identity.key, identity.uid, identity.resource_version, std::string(object)};
}

void event(kube::EnvelopeParser& parser, std::string_view line) {
  const auto first = parser.event(line);
  if (!first) {
    holds(first.error().code == Errc::invalid && fuzz::is_utf8(first.error().message), "a refusal can be told");
    holds(!parser.event(line), "what is refused is refused again");
    return;
  }
  const kube::WatchEvent& one = first.value();
  holds(within(one.object, line) && is_object(one.object), "the object is a part of the line");
  const bool named = !one.identity.key.name.empty() && !one.identity.uid.empty();
  holds(one.type == kube::EventType::error || !one.identity.resource_version.empty(), "progress has a version");
  holds(one.type == kube::EventType::error || one.type == kube::EventType::bookmark || named, "a change has a name");
  const auto second = parser.event(line);
  holds(bool(second), "what is accepted is accepted again");
  holds(second.value().type == one.type && second.value().object.data() == one.object.data(), "it is the same event");
  holds(seen(second.value().identity, second.value().object) == seen(one.identity, one.object),
        "it is the same object");
  const auto whole = nlohmann::json::parse(line, nullptr, false);
  if (whole.is_discarded()) return;  // what is skipped is not checked
  holds(whole["object"] == nlohmann::json::parse(one.object, nullptr, false), "the slice is the line's object");
}

void list(kube::EnvelopeParser& parser, std::string_view text) {
  const auto read = [&](Seen& items) {
    std::string body{text};
    const auto meta = parser.list(body, [&](const kube::Identity& identity, std::string_view object) {
      holds(within(object, body) && is_object(object), "an item is a part of the page");
      holds(body.capacity() - body.size() >= kube::kPadding, "there is padding behind a page");
      holds(!identity.key.name.empty() && !identity.uid.empty(), "an item has a name");
      items.push_back(seen(identity, object));
    });
    holds(std::string_view(body) == text, "reading does not change a page");
    if (!meta) holds(fuzz::is_utf8(meta.error().message), "a refusal can be told");
    return meta ? std::tuple{true, meta.value().resource_version, meta.value().continue_token}
                : std::tuple{false, meta.error().message, std::string{}};
  };
  Seen once, twice;
  const auto first = read(once);
  holds(first == read(twice) && once == twice, "a page is the same a second time");
  if (std::get<0>(first)) holds(!std::get<1>(first).empty(), "a page has a version");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static kube::EnvelopeParser parser;  // one for all, as a reflector has: what came before must not matter
  const std::string_view text = fuzz::text_of(data, size);
  std::string line{text};
  line.reserve(line.size() + kube::kPadding);
  event(parser, line);
  list(parser, text);
  return 0;
}
