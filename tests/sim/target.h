// What a request's path and query name.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "atelier/base/ids.h"

namespace atelier::sim {

struct Kind {
  std::string group;  // empty: the core group
  std::string version;
  std::string plural;
  std::string name;
  bool namespaced = true;
  bool status = false;      // has the subresource
  bool generation = false;  // counts changes of what is neither metadata nor status

  bool custom() const { return group == "atelier.dev"; }  // defined by a CRD
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  bool operator==(const Kind& other) const { return group == other.group && plural == other.plural; }
};

// That the model has.
std::span<const Kind> all_kinds();

// REQUIRES a kind that the model knows.
const Kind& kind_of(std::string_view plural);
const Kind* find_kind(std::string_view api_version, std::string_view name);

struct Target {
  const Kind* kind = nullptr;
  ObjectKey key;  // without a name: the collection; without a namespace: all of them
  std::string subresource;
  std::map<std::string, std::string> query;

  std::string get(const std::string& parameter) const {
    const auto at = query.find(parameter);
    return at == query.end() ? "" : at->second;
  }
  bool watches() const { return get("watch") == "1" || get("watch") == "true"; }
};

// Throws Refusal: 404 for what does not exist.
Target parse_target(std::string_view target);

// `pods "a"`, as the API server names an object in its messages.
std::string name_in_words(const Kind& kind, const std::string& name);

}  // namespace atelier::sim
