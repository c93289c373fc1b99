// One of the two servers that hear the same requests: what it said so far, and its answers in words that do not depend
// on which of the two it is.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "atelier/http/port.h"
#include "atelier/kube/resource.h"
#include "integration/model/step.h"

namespace atelier::model {

kube::Resource resource_of(const std::string& plural);

class Side {
 public:
  explicit Side(std::string ns) : ns_(std::move(ns)) {}

  http::Request request(const Step& step) const;
  // The answer, comparable; and remembers what later requests refer to.
  nlohmann::json heard(const Step& step, const http::Response& response);
  // The events of a watch, comparable, without bookmarks; `text` is the stream.
  nlohmann::json events(const std::string& text);

  // The symbol of a version comes back as this side's version.
  const std::string& list_version(const std::string& plural) const { return list_versions_.at(plural); }

 private:
  struct Seen {
    nlohmann::json object;
    std::vector<std::string> versions;
    std::string uid;
  };

  nlohmann::json resolved(nlohmann::json body) const;
  void remember(const std::string& plural, const nlohmann::json& object);
  nlohmann::json normal(nlohmann::json object);
  std::string symbol(const char* kind, const std::string& value);
  std::string version(const Step& step) const;
  std::string uid(const Step& step) const;
  void identify(const Step& step, nlohmann::json& metadata) const;

  std::string ns_;
  std::map<std::string, Seen> seen_;                  // by plural/name
  std::map<std::string, Step> lists_;                 // the last of each plural, for its next page
  std::map<std::string, std::string> tokens_;         // to continue it
  std::map<std::string, std::string> list_versions_;  // of the first list of each plural
  std::map<std::string, std::string> symbols_;
  std::map<std::string, int> counts_;  // of symbols, by kind
};

}  // namespace atelier::model
