#include "reconcile/stored_results.h"

#include <zstd.h>

#include <nlohmann/json.hpp>

#include "atelier/api/pipeline.h"
#include "atelier/base/base64.h"
#include "atelier/base/digest.h"
#include "atelier/kube/request.h"
#include "reconcile/revision_record.h"
#include "render/labels.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

// No cache holds them, so that no write waits for one.
constexpr const char* kUncached = "stored results";

std::string packed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return base64_encode(out);
}

std::optional<std::string> unpacked(const std::string& text) {
  const auto bytes = base64_decode(text);
  if (!bytes) return std::nullopt;
  const unsigned long long size = ZSTD_getFrameContentSize(bytes->data(), bytes->size());
  if (size > api::kLargestResults) return std::nullopt;  // also the values that stand for errors
  std::string out(size, '\0');
  const std::size_t read = ZSTD_decompress(out.data(), out.size(), bytes->data(), bytes->size());
  return ZSTD_isError(read) != 0 || read != size ? std::nullopt : std::optional{out};
}

}  // namespace

ObjectKey stored_results_key(const api::PipelineRun& run, const std::string& sha256) {
  return {run.metadata.ns, hashed_name(run.spec.pipeline.name + "-results", sha256)};
}

kube::Write store_results(const std::string& id, const api::PipelineRun& run, const std::string& sha256,
                          const std::string& text) {
  const ObjectKey key = stored_results_key(run, sha256);
  const json object = {{"apiVersion", "apps/v1"},
                       {"kind", "ControllerRevision"},
                       {"metadata",
                        {{"name", key.name},
                         {"namespace", key.ns},
                         {"labels", {{render::kManagedBy, render::kManager}, {render::kComponent, render::kResults}}},
                         {"ownerReferences", json::array({run_owner_reference(run)})}}},
                       {"revision", 1},
                       {"data", {{"sha256", sha256}, {"zstd", packed(text)}}}};
  return {id, kube::create(kube::kControllerRevisions, key.ns, object), kUncached, key};
}

kube::Write join_results(const std::string& id, const api::PipelineRun& run, const std::string& sha256) {
  const ObjectKey key = stored_results_key(run, sha256);
  const json patch = {{"metadata", {{"ownerReferences", json::array({run_owner_reference(run)})}}}};
  return {id, kube::strategic_merge_patch(kube::kControllerRevisions, key, patch), kUncached, key};
}

kube::Write load_results(const std::string& id, const api::PipelineRun& run, const std::string& sha256) {
  const ObjectKey key = stored_results_key(run, sha256);
  return {id, kube::get(kube::kControllerRevisions, key), kUncached, key};
}

Result<std::string> stored_text(const json& revision, const std::string& sha256) {
  const json::json_pointer at("/data/zstd");
  if (revision.contains(at) && revision[at].is_string()) {
    auto text = unpacked(revision[at].get<std::string>());
    if (text && sha256_hex(*text) == sha256) return *std::move(text);
  }
  return invalid("is not what the operator stored there");
}

}  // namespace atelier::reconcile
