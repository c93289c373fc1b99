// Image references: one text, or repository, tag and pull policy apart.
#pragma once

#include <string>

#include "atelier/api/workspace.h"
#include "convert/input.h"

namespace atelier::convert {

// repository[:tag][@digest]
struct ImageReference {
  std::string repository;
  std::string tag;
  std::string digest;

  bool operator==(const ImageReference&) const = default;
};
ImageReference parse_image(const std::string& text);

// An image as a container of the input names it.
struct NamedImage {
  ImageReference reference;  // with exactly one of tag and digest; without a repository when the input names none
  std::string text;          // of the reference
  std::string pull_policy;   // empty: not said
  std::string path;          // of the image
  std::string repository_path;
  std::string tag_path;
  std::string policy_path;
};

// `image` is a text or a map; `pull_policy`, beside it, belongs to the first form. Reports what is wrong in them.
NamedImage read_image(const Value& image, const Value& pull_policy);

// The one of the options, for a file that names none.
void take_image(Input& input, const Options& options, api::WorkspaceImage& into);

}  // namespace atelier::convert
