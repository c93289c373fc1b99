#include "convert/image.h"

namespace atelier::convert {
namespace {

std::string text_of(const ImageReference& image) {
  return image.digest.empty() ? image.repository + ":" + image.tag : image.repository + "@" + image.digest;
}

// Leaves exactly one of tag and digest.
void settle(NamedImage& image, const Value& where) {
  ImageReference& reference = image.reference;
  if (!reference.digest.empty() && !reference.tag.empty()) {
    where.input().warn(image.tag_path, "a digest says which image it is; the tag beside it is left out");
    reference.tag.clear();
  } else if (reference.digest.empty() && (reference.tag.empty() || reference.tag == "latest")) {
    where.input().warn(image.tag_path,
                       reference.tag.empty()
                           ? "no tag stands for latest, of which nobody can say what runs; write the tag of a build"
                           : "latest does not say what runs; write the tag of a build");
    reference.tag = "latest";
    if (image.pull_policy.empty()) image.pull_policy = "Always";  // as Kubernetes has it
  }
  if ((reference.repository + reference.tag + reference.digest).find("${") != std::string::npos) {
    where.error("has a \"${\" in it, and nothing is replaced in an image; write the image itself");
  }
}

}  // namespace

ImageReference parse_image(const std::string& text) {
  ImageReference image;
  const std::size_t sign = text.find('@');
  image.repository = text.substr(0, sign);
  if (sign != std::string::npos) image.digest = text.substr(sign + 1);
  const std::size_t slash = image.repository.rfind('/');
  const std::size_t colon = image.repository.find(':', slash == std::string::npos ? 0 : slash);
  if (colon != std::string::npos) {
    image.tag = image.repository.substr(colon + 1);
    image.repository.erase(colon);
  }
  return image;
}

NamedImage read_image(const Value& image, const Value& pull_policy) {
  NamedImage out;
  out.path = out.repository_path = out.tag_path = image.path();
  out.pull_policy = pull_policy.text();
  out.policy_path = pull_policy.path();
  if (image.empty()) return out;
  if (image.is_text()) {
    const std::string text = image.text();
    if (text.empty()) return out;
    out.reference = parse_image(text);
  } else {
    Map map(image, "a text or a map");
    const Value repository = map.take("repository");
    const Value tag = map.take("tag");
    const Value digest = map.take("digest");
    const Value policy = map.take("pullPolicy");
    map.close();
    out.reference = {repository.text(), tag.text(), digest.text()};
    out.repository_path = repository.path();
    if (tag.given()) out.tag_path = tag.path();
    if (policy.given()) {
      if (!out.pull_policy.empty() && out.pull_policy != policy.text()) {
        policy.error("differs from " + pull_policy.path() + "; give one of them");
      }
      out.pull_policy = policy.text();
      out.policy_path = policy.path();
    }
    if (!map.readable() || (!tag.empty() && out.reference.tag.empty())) return out;  // which is reported
    if (repository.empty()) {
      image.error("names no repository; write it as in {repository: registry.local/team, tag: \"1.0\"}");
      return out;
    }
  }
  settle(out, image);
  out.text = text_of(out.reference);
  return out;
}

void take_image(Input& input, const Options& options, api::WorkspaceImage& into) {
  if (options.image.empty()) return input.missing("does not name an image; give --image REPOSITORY:TAG");
  const ImageReference given = parse_image(options.image);
  into.repository = given.repository;
  into.tag = given.tag;
  into.digest = given.digest;
  input.origin("spec.image", "--image");
}

}  // namespace atelier::convert
