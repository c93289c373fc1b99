// For every case: a value of the input is in the workspace or its field is named, and a field that nobody knows is
// refused wherever it stands.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "atelier/api/codec.h"
#include "unit/convert/cases.h"

namespace atelier::convert::testing {
namespace {

using nlohmann::json;

using Leaves = std::vector<std::pair<std::string, json>>;

std::string join(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

bool holds_yaml(const std::string& path, const json& value) {
  return value.is_string() && (path.ends_with(".extraEnv") || path.ends_with(".env"));
}

// Of texts with YAML, what it says. What is empty says nothing.
void find_leaves(const json& value, const std::string& path, Leaves& into) {
  if (value.is_object()) {
    for (const auto& [name, inner] : value.items()) find_leaves(inner, join(path, name), into);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) find_leaves(value[i], path + "[" + std::to_string(i) + "]", into);
  } else if (holds_yaml(path, value)) {
    const auto documents = yaml::parse(value.get<std::string>());
    for (const yaml::Document& inner : documents.value()) find_leaves(inner.value, path, into);
  } else if (value != "") {
    into.emplace_back(path, value);
  }
}

std::string text_of_scalar(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::set<std::string> texts_of(const api::Workspace& workspace) {
  std::set<std::string> texts;
  Leaves leaves;
  find_leaves(api::serialize(workspace), "", leaves);
  for (const auto& [path, value] : leaves) texts.insert(text_of_scalar(value));
  // What the text of an image is made of, and what serialize() leaves to defaults.
  texts.insert(workspace.spec.image.reference());
  texts.insert(workspace.spec.image.pull_policy);
  for (const api::StagingStep& step : workspace.spec.init_containers) texts.insert(step.mount_path);
  return texts;
}

// Findings about all that is in a field; those about other maps and lists name no more than themselves.
bool speaks_of_all_in(const std::string& path) {
  return path.ends_with(".resources") || path.ends_with(".partition_by") ||
         (path.ends_with("]") && (path.find("volumeMounts[") != std::string::npos || path.starts_with("products[") ||
                                  path.starts_with("subscriptions[")));
}

bool names(const Finding& finding, const std::string& path) {
  return finding.path == path || (path.starts_with(finding.path) && speaks_of_all_in(finding.path));
}

// Each document with each of its maps given one more field, and the path of that.
void surprise(json& root, json& at, const std::string& path, const std::function<void(const std::string&)>& look) {
  if (at.is_object()) {
    at["surprise"] = "surprised";
    look(join(path, "surprise"));
    at.erase("surprise");
    for (const auto& [name, inner] : at.items()) surprise(root, inner, join(path, name), look);
  } else if (at.is_array()) {
    for (std::size_t i = 0; i < at.size(); ++i) surprise(root, at[i], path + "[" + std::to_string(i) + "]", look);
  } else if (holds_yaml(path, at)) {
    const json text = at;
    at = yaml::parse(text.get<std::string>()).value().front().value;  // a list is as good as its text
    surprise(root, at, path, look);
    at = text;
  }
}

class NothingLost : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  std::vector<yaml::Document> taken() const {
    std::vector<yaml::Document> taken;
    const auto documents = yaml::parse(text_of(GetParam() / "input.yaml"));
    if (!documents) return taken;
    for (const yaml::Document& document : documents.value()) {
      if (convert(document, options_of(GetParam())).workspace) taken.push_back(document);
    }
    return taken;
  }
};

TEST_P(NothingLost, AValueIsInTheWorkspaceOrNamed) {
  for (const yaml::Document& document : taken()) {
    const Converted converted = convert(document, options_of(GetParam()));
    const auto texts = texts_of(*converted.workspace);
    Leaves leaves;
    find_leaves(document.value, "", leaves);
    for (const auto& [path, value] : leaves) {
      const bool named = std::any_of(converted.findings.begin(), converted.findings.end(),
                                     [&at = path](const Finding& finding) { return names(finding, at); });
      const bool forever = value.is_null() && path.ends_with(".retention_days");  // which nothing changes
      EXPECT_TRUE(texts.contains(text_of_scalar(value)) || named || forever) << path;
    }
  }
}

TEST_P(NothingLost, AFieldThatNobodyKnowsIsRefusedByName) {
  for (yaml::Document document : taken()) {
    json& root = document.value;
    surprise(root, root, "", [&](const std::string& path) {
      const Converted converted = convert(document, options_of(GetParam()));
      const bool named = std::any_of(converted.findings.begin(), converted.findings.end(), [&](const Finding& finding) {
        return !finding.warning && finding.path.starts_with(path);
      });
      EXPECT_TRUE((named && !converted.workspace) || path.find(".resources.") != std::string::npos) << path;
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Convert, NothingLost, ::testing::ValuesIn(cases()),
                         [](const auto& given) { return name_of(given.param); });

}  // namespace
}  // namespace atelier::convert::testing
