#include "atelier/kube/decode.h"

#include <simdjson.h>

#include "atelier/kube/frame.h"

namespace atelier::kube {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

Error broken(std::string_view what, error_code code) {
  return invalid(std::string(what) + " cannot be read: " + simdjson::error_message(code));
}

error_code read_text(ondemand::value value, std::string& out) {
  std::string_view text;
  if (const auto error = value.get_string().get(text)) return error;
  out = text;
  return simdjson::SUCCESS;
}

// Whether the annotation that ends a streamed list is among these.
error_code read_annotations(ondemand::value annotations, bool& initial_events_end) {
  bool null = false;
  if (const auto error = annotations.is_null().get(null); error || null) return error;
  std::string_view value;
  const auto found = annotations["k8s.io/initial-events-end"].get_string().get(value);
  if (found == simdjson::NO_SUCH_FIELD) return simdjson::SUCCESS;
  initial_events_end = found == simdjson::SUCCESS && value == "true";
  return found;
}

error_code read_metadata(ondemand::value metadata, Identity& out, bool* initial_events_end) {
  ondemand::object fields;
  if (const auto error = metadata.get_object().get(fields)) return error;
  for (auto field : fields) {
    std::string_view name;
    ondemand::value value;
    if (const auto error = field.unescaped_key().get(name)) return error;
    if (const auto error = field.value().get(value)) return error;
    error_code error = simdjson::SUCCESS;
    if (name == "name") {
      error = read_text(value, out.key.name);
    } else if (name == "namespace") {
      error = read_text(value, out.key.ns);
    } else if (name == "uid") {
      error = read_text(value, out.uid.value);
    } else if (name == "resourceVersion") {
      error = read_text(value, out.resource_version);
    } else if (initial_events_end != nullptr && name == "annotations") {
      error = read_annotations(value, *initial_events_end);
    }
    if (error) return error;
  }
  return simdjson::SUCCESS;
}

std::string_view without_trailing_space(std::string_view text) {
  while (!text.empty() && text.back() != '}') text.remove_suffix(1);
  return text;
}

// An object's identity and its text. An object without metadata, such as a Status, has an empty identity.
// `initial_events_end` null: nobody asks.
error_code read_object(ondemand::value value, Identity& identity, std::string_view& raw, bool* initial_events_end) {
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return error;
  ondemand::value metadata;
  const auto found = object.find_field_unordered("metadata").get(metadata);
  if (found == simdjson::SUCCESS) {
    if (const auto error = read_metadata(metadata, identity, initial_events_end)) return error;
  } else if (found != simdjson::NO_SUCH_FIELD) {
    return found;
  }
  if (const auto error = object.raw_json().get(raw)) return error;  // from its start to its end
  raw = without_trailing_space(raw);
  return simdjson::SUCCESS;
}

// simdjson itself stops reading at the end of the first value.
bool at_end(ondemand::document& document) { return document.current_location().error() == simdjson::OUT_OF_BOUNDS; }

bool read_type(std::string_view text, EventType& out) {
  if (text == "ADDED") {
    out = EventType::added;
  } else if (text == "MODIFIED") {
    out = EventType::modified;
  } else if (text == "DELETED") {
    out = EventType::deleted;
  } else if (text == "BOOKMARK") {
    out = EventType::bookmark;
  } else if (text == "ERROR") {
    out = EventType::error;
  } else {
    return false;
  }
  return true;
}

}  // namespace

struct EnvelopeParser::Parsers {
  ondemand::parser parser;
};

EnvelopeParser::EnvelopeParser() : parsers_(std::make_unique<Parsers>()) {}
EnvelopeParser::~EnvelopeParser() = default;

Result<WatchEvent> EnvelopeParser::event(std::string_view line) {
  ondemand::document document;
  const simdjson::padded_string_view padded{line.data(), line.size(), line.size() + kPadding};
  if (const auto error = parsers_->parser.iterate(padded).get(document)) return broken("a watch event", error);
  ondemand::object fields;
  if (const auto error = document.get_object().get(fields)) return broken("a watch event", error);
  WatchEvent event;
  bool has_type = false;
  for (auto field : fields) {
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) return broken("a watch event", error);
    ondemand::value value;
    if (const auto error = field.value().get(value)) return broken("a watch event", error);
    if (name == "type") {
      std::string_view type;
      if (const auto error = value.get_string().get(type)) return broken("a watch event's type", error);
      if (!read_type(type, event.type)) return invalid("a watch event has the unknown type " + std::string(type));
      has_type = true;
    } else if (name == "object") {
      if (const auto error = read_object(value, event.identity, event.object, &event.initial_events_end)) {
        return broken("a watched object", error);
      }
    }
  }
  if (!at_end(document)) return invalid("a watch event is followed by something else");
  event.initial_events_end &= event.type == EventType::bookmark;  // anyone may annotate an object
  if (!has_type || event.object.empty()) return invalid("a watch event lacks its type or its object");
  const bool named = !event.identity.key.name.empty() && !event.identity.uid.empty();
  if (event.type != EventType::error && event.identity.resource_version.empty()) {
    return invalid("a watched object has no resource version");
  }
  if (!named && event.type != EventType::error && event.type != EventType::bookmark) {
    return invalid("a watched object has no name or no UID");
  }
  return event;
}

Result<ListMeta> EnvelopeParser::list(std::string& body,
                                      const std::function<void(const Identity&, std::string_view)>& each) {
  body.reserve(body.size() + kPadding);
  ondemand::document document;
  const simdjson::padded_string_view padded{body.data(), body.size(), body.capacity()};
  if (const auto error = parsers_->parser.iterate(padded).get(document)) return broken("a list", error);
  ondemand::object fields;
  if (const auto error = document.get_object().get(fields)) return broken("a list", error);
  ListMeta meta;
  for (auto field : fields) {
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) return broken("a list", error);
    ondemand::value value;
    if (const auto error = field.value().get(value)) return broken("a list", error);
    if (name == "metadata") {
      ondemand::object metadata;
      if (const auto error = value.get_object().get(metadata)) return broken("a list's metadata", error);
      for (auto entry : metadata) {
        std::string_view entry_name;
        ondemand::value entry_value;
        if (const auto error = entry.unescaped_key().get(entry_name)) return broken("a list's metadata", error);
        if (const auto error = entry.value().get(entry_value)) return broken("a list's metadata", error);
        if (entry_name == "resourceVersion") {
          if (const auto error = read_text(entry_value, meta.resource_version)) return broken("a list", error);
        } else if (entry_name == "continue") {
          if (const auto error = read_text(entry_value, meta.continue_token)) return broken("a list", error);
        }
      }
    } else if (name == "items") {
      if (bool null = false; !value.is_null().get(null) && null) continue;  // Go's empty slice
      ondemand::array items;
      if (const auto error = value.get_array().get(items)) return broken("a list's items", error);
      for (auto item : items) {
        ondemand::value object;
        if (const auto error = item.get(object)) return broken("a list's item", error);
        Identity identity;
        std::string_view raw;
        if (const auto error = read_object(object, identity, raw, nullptr)) return broken("a list's item", error);
        if (identity.key.name.empty() || identity.uid.empty()) return invalid("a list's item has no name or no UID");
        each(identity, raw);
      }
    }
  }
  if (!at_end(document)) return invalid("a list is followed by something else");
  if (meta.resource_version.empty()) return invalid("a list has no resource version");
  return meta;
}

}  // namespace atelier::kube
