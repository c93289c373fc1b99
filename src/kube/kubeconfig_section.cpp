#include "kube/kubeconfig_section.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

namespace atelier::kube {
namespace {

using nlohmann::json;

constexpr int kDeepest = 32;
constexpr int kMostNodes = 10'000;  // aliases make a small file a large document

// Absent when it is too deep or too large.
std::optional<json> json_of(const YAML::Node& node, int depth, int& left) {
  if (depth > kDeepest || --left < 0) return std::nullopt;
  if (node.IsSequence()) {
    json list = json::array();
    for (const YAML::Node& entry : node) {
      auto value = json_of(entry, depth + 1, left);
      if (!value) return std::nullopt;
      list.push_back(std::move(*value));
    }
    return list;
  }
  if (node.IsMap()) {
    json object = json::object();
    for (const auto& entry : node) {
      auto value = json_of(entry.second, depth + 1, left);
      if (!value || !entry.first.IsScalar()) return std::nullopt;
      object[entry.first.Scalar()] = std::move(*value);
    }
    return object;
  }
  if (!node.IsScalar()) return json(nullptr);
  const std::string& text = node.Scalar();
  if (node.Tag() == "!" || node.Tag().ends_with(":str")) return json(text);  // it was in quotes, or is called a string
  if (text == "true" || text == "false") return json(text == "true");
  const json number = json::parse(text, nullptr, false);
  return number.is_number() ? number : json(text);
}

}  // namespace

std::string Section::where(const std::string& field) const {
  return "kubeconfig " + file_ + ": " + (path_.empty() ? field : path_ + "." + field);
}

Result<std::string> Section::text(const std::string& field) const {
  if (!has(field)) return std::string{};
  const YAML::Node value = node_[field];
  if (!value.IsScalar()) return refused(field, "must be a string");
  return value.Scalar();
}

Result<bool> Section::flag(const std::string& field) const {
  ATELIER_TRY(const std::string value, text(field));
  if (value.empty() || value == "false") return false;
  if (value == "true") return true;
  return refused(field, "must be true or false");
}

Result<std::vector<std::string>> Section::texts_of(const YAML::Node& value, const std::string& field) const {
  if (!value.IsSequence()) return refused(field, "must be a list of strings");
  std::vector<std::string> all;
  for (const YAML::Node& entry : value) {
    if (!entry.IsScalar()) return refused(field, "must be a list of strings");
    all.push_back(entry.Scalar());
  }
  return all;
}

Result<std::vector<std::string>> Section::texts(const std::string& field) const {
  if (!has(field)) return std::vector<std::string>{};
  return texts_of(node_[field], field);
}

Result<std::vector<Section>> Section::sections(const std::string& field) const {
  std::vector<Section> all;
  if (!has(field)) return all;
  const YAML::Node list = node_[field];
  if (!list.IsSequence()) return refused(field, "must be a list");
  for (const YAML::Node& entry : list) {
    const std::string at = field + "[" + std::to_string(all.size()) + "]";
    if (!entry.IsMap()) return refused(at, "must be a mapping");
    all.emplace_back(entry, file_, path_.empty() ? at : path_ + "." + at);
    ATELIER_TRY(all.back().check_keys());
  }
  return all;
}

Result<std::vector<std::pair<std::string, std::vector<std::string>>>> Section::lists(const std::string& field) const {
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  if (!has(field)) return all;
  const YAML::Node map = node_[field];
  if (!map.IsMap()) return refused(field, "must be a mapping of lists");
  for (const auto& entry : map) {
    if (!entry.first.IsScalar()) return refused(field, "must have strings for keys");
    ATELIER_TRY(auto texts, texts_of(entry.second, field + "." + entry.first.Scalar()));
    all.emplace_back(entry.first.Scalar(), std::move(texts));
  }
  return all;
}

Result<Section> Section::section(const std::string& field) const {
  if (!has(field)) return refused(field, "is missing");
  if (!node_[field].IsMap()) return refused(field, "must be a mapping");
  Section inner{node_[field], file_, path_.empty() ? field : path_ + "." + field};
  ATELIER_TRY(inner.check_keys());
  return inner;
}

Result<std::string> Section::json(const std::string& field) const {
  if (!has(field)) return std::string{};
  int left = kMostNodes;
  const auto value = json_of(node_[field], 0, left);
  if (!value) return refused(field, "is no JSON document, or is too large or too deep for one");
  return value->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<void> Section::check_keys() const {
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) return invalid(where("a key") + ": must be a string");
    if (!seen.insert(entry.first.Scalar()).second) return refused(entry.first.Scalar(), "is there twice");
  }
  return boost::outcome_v2::success();
}

std::string Section::resolved(const std::string& path) const {
  return (std::filesystem::path(file_).parent_path() / path).lexically_normal();
}

}  // namespace atelier::kube
