// The CRDs are written by hand; here they are held to the field tables, in both directions.
#include <gtest/gtest.h>

#include <set>

#include "support/source_dir.h"
#include "support/yaml_json.h"
#include "unit/api/schema.h"

namespace atelier::api::testing {
namespace {

template <class Kind>
json crd() {
  return atelier::testing::from_yaml(
      YAML::LoadFile(atelier::testing::source_dir() + "/crds/" + Kind::kPlural + ".yaml"));
}

// Where `schema`, of a CRD, differs from `table` in what the tables know about.
class Comparison {
 public:
  void compare(const json& table, const json& schema, const std::string& path, bool in_status) {
    for (const char* key : {"type", "format", "enum", "minimum", "maximum", "x-kubernetes-int-or-string"})
      same(table, schema, path, key);
    if (!in_status) same(table, schema, path, "default");
    if (schema.value("description", "").empty()) differences.push_back(path + ": has no description");
    if (table.contains("items")) compare_items(table["items"], schema.value("items", json::object()), path, in_status);
    if (!table.contains("properties")) return;
    const json properties = schema.value("properties", json::object());
    std::set<std::string> names;
    for (const auto& [name, value] : table["properties"].items()) names.insert(name);
    for (const auto& [name, value] : properties.items()) names.insert(name);
    for (const std::string& name : names) {
      const std::string at = path + "." + name;
      if (!table["properties"].contains(name)) {
        differences.push_back(at + ": is in the CRD only");
      } else if (!properties.contains(name)) {
        differences.push_back(at + ": is in the field table only");
      } else {
        compare(table["properties"][name], properties[name], at, in_status || name == "status");
      }
    }
    json required = schema.value("required", json::array());
    std::sort(required.begin(), required.end());
    if (required != table.value("required", json::array())) {
      differences.push_back(path + ": required is " + required.dump() + " in the CRD and " +
                            table.value("required", json::array()).dump() + " in the field table");
    }
  }

  std::vector<std::string> differences;

 private:
  void compare_items(const json& table, const json& schema, const std::string& path, bool in_status) {
    if (table.contains("properties"))
      return compare(with_description(table), with_description(schema), path + "[]", in_status);
    same(table, schema, path + "[]", "type");
  }
  // Items are described by their list.
  static json with_description(json schema) {
    if (!schema.contains("description")) schema["description"] = "an item";
    return schema;
  }
  void same(const json& table, const json& schema, const std::string& path, const char* key) {
    const json left = table.value(key, json());
    const json right = schema.value(key, json());
    if (left == right || (left.is_null() && std::string_view(key) == "default" && is_nothing(right))) return;
    differences.push_back(path + ": " + key + " is " + right.dump() + " in the CRD and " + left.dump() +
                          " in the field table");
  }
};

template <class Kind>
std::string differences() {
  json table = Shape<Kind>::schema();
  table["properties"].erase("metadata");
  json schema = crd<Kind>()["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
  for (const char* given : {"apiVersion", "kind", "metadata"}) schema["properties"].erase(given);
  Comparison comparison;
  comparison.compare(table, schema, Kind::kKind, false);
  std::string text;
  for (const std::string& one : comparison.differences) text += one + "\n";
  return text;
}

template <class Kind>
class Crd : public ::testing::Test {};

using Kinds = ::testing::Types<Approval, BusinessDomain, DataDomain, Workspace, Pipeline, PipelineRun>;
TYPED_TEST_SUITE(Crd, Kinds);

TYPED_TEST(Crd, AgreesWithTheFieldTable) { EXPECT_EQ(differences<TypeParam>(), ""); }

TYPED_TEST(Crd, IsNamedAsTheOperatorCallsIt) {
  const json document = crd<TypeParam>();
  EXPECT_EQ(document["metadata"]["name"], std::string(TypeParam::kPlural) + "." + kGroup);
  EXPECT_EQ(document["spec"]["group"], kGroup);
  EXPECT_EQ(document["spec"]["names"]["kind"], TypeParam::kKind);
  EXPECT_EQ(document["spec"]["names"]["categories"], json::array({"atelier"}));
  EXPECT_EQ(document["spec"]["scope"], TypeParam::kNamespaced ? "Namespaced" : "Cluster");
  EXPECT_EQ(document["spec"]["versions"][0]["name"], kVersion);
  const json subresources = document["spec"]["versions"][0].value("subresources", json::object());
  EXPECT_EQ(subresources.contains("status"), HasStatus<TypeParam>);
}

// Where the API server fills in a default inside a list or map that is owned as a whole, two who apply the same are
// told that they conflict.
void find_fights(const json& schema, const std::string& path, bool whole, std::string& found) {
  if (whole && schema.contains("default")) found += path + "\n";
  const bool list = schema.value("type", "") == "array";
  whole = whole || (list && schema.value("x-kubernetes-list-type", "atomic") == "atomic") ||
          schema.value("x-kubernetes-map-type", "") == "atomic";
  if (list) find_fights(schema["items"], path + "[]", whole, found);
  const json properties = schema.value("properties", json::object());
  for (const auto& [name, property] : properties.items()) find_fights(property, path + "." + name, whole, found);
}

TYPED_TEST(Crd, CanBeAppliedBySeveral) {
  std::string found;
  find_fights(crd<TypeParam>()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"], "spec", false,
              found);
  EXPECT_EQ(found, "");
}

TEST(CrdComparison, SeesADifferenceInEitherDirection) {
  const json table = {{"type", "object"}, {"description", "x"}, {"properties", {{"a", {{"type", "string"}}}}}};
  json schema = table;
  schema["properties"] = {{"b", {{"type", "string"}}}};
  Comparison comparison;
  comparison.compare(table, schema, "x", false);
  EXPECT_EQ(comparison.differences,
            (std::vector<std::string>{"x.a: is in the field table only", "x.b: is in the CRD only"}));
}

}  // namespace
}  // namespace atelier::api::testing
