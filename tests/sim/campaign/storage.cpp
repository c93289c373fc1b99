#include "sim/campaign/storage.h"

#include <algorithm>

#include "atelier/base/digest.h"
#include "render/labels.h"

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

Script failure(int code, const char* reason, const char* message, json more) {
  more.update({{"ok", false}, {"step", "publish"}, {"reason", reason}, {"message", message}});
  return {Millis{500}, code, more.dump(), "", ""};
}

}  // namespace

std::string release_of_image(const std::string& image) { return sha256_hex(image); }

Script Storage::publish(const json& pod) {
  const std::string uid = pod["metadata"]["labels"][render::kWorkspaceUid].get<std::string>();
  if (!holder_.empty() && holder_ != uid) {
    const json& labels = pod["metadata"]["labels"];
    return failure(30, "NameTaken", "the name is held by another Workspace",
                   {{"holderName", labels[render::kWorkspace]},
                    {"holderNamespace", labels[render::kWorkspaceNamespace]},
                    {"holderUid", holder_}});
  }
  std::uint64_t& newest = newest_[holder_ = uid];
  if (sequence_of(pod) < newest) {
    return failure(40, "Superseded", "a newer publish has begun", {{"newest", std::to_string(newest)}});
  }
  newest = sequence_of(pod);
  const json said = {{"outcome", "published"}, {"release", release_of(pod)}, {"files", 3}, {"bytes", 1234}};
  return {Millis{3'000}, 0, said.dump(), "", ""};
}

void Storage::published(const json& pod) {
  live_ = release_of(pod);
  complete_.insert(live_);
}

void Storage::swept(const json& pod) {
  const json& words = pod["spec"]["containers"][0]["command"];
  const bool is_named = std::any_of(words.begin(), words.end(), [this](const json& word) {
    return !holder_.empty() && word.get_ref<const std::string&>().ends_with("=" + holder_);
  });
  if (!is_named) return;
  holder_.clear();
  live_.clear();
  complete_.clear();
}

}  // namespace atelier::sim
