#include "sim/campaign/storage.h"

#include "atelier/base/digest.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

std::uint64_t sequence_of(const json& pod) {
  const json& words = pod["spec"]["containers"][0]["command"];
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "--sequence") return std::stoull(words[i + 1].get<std::string>());
  }
  return 0;
}

std::string release_of(const json& pod) {
  for (const json& step : pod["spec"]["initContainers"]) {
    if (step["name"] == "stage") return release_of_image(step["image"].get<std::string>());
  }
  return "";
}

}  // namespace

std::string release_of_image(const std::string& image) { return sha256_hex(image); }

Script Storage::publish(const json& pod) {
  const std::uint64_t sequence = sequence_of(pod);
  if (sequence < newest_) {
    const json said = {{"ok", false},
                       {"step", "publish"},
                       {"reason", "Superseded"},
                       {"message", "a newer publish has begun"},
                       {"newest", std::to_string(newest_)}};
    return {Millis{500}, 40, said.dump(), "", ""};
  }
  newest_ = sequence;
  const json said = {{"outcome", "published"}, {"release", release_of(pod)}, {"files", 3}, {"bytes", 1234}};
  return {Millis{3'000}, 0, said.dump(), "", ""};
}

void Storage::published(const json& pod) {
  live_ = release_of(pod);
  complete_.insert(live_);
}

}  // namespace atelier::sim
