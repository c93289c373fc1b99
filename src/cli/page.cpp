#include "cli/page.h"

#include <simdjson.h>

#include <string_view>

namespace atelier::cli {
namespace {

using nlohmann::json;
using Element = simdjson::dom::element;
using Kind = simdjson::dom::element_type;

// Of an object that a table is made of; `depth` 0 is the object itself.
bool is_needless(std::string_view name, int depth) {
  return depth == 1 && (name == "managedFields" || name == "state" || name == "tasks");
}

json copied(Element from, int depth) {
  switch (from.type()) {
    case Kind::OBJECT: {
      json out = json::object();
      const simdjson::dom::object object = from.get_object().value_unsafe();
      for (const auto& [name, value] : object) {
        const bool inside = depth > 0 || name == "metadata" || name == "status";
        if (!is_needless(name, depth)) out[std::string(name)] = copied(value, inside ? depth + 1 : 2);
      }
      return out;
    }
    case Kind::ARRAY: {
      json out = json::array();
      const simdjson::dom::array array = from.get_array().value_unsafe();
      for (const Element value : array) out.push_back(copied(value, depth + 1));
      return out;
    }
    case Kind::INT64:
      return from.get_int64().value_unsafe();
    case Kind::UINT64:
      return from.get_uint64().value_unsafe();
    case Kind::DOUBLE:
      return from.get_double().value_unsafe();
    case Kind::STRING:
      return std::string(from.get_string().value_unsafe());
    case Kind::BOOL:
      return from.get_bool().value_unsafe();
    case Kind::NULL_VALUE:
      break;
  }
  return nullptr;
}

}  // namespace

Result<Page> read_page(const std::string& body) {
  simdjson::dom::parser parser;
  Element document;
  simdjson::dom::array items;
  if (parser.parse(body).get(document) != simdjson::SUCCESS || document["items"].get(items) != simdjson::SUCCESS) {
    return Error{Errc::server, "the API server's answer is not a list"};
  }
  Page page;
  for (const Element item : items) page.items.push_back(copied(item, 0));
  std::string_view token;
  if (document["metadata"]["continue"].get(token) == simdjson::SUCCESS) page.continue_token = token;
  return page;
}

}  // namespace atelier::cli
