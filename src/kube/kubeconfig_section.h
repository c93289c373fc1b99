// A mapping in a kubeconfig file together with its place, for messages that name file and field.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <utility>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::kube {

// May throw YAML::Exception only if the node is no mapping.
class Section {
 public:
  // REQUIRES that the node is a mapping.
  Section(const YAML::Node& node, std::string file, std::string path)
      : node_(node), file_(std::move(file)), path_(std::move(path)) {}

  const std::string& file() const { return file_; }
  std::string where(const std::string& field) const;  // "kubeconfig FILE: PATH.FIELD"
  Error refused(const std::string& field, const std::string& why) const { return invalid(where(field) + ": " + why); }

  bool has(const std::string& field) const { return node_[field] && !node_[field].IsNull(); }
  // Absent is empty, false or an empty list.
  Result<std::string> text(const std::string& field) const;
  Result<bool> flag(const std::string& field) const;
  Result<std::vector<std::string>> texts(const std::string& field) const;
  Result<std::vector<Section>> sections(const std::string& field) const;
  // Each key with its list of strings.
  Result<std::vector<std::pair<std::string, std::vector<std::string>>>> lists(const std::string& field) const;
  // Error when it is absent.
  Result<Section> section(const std::string& field) const;
  // The value as JSON, of a bounded size; empty when it is absent.
  Result<std::string> json(const std::string& field) const;

  // Error when a field is there twice: which of them counts would be a guess.
  Result<void> check_keys() const;

  std::string resolved(const std::string& path) const;  // relative to the file's folder; absolute paths stay

 private:
  Result<std::vector<std::string>> texts_of(const YAML::Node& value, const std::string& field) const;

  YAML::Node node_;
  std::string file_;
  std::string path_;
};

}  // namespace atelier::kube
