// What registries let us in with, for as long as it holds: tokens, and the kind of proof that they ask for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "atelier/base/time.h"
#include "atelier/registry/poller.h"
#include "registry/origin.h"

namespace atelier::registry {

class Authorizations {
 public:
  // A token is good for one repository, and for who asked for it.
  struct Key {
    Origin registry;
    std::string name;
    std::optional<Credentials> credentials;
  };

  // The value of a header Authorization; empty: there is none that still holds.
  std::string get(const Key& key, SteadyTime now) const;
  // Forgotten a little before `lifetime` is over.
  void put(const Key& key, std::string header, Millis lifetime, SteadyTime now);
  void drop(const Key& key, const std::string& header);  // which did not help; a newer one stays
  void forget(const Key& key);                           // nobody asks any more; this is what bounds their number

  std::size_t size() const { return held_.size(); }

 private:
  using Place = std::tuple<Origin, std::string, std::string, std::string>;
  struct Held {
    std::string header;
    SteadyTime until;
  };
  static Place place_of(const Key& key);

  std::map<Place, Held> held_;
};

}  // namespace atelier::registry
