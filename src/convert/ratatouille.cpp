#include <algorithm>

#include "atelier/api/profile.h"
#include "convert/forms.h"
#include "convert/image.h"

namespace atelier::convert {
namespace {

constexpr std::size_t kLongestLabel = 63;

bool is_label(const std::string& text) {
  const auto end = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto inner = [&](char c) { return end(c) || c == '.' || c == '_' || c == '-'; };
  return !text.empty() && text.size() <= kLongestLabel && end(text.front()) && end(text.back()) &&
         std::all_of(text.begin(), text.end(), inner);
}

class Reader {
 public:
  Reader(Input& input, const Options& options) : input_(input), options_(options) {}

  api::Workspace read() {
    Map top(input_.root());
    const Value name = top.take("name");
    const Value version = top.take("version");
    const Value description = top.take("description");
    const Value isolation = top.take("isolation");
    const Value resources = top.take("resources");
    const Value layers = top.take("layers");
    const Value products = top.take("products");
    const Value subscriptions = top.take("subscriptions");
    top.close();
    read_name(name);
    read_version(version);
    if (!description.empty()) out_.metadata.annotations["kubernetes.io/description"] = description.text();
    read_isolation(isolation);
    read_resources(resources);
    read_layers(layers);
    read_products(products);
    read_subscriptions(subscriptions);
    take_image(input_, options_, out_.spec.image);
    out_.spec.dags.path = options_.dags;
    input_.origin("spec.dags", "--dags");
    if (options_.dags.empty())
      input_.missing("does not say which folder of the image is published; give --dags FOLDER");
    return std::move(out_);
  }

 private:
  void read_name(const Value& name) {
    const std::string own = name.text();
    out_.metadata.name = options_.name.empty() ? own : options_.name;
    input_.origin("metadata.name", options_.name.empty() ? name.path() : "--name");
    if (out_.metadata.name.empty()) input_.missing("does not say the workspace's name; give --name");
    if (!own.empty() && own != out_.metadata.name) {
      name.warn("is \"" + own + "\", and --name is another: containers and tasks get --name as $WORKSPACE");
    }
  }

  void read_version(const Value& version) {
    if (version.empty()) return;
    const std::string text = version.text();
    if (is_label(text)) {
      out_.metadata.labels["app.kubernetes.io/version"] = text;
    } else if (!text.empty()) {
      version.error("can be no label; use at most 63 letters, digits, \"-\", \"_\" and \".\"");
    }
  }

  void read_isolation(const Value& isolation) {
    Map map(isolation);
    kept(map.take("nessie_branch"), "no branch of the catalog is made or confined by it");
    kept(map.take("s3_prefix"), "credentials of containers and tasks are not confined to it");
    map.close();
  }

  void read_resources(const Value& resources) {
    Map map(resources);
    const Value profile = map.take("profile");
    Map overrides(map.take("overrides"));
    const Value memory = overrides.take("max_memory_mb");
    const Value duckdb = overrides.take("duckdb_memory_mb");
    const Value chunk = overrides.take("chunk_size_rows");
    const Value parallel = overrides.take("max_parallel_pipelines");
    map.close();
    overrides.close();
    const std::string name = profile.text();
    out_.spec.resources.profile = name;
    input_.origin("spec.resources.profile", profile.path());
    const api::Profile* seed = name.empty() ? nullptr : api::find_seed_profile(name);
    if (!name.empty() && seed == nullptr) {
      profile.warn("is \"" + name + "\", which only a BusinessDomain with a profile of that name has (spec.profiles)");
    }
    api::ResourceOverrides& out = out_.spec.resources.overrides;
    override_of(memory, "maxMemoryMB", seed, &api::Profile::max_memory_mb, out.max_memory_mb);
    override_of(duckdb, "duckdbMemoryMB", seed, &api::Profile::duckdb_memory_mb, out.duckdb_memory_mb);
    override_of(chunk, "chunkSizeRows", seed, &api::Profile::chunk_size_rows, out.chunk_size_rows);
    override_of(parallel, "maxParallelPipelines", seed, &api::Profile::max_parallel_pipelines,
                out.max_parallel_pipelines);
  }

  // Ratatouille lets a workspace have more than its profile.
  void override_of(const Value& value, const std::string& field, const api::Profile* seed,
                   std::int64_t api::Profile::* most, std::optional<std::int64_t>& out) {
    out = value.whole_number();
    input_.origin("spec.resources.overrides." + field, value.path());
    if (!out || seed == nullptr || *out <= seed->*most) return;
    value.warn("is " + std::to_string(*out) + ", more than the " + std::to_string(seed->*most) + " of profile \"" +
               seed->name +
               "\": the Workspace is refused (AboveProfile) until it asks for less, names a larger "
               "profile, or its BusinessDomain has a profile of that name with as much");
  }

  void read_layers(const Value& layers) {
    for (const auto& [name, layer] : layers.entries()) {
      Map map(layer);
      const Value days = map.take_nullable("retention_days");  // null: for ever, as it is without a field for it
      const Value columns = map.take("partition_by");
      map.close();
      static_cast<void>(days.whole_number());
      static_cast<void>(columns.texts());
      kept(days, "nothing deletes data after this time");
      kept(columns, "the work itself has to read it from this file, which stays in the image");
    }
  }

  void read_products(const Value& products) {
    for (const Value& product : products.items()) {
      Map map(product);
      const Value name = map.take("name");
      const Value source = map.take("source");
      const Value access = map.take("access");
      map.close();
      for (const Value* field : {&name, &source}) {
        if (field->empty()) field->error("is missing");
        static_cast<void>(field->text());
      }
      for (const Value& rule : access.items()) {
        Map one(rule);
        static_cast<void>(one.take("workspace").text());
        static_cast<void>(one.take("level").text());
        one.close();
      }
      kept(product, "no data product is published, and no access to it granted or refused");
    }
  }

  void read_subscriptions(const Value& subscriptions) {
    for (const Value& subscription : subscriptions.items()) {
      Map map(subscription);
      const Value product = map.take("product");
      if (product.empty()) product.error("is missing");
      static_cast<void>(product.text());
      static_cast<void>(map.take("alias").text());
      static_cast<void>(map.take("version_constraint").text());
      map.close();
      kept(subscription, "no data product is subscribed to");
    }
  }

  // What a Workspace has no field for yet.
  static void kept(const Value& value, const std::string& consequence) {
    if (!value.empty()) value.warn("is not in the workspace: " + consequence);
  }

  Input& input_;
  const Options& options_;
  api::Workspace out_;
};

}  // namespace

api::Workspace read_ratatouille(Input& input, const Options& options) { return Reader(input, options).read(); }

}  // namespace atelier::convert
