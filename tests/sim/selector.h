// Label and field selectors of lists and watches.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/target.h"

namespace atelier::sim {

// `a=b,c!=d,e,!f`; fields are dotted paths. Throws Refusal: 400 for fields that objects of the kind are not selected
// by, and for set-based selectors, which nothing uses.
class Selector {
 public:
  Selector(const Kind& kind, std::string_view labels, std::string_view fields);

  bool matches(const nlohmann::json& object) const;

 private:
  struct Term {
    std::string key;
    std::string value;
    bool negated = false;
    bool exists = false;  // any value
  };
  static std::vector<Term> parse(std::string_view text);
  static bool holds(const Term& term, const std::string* found);

  std::vector<Term> labels_;
  std::vector<Term> fields_;
};

}  // namespace atelier::sim
