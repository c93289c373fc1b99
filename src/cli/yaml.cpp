#include "cli/yaml.h"

#include <yaml-cpp/yaml.h>

#include <set>

namespace atelier::cli {
namespace {

using nlohmann::json;

class Converter {
 public:
  explicit Converter(Document& out) : out_(out) {}

  json convert(const YAML::Node& node, const std::string& path) {
    out_.lines.emplace_back(path, node.Mark().line + 1);
    if (++nodes_ > kMostNodes) throw YAML::ParserException(node.Mark(), "too many values; aliases that multiply?");
    switch (node.Type()) {
      case YAML::NodeType::Map:
        return map(node, path);
      case YAML::NodeType::Sequence:
        return list(node, path);
      case YAML::NodeType::Scalar:
        return scalar(node);
      default:
        return nullptr;
    }
  }

 private:
  static constexpr std::size_t kMostNodes = 200'000;

  json map(const YAML::Node& node, const std::string& path) {
    json object = json::object();
    for (const auto& entry : node) {
      const auto name = entry.first.as<std::string>();
      if (object.contains(name)) throw YAML::ParserException(entry.first.Mark(), "\"" + name + "\" is there twice");
      const std::string at = below(path, name);
      object[name] = convert(entry.second, at);
      out_.lines.emplace_back(at, entry.first.Mark().line + 1);
    }
    return object;
  }

  // The one map whose keys are the author's: its paths are written as validation writes them.
  static std::string below(const std::string& path, const std::string& name) {
    if (path == "spec.params") return path + "[" + json(name).dump() + "]";
    return path.empty() ? name : path + "." + name;
  }

  json list(const YAML::Node& node, const std::string& path) {
    json list = json::array();
    for (const auto& entry : node) list.push_back(convert(entry, path + "[" + std::to_string(list.size()) + "]"));
    return list;
  }

  // kubectl reads YAML 1.1: these words are booleans unless quoted.
  static json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str") return text;
    static const std::set<std::string> kTrue{"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"};
    static const std::set<std::string> kFalse{"n",   "N",   "no",    "No",    "NO",   "off",
                                              "Off", "OFF", "false", "False", "FALSE"};
    if (kTrue.contains(text)) return true;
    if (kFalse.contains(text)) return false;
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    const json number = json::parse(text, nullptr, false);
    return number.is_number() ? number : json(text);
  }

  Document& out_;
  std::size_t nodes_ = 0;
};

}  // namespace

int Document::line_of(const std::string& path) const {
  std::size_t best = 0;
  int line = lines.empty() ? 1 : lines.front().second;
  for (const auto& [at, number] : lines) {
    if (at.size() < best || !path.starts_with(at)) continue;
    if (at.size() < path.size() && path[at.size()] != '.' && path[at.size()] != '[') continue;
    best = at.size();
    line = number;
  }
  return line;
}

std::vector<Document> items_of(const Document& list) {
  std::vector<Document> items;
  const auto found = list.value.find("items");
  if (found == list.value.end() || !found->is_array()) return items;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const std::string at = "items[" + std::to_string(i) + "]";
    Document& item = items.emplace_back();
    item.value = (*found)[i];
    for (const auto& [path, line] : list.lines) {
      if (path == at) item.lines.emplace_back("", line);
      if (path.starts_with(at + ".")) item.lines.emplace_back(path.substr(at.size() + 1), line);
    }
  }
  return items;
}

Result<std::vector<Document>> parse_yaml(std::string_view text) {
  std::vector<Document> documents;
  try {
    for (const YAML::Node& node : YAML::LoadAll(std::string(text))) {
      if (!node.IsDefined() || node.IsNull()) continue;
      Document document;
      document.value = Converter{document}.convert(node, "");
      documents.push_back(std::move(document));
    }
  } catch (const YAML::Exception& error) {
    return invalid("line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
  return documents;
}

}  // namespace atelier::cli
