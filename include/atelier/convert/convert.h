// What teams have today as our resources: HelloDATA's deployment-needs.yaml and Ratatouille's workspace.yaml. Pure: the
// same document and options give the same answer. Nothing is left out in silence: a value of the input is in the
// workspace, or a finding names its field. No finding holds a value that looks like a secret.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atelier/api/workspace.h"
#include "atelier/yaml/document.h"

namespace atelier::convert {

// What the file does not say. Empty: what it says, or a finding that asks for it.
struct Options {
  std::string name;  // of the workspace, and of its folder on the storage
  std::string ns;    // stays empty: the one of whoever applies it
  api::NamespacedReference data_domain;
  std::string image;  // repository:tag or repository@digest
  std::string dags;   // the folder in the image
};

struct Finding {
  std::string path;  // spec.containers[0].env[1].value, in a text with YAML as well; empty: the file as a whole
  int line = 0;      // from 1; 0: the file as a whole
  std::string message;
  bool warning = false;  // is converted, and is not what it was

  bool operator==(const Finding&) const = default;
};

struct Converted {
  std::optional<api::Workspace> workspace;  // absent when a finding is no warning; otherwise validate() says nothing
  std::vector<Finding> findings;            // in the order of the lines
};

Converted convert(const yaml::Document& document, const Options& options);

}  // namespace atelier::convert
