#include "reconcile/revision_record.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "atelier/api/codec.h"
#include "atelier/base/digest.h"
#include "render/labels.h"

namespace atelier::reconcile {

using nlohmann::json;

Result<std::shared_ptr<const RevisionRecord>> decode_revision(std::string_view document) {
  try {
    const json object = json::parse(document, nullptr, false);  // its exception would quote the document
    const json& metadata = object.at("metadata");
    auto out = std::make_shared<RevisionRecord>();
    out->key = {metadata.at("namespace").get<std::string>(), metadata.at("name").get<std::string>()};
    out->uid = Uid{metadata.at("uid").get<std::string>()};
    for (const json& owner : metadata.value("ownerReferences", json::array())) {
      out->owners.emplace_back(owner.at("uid").get<std::string>());
    }
    ATELIER_TRY(out->plan, api::parse<api::RunPlan>(object.at("data")));
    return std::shared_ptr<const RevisionRecord>(std::move(out));
  } catch (const json::exception& error) {
    return Error{Errc::server, std::string("a ControllerRevision cannot be read: ") + error.what()};
  }
}

std::string revision_name(const std::string& pipeline, const api::RunPlan& plan) {
  return hashed_name(pipeline, api::serialize(plan).dump());
}

std::string escaped_as_stored(const std::string& text) {
  static const std::array<std::pair<std::string_view, std::string_view>, 5> kEscapes{
      {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}}};
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {  // outside of strings JSON has none of them
    const auto found = std::find_if(kEscapes.begin(), kEscapes.end(), [&](const auto& one) {
      return text.compare(at, one.first.size(), one.first) == 0;
    });
    out += found == kEscapes.end() ? std::string_view(text).substr(at, 1) : found->second;
    at += found == kEscapes.end() ? 1 : found->first.size();
  }
  return out;
}

json run_owner_reference(const api::PipelineRun& run) {
  return {{"apiVersion", api::kApiVersion},
          {"kind", api::PipelineRun::kKind},
          {"name", run.metadata.name},
          {"uid", run.metadata.uid.value}};
}

json revision(const std::string& name, const api::RunPlan& plan, const api::Pipeline& pipeline,
              const api::PipelineRun& run) {
  const json pipeline_owner = {{"apiVersion", api::kApiVersion},
                               {"kind", api::Pipeline::kKind},
                               {"name", pipeline.metadata.name},
                               {"uid", pipeline.metadata.uid.value}};
  return {{"apiVersion", "apps/v1"},
          {"kind", "ControllerRevision"},
          {"metadata",
           {{"name", name},
            {"namespace", run.metadata.ns},
            {"labels", {{render::kManagedBy, render::kManager}, {render::kComponent, render::kRevision}}},
            {"ownerReferences", json::array({pipeline_owner, run_owner_reference(run)})}}},
          {"revision", 1},
          {"data", api::serialize(plan)}};
}

}  // namespace atelier::reconcile
