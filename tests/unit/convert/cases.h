// The cases of this folder: cases/NAME has an input, the options it is converted with, and what comes of it.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/convert.h"
#include "support/source_dir.h"

namespace atelier::convert::testing {

inline std::vector<std::filesystem::path> cases() {
  std::vector<std::filesystem::path> found;
  const auto root = atelier::testing::source_dir() + "/tests/unit/convert/cases";
  for (const auto& entry : std::filesystem::directory_iterator(root)) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

inline std::string name_of(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The words of the command line in the file `options`; without it, a data domain alone.
inline Options options_of(const std::filesystem::path& path) {
  Options options;
  options.data_domain = {"dd01", "bd01"};
  std::istringstream words(text_of(path / "options"));
  for (std::string option, value; words >> option >> value;) {
    if (option == "--name") options.name = value;
    if (option == "--namespace") options.ns = value;
    if (option == "--image") options.image = value;
    if (option == "--dags") options.dags = value;
    if (option == "--data-domain" && value == "none") options.data_domain = {};
    if (option == "--data-domain" && value != "none") options.data_domain = cli::parse_reference(value).value();
  }
  return options;
}

}  // namespace atelier::convert::testing
