// Reads an input so that nothing of it is overlooked: fields are taken by name, and what is not taken is refused.
#pragma once

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "atelier/convert/convert.h"

namespace atelier::convert {

class Input;

// A value of the input and its path; it may be absent, and null is absent as well.
class Value {
 public:
  Value(Input& input, const nlohmann::json* json, std::string path)
      : input_(&input), json_(json), path_(std::move(path)) {}

  bool given() const { return json_ != nullptr; }
  bool empty() const;  // absent, or a text, list or map with nothing in it
  bool is_text() const { return given() && json_->is_string(); }
  bool is_list() const { return given() && json_->is_array(); }
  const std::string& path() const { return path_; }
  Input& input() const { return *input_; }

  // Each reports a value of another type and gives nothing then, as for an absent one.
  std::string text() const;
  std::optional<std::int64_t> whole_number() const;
  bool boolean() const;
  std::vector<std::string> texts() const;
  std::vector<Value> items() const;                            // of a list
  std::vector<std::pair<std::string, Value>> entries() const;  // of a map, in the order of their names
  Value inside() const;                                        // what the YAML in this text says

  // What a variable of the environment can be: a text, or a number without a fraction, with a warning.
  std::string text_or_number() const;

  void error(const std::string& message) const;
  void warn(const std::string& message) const;
  void wrong(const std::string& expected) const;

 private:
  friend class Map;
  Value at(const std::string& step, const nlohmann::json& json) const;

  Input* input_;
  const nlohmann::json* json_;
  std::string path_;
};

// A map with known fields. REQUIRES each of them to be taken before close().
class Map {
 public:
  explicit Map(const Value& value, const char* expected = "a map");

  Value take(const std::string& name);
  // As take(), for a field where null is a value of its own: not reported as empty.
  Value take_nullable(const std::string& name);
  // Whether all its fields are known; reports the others.
  bool close();
  bool readable() const { return readable_; }  // as a map

 private:
  Value value_;
  bool readable_;
  std::vector<std::string> known_;
  std::vector<std::string> nullable_;
};

class Input {
 public:
  explicit Input(const yaml::Document& document) : document_(document) {}

  Value root() { return {*this, &document_.value, ""}; }
  void error(const std::string& path, const std::string& message) { add(path, message, false); }
  void warn(const std::string& path, const std::string& message) { add(path, message, true); }
  // An error about the file as a whole.
  void missing(const std::string& message) { findings_.push_back({"", 0, message, false}); }

  int line_of(const std::string& path) const { return document_.line_of(path); }

  // Where a field of the workspace comes from, for what validation says of it.
  void origin(const std::string& field, const std::string& path) { origins_[field] = path; }
  void refuse(const std::string& field, const std::string& message);

  bool refused() const;
  std::vector<Finding> take_findings();

 private:
  friend class Value;
  void add(const std::string& path, const std::string& message, bool warning);

  yaml::Document document_;
  std::deque<nlohmann::json> inner_;  // of texts with YAML
  std::map<std::string, std::string> origins_;
  std::vector<Finding> findings_;
};

}  // namespace atelier::convert
