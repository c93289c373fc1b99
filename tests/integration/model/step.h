// Random sequences of requests, as records that know nothing of a server.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace atelier::model {

enum class Verb { create, get, list, page, put, merge, json, strategic, apply, remove };
// Which of the object's versions or uids a request names.
enum class Pick { none, right, wrong };

struct Step {
  Verb verb = Verb::get;
  std::string plural;
  std::string name;  // empty for lists
  std::string subresource;
  // What is created or applied; of put, a merge patch on what was last seen of the object. "@ns" in it is the
  // namespace, "@uid:configmaps/a" the uid of that object.
  nlohmann::json body;
  Pick version = Pick::none;
  Pick uid = Pick::none;
  std::string labels;  // of lists, as is all that follows up to the limit
  std::string fields;
  int limit = 0;
  std::string manager;      // of apply
  int grace = -1;           // of remove, as is the next; -1: unsaid
  std::string propagation;  // empty: unsaid
};

std::string to_text(const Step& step);

// The first steps list all kinds and make what the others refer to and nothing deletes, the owners root-1 and root-2.
// The last ones make one object of each kind, an object "last" with the label app=x, so that whoever watches knows the
// end.
std::vector<Step> sequence(std::uint64_t seed, std::size_t count);

// The kinds that occur.
const std::vector<std::string>& plurals();

nlohmann::json object_of(const std::string& plural, const std::string& name);
nlohmann::json owner(const std::string& plural, const std::string& name);

}  // namespace atelier::model
