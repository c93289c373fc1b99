#include "atelier/yaml/document.h"

#include <simdjson.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "atelier/base/text.h"

namespace atelier::yaml {
namespace {

using nlohmann::json;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// yaml-cpp 0.7 finds an empty document at a "," outside of brackets again and again, and LoadAll() keeps each of them:
// https://github.com/jbeder/yaml-cpp/issues/1040
class Progress : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos == last_) throw YAML::ParserException(mark, "there is no value here");
    last_ = mark.pos;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int last_ = -1;
};

void check_progress(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  Progress progress;
  while (parser.HandleNextDocument(progress)) {
  }
}

class Converter {
 public:
  Converter(Document& out, const std::vector<std::string_view>& source) : out_(out), source_(source) {}

  json convert(const YAML::Node& node, const std::string& path, std::size_t depth = 0) {
    if (depth > kDeepest) throw YAML::ParserException(node.Mark(), "nested too deep; an alias of what it is in?");
    out_.lines.emplace_back(path, node.Mark().line + 1);
    if (++nodes_ > kMostNodes) throw YAML::ParserException(node.Mark(), "too many values; aliases that multiply?");
    switch (node.Type()) {
      case YAML::NodeType::Map:
        return map(node, path, depth);
      case YAML::NodeType::Sequence:
        return list(node, path, depth);
      case YAML::NodeType::Scalar:
        remember_block(node, path);
        return scalar(node);
      default:
        return nullptr;
    }
  }

 private:
  static constexpr std::size_t kMostNodes = 200'000;
  static constexpr std::size_t kDeepest = 100;

  json map(const YAML::Node& node, const std::string& path, std::size_t depth) {
    json object = json::object();
    for (const auto& entry : node) {
      const auto name = entry.first.as<std::string>();
      if (object.contains(name)) throw YAML::ParserException(entry.first.Mark(), "\"" + name + "\" is there twice");
      const std::string at = below(path, name);
      object[name] = convert(entry.second, at, depth + 1);
      out_.lines.emplace_back(at, entry.first.Mark().line + 1);
    }
    return object;
  }

  // The one map whose keys are the author's: its paths are written as validation writes them.
  static std::string below(const std::string& path, const std::string& name) {
    if (path == "spec.params") return path + "[" + json(name).dump() + "]";
    return path.empty() ? name : path + "." + name;
  }

  json list(const YAML::Node& node, const std::string& path, std::size_t depth) {
    json list = json::array();
    for (const auto& entry : node)
      list.push_back(convert(entry, path + "[" + std::to_string(list.size()) + "]", depth + 1));
    return list;
  }

  // yaml-cpp does not tell a block from a text in quotes: a block's first line stands below, as it is.
  void remember_block(const YAML::Node& node, const std::string& path) {
    const std::string_view text = node.Scalar();
    const auto below = static_cast<std::size_t>(node.Mark().line) + 1;
    if (text.find('\n') == std::string_view::npos || below >= source_.size()) return;
    const std::string_view first = without_surrounding_space(text.substr(0, text.find('\n')));
    if (without_surrounding_space(source_[below]) == first) out_.blocks[path] = static_cast<int>(below) + 1;
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
  const std::vector<std::string_view>& source_;
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

Result<std::vector<Document>> parse(std::string_view text) {
  std::vector<Document> documents;
  const auto source = lines_of(text);
  const auto unreadable = std::find_if_not(source.begin(), source.end(), [](std::string_view line) {
    return simdjson::validate_utf8(line.data(), line.size());
  });
  if (unreadable != source.end()) {
    return invalid("line " + std::to_string(unreadable - source.begin() + 1) +
                   ": is not UTF-8, in which the file should be saved");
  }
  try {
    const std::string whole(text);
    check_progress(whole);
    for (const YAML::Node& node : YAML::LoadAll(whole)) {
      if (!node.IsDefined() || node.IsNull()) continue;
      Document document;
      document.value = Converter{document, source}.convert(node, "");
      documents.push_back(std::move(document));
    }
  } catch (const YAML::Exception& error) {
    // It may quote one byte of a character, as of "\ä".
    return invalid("line " + std::to_string(error.mark.line + 1) + ": " + without_cut_character(error.msg));
  }
  return documents;
}

}  // namespace atelier::yaml
