#include "sim/selector.h"

#include <algorithm>
#include <map>
#include <set>

#include "sim/refusal.h"

namespace atelier::sim {

using nlohmann::json;

namespace {

const std::set<std::string>& fields_of(const Kind& kind) {
  static const std::map<std::string, std::set<std::string>> all{
      {"pods",
       {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase",
        "status.podIP"}},
      {"events",
       {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"}},
      {"namespaces", {"status.phase"}},
      {"secrets", {"type"}},
  };
  static const std::set<std::string> none;
  const auto at = all.find(kind.plural);
  return at == all.end() ? none : at->second;
}

}  // namespace

Selector::Selector(const Kind& kind, std::string_view labels, std::string_view fields)
    : labels_(parse(labels)), fields_(parse(fields)) {
  for (const Term& term : fields_) {
    const bool known =
        term.key == "metadata.name" || term.key == "metadata.namespace" || fields_of(kind).contains(term.key);
    if (!known) throw bad_request("field label not supported: " + term.key);
  }
}

std::vector<Selector::Term> Selector::parse(std::string_view text) {
  if (text.find('(') != std::string_view::npos) throw bad_request("set-based selectors are not modelled");
  std::vector<Term> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    Term term;
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      term.exists = true;
      term.negated = word.starts_with('!');
      term.key = word.substr(term.negated ? 1 : 0);
    } else {
      term.negated = equals > 0 && word[equals - 1] == '!';
      term.key = word.substr(0, term.negated ? equals - 1 : equals);
      word.remove_prefix(equals + 1);
      if (word.starts_with('=')) word.remove_prefix(1);
      term.value = word;
    }
    out.push_back(std::move(term));
  }
  return out;
}

bool Selector::holds(const Term& term, const std::string* found) {
  const bool equal = found != nullptr && (term.exists || *found == term.value);
  return equal != term.negated;
}

bool Selector::matches(const json& object) const {
  const json& metadata = object.at("metadata");
  const json labels = metadata.value("labels", json::object());
  const bool labelled = std::all_of(labels_.begin(), labels_.end(), [&](const Term& term) {
    const auto at = labels.find(term.key);
    return holds(term, at == labels.end() ? nullptr : at->get_ptr<const std::string*>());
  });
  return labelled && std::all_of(fields_.begin(), fields_.end(), [&](const Term& term) {
           std::string path = "/" + term.key;
           std::replace(path.begin(), path.end(), '.', '/');
           const json::json_pointer pointer{path};
           const std::string empty;
           return holds(term, object.contains(pointer) ? object.at(pointer).get_ptr<const std::string*>() : &empty);
         });
}

}  // namespace atelier::sim
