#include "stage/dag_id_list.h"

#include <utility>

#include "stage/json.h"

namespace atelier::stage {

std::string render(const DagIds& ids) {
  std::string text = R"({"held":[)";
  for (const std::string& id : ids)
    text += (text.back() == '[' ? "\n" : ",\n") + (R"({"dagId":)" + json_string(id)) + "}";
  return text + "\n]}\n";
}

std::optional<DagIds> parse_dag_ids(std::string_view text) {
  const auto json = Json::parse(text);
  const auto* items = json ? json->array_at("held") : nullptr;
  if (!items) return std::nullopt;
  DagIds out;
  for (const Json& item : *items) {
    if (auto id = item.string_at("dagId")) out.insert(std::move(*id));
  }
  return out;
}

}  // namespace atelier::stage
