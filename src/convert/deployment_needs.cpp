#include <algorithm>

#include "convert/copied_dags.h"
#include "convert/env.h"
#include "convert/forms.h"
#include "convert/image.h"
#include "convert/secret.h"

namespace atelier::convert {
namespace {

std::string at(const std::string& list, std::size_t index) { return list + "[" + std::to_string(index) + "]"; }

// A container of either list, as far as both have the same fields.
struct Step {
  std::string name;
  std::string path;
  std::string name_path;
  NamedImage image;
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::vector<api::EnvVar> env;
  std::string mount_path;  // of the domain storage
};

class Reader {
 public:
  Reader(Input& input, const Options& options) : input_(input), options_(options) {}

  api::Workspace read() {
    Map top(input_.root());
    Map spec(top.take("spec"));
    Map airflow(top.take("airflow"));
    const Value init_containers = spec.take("initContainers");
    const Value containers = spec.take("containers");
    const Value extra_env = airflow.take("extraEnv");
    top.close();
    spec.close();
    airflow.close();
    read_list(init_containers, "spec.initContainers", init_);
    read_list(containers, "spec.containers", long_running_);
    read_airflow(extra_env);
    name(containers);
    image();
    pull_policy();
    dags();
    steps();
    long_running(containers);
    return std::move(out_);
  }

 private:
  void read_airflow(const Value& extra_env) {
    if (extra_env.empty()) return;
    extra_env.warn(
        "goes into a ConfigMap that all workspaces of the domain share, and that its Airflow has to take by envFrom; "
        "it "
        "has the variables from its next start on");
    const EnvRules rules{
        .references = false,
        .plain_values =
            "Airflow's environment has plain values only; give one, or let the platform's team give Airflow "
            "the Secret or ConfigMap",
        .secrets =
            "everybody who may read the ConfigMap would see it: let the platform's team give Airflow a Secret or a "
            "connection"};
    for (api::EnvVar& one : read_env(extra_env, "spec.airflow.extraEnv", rules)) {
      out_.spec.airflow.extra_env.push_back({std::move(one.name), std::move(one.value)});
    }
  }

  void read_list(const Value& list, const std::string& field, std::vector<Step>& into) {
    if (list.empty()) return;
    input_.origin(field, list.path());
    const bool init = &into == &init_;
    if (list.is_list()) {
      for (const Value& item : list.items()) into.push_back(read_step(item, nullptr, at(field, into.size()), init));
      return;
    }
    int line = 0;
    bool reported = false;
    for (const auto& [name, entry] : list.entries()) {
      if (init && !reported && input_.line_of(entry.path()) < line) {
        list.warn("a map has no order: the steps run in the order of their names, as Helm has it");
        reported = true;
      }
      line = std::max(line, input_.line_of(entry.path()));
      into.push_back(read_step(entry, &name, at(field, into.size()), init));
    }
  }

  Step read_step(const Value& value, const std::string* key, const std::string& field, bool init) {
    Map map(value);
    Step step;
    step.path = value.path();
    input_.origin(field, step.path);
    if (key != nullptr) {
      step.name = *key;
      step.name_path = step.path;
    } else {
      const Value name = map.take("name");
      step.name = name.text();
      if (name.empty()) name.error("is missing");
      step.name_path = name.path();
      input_.origin(field + ".name", name.path());
    }
    const Value image = map.take("image");
    step.image = read_image(image, map.take("imagePullPolicy"));
    const Value command = map.take("command");
    const Value args = map.take("args");
    step.command = texts(command);
    step.args = texts(args);
    std::vector<std::string> words = step.command;
    words.insert(words.end(), step.args.begin(), step.args.end());
    if (const auto secret = secret_option(words)) {
      (secret_option(step.command) ? command : args)
          .error("gives " + *secret + " in plain text; " +
                 (init ? "this step may read no Secret; do what needs it in a pipeline's task"
                       : "keep it in a Secret, and take it from a variable of env with valueFrom"));
    }
    step.env = read_env(map.take("env"), field + ".env", {.references = !init});
    const Value resources = map.take("resources");
    if (!resources.empty()) {
      resources.warn(init ? "is not taken over: what publishes has its own resources"
                          : "is not taken over: containers and tasks have the memory of the workspace's profile; set "
                            "spec.resources.profile, or spec.resources.overrides.maxMemoryMB");
    }
    const Value mounts = map.take("volumeMounts");
    init ? read_mounts(mounts, step, field) : refuse_mounts(mounts);
    map.close();
    return step;
  }

  static std::vector<std::string> texts(const Value& value) {
    std::vector<std::string> out = value.texts();
    for (const std::string& text : out) check_variables(value, text);
    return out;
  }

  void read_mounts(const Value& mounts, Step& step, const std::string& field) {
    const auto items = mounts.items();
    for (std::size_t i = 0; i < items.size(); ++i) {
      Map map(items[i]);
      const Value name = map.take("name");
      const Value type = map.take("type");
      const Value path = map.take("path");
      map.close();
      const std::string volume = name.text();
      if (type.text() != "external") {
        type.error("only volumes of type external, the domain storage, are known here");
      } else if (path.empty()) {
        path.error("is missing; it says where the step finds the storage");
      } else if (i > 0) {
        items[i].error("a step has one copy of the storage; leave out what it does not need");
      } else {
        step.mount_path = path.text();
        input_.origin(field + ".mountPath", path.path());
        if (step.mount_path.find("${") != std::string::npos) {
          path.error("has a \"${\" in it, and nothing is replaced in a path; write the path itself");
        }
        items[i].warn("the step does not see volume \"" + volume +
                      "\" but a staging area at this path, runs without root, and what it leaves in "
                      "${datadomain}/dags/${workspace} there is checked and published; which volume that goes to is "
                      "said by the DataDomain");
      }
    }
  }

  static void refuse_mounts(const Value& mounts) {
    if (mounts.empty()) return;
    mounts.error("a container that keeps running sees no volume; leave it out, or do that work in a pipeline's task");
  }

  void name(const Value& containers) {
    out_.metadata.name = options_.name;
    input_.origin("metadata.name", "--name");
    if (!options_.name.empty()) return;
    if (long_running_.size() != 1) {
      input_.missing("does not say the workspace's name, which is its folder on the storage; give --name");
      return;
    }
    out_.metadata.name = long_running_.front().name;
    input_.origin("metadata.name", long_running_.front().name_path);
    containers.warn("the workspace, and with it its folder on the storage, is named \"" + out_.metadata.name +
                    "\" after its container; --name gives another name");
  }

  // The image of the step that fills the storage, else of the first container that names one.
  void image() {
    const Step* source = nullptr;
    for (const Step& step : init_) {
      if (!step.mount_path.empty() && !step.image.text.empty()) {
        source = &step;
        break;
      }
    }
    for (const std::vector<Step>* list : {&init_, &long_running_}) {
      for (const Step& step : *list) {
        if (source == nullptr && !step.image.text.empty()) source = &step;
      }
    }
    api::WorkspaceImage& image = out_.spec.image;
    if (source != nullptr) {
      if (!options_.image.empty()) {
        input_.error(source->image.path, "names the image, and so does --image; leave that out");
      }
      main_image_ = source->image.text;
      image.repository = source->image.reference.repository;
      image.tag = source->image.reference.tag;
      image.digest = source->image.reference.digest;
      input_.origin("spec.image", source->image.path);
      input_.origin("spec.image.repository", source->image.repository_path);
      input_.origin("spec.image.tag", source->image.tag_path);
    } else {
      take_image(input_, options_, image);
    }
  }

  // The workspace has one: the strictest that somebody asks for.
  void pull_policy() {
    static const std::vector<std::string> kByStrictness{"Always", "IfNotPresent", "Never"};
    std::vector<const NamedImage*> asked;
    bool unsaid = false;  // which is IfNotPresent
    for (const std::vector<Step>* list : {&init_, &long_running_}) {
      for (const Step& step : *list) {
        if (!step.image.pull_policy.empty()) asked.push_back(&step.image);
        if (!step.image.text.empty() && step.image.pull_policy.empty()) unsaid = true;
      }
    }
    if (asked.empty()) return;
    std::string& policy = out_.spec.image.pull_policy;
    policy = asked.front()->pull_policy;
    input_.origin("spec.image.pullPolicy", asked.front()->policy_path);
    for (const std::string& strict : kByStrictness) {
      const auto found = std::find_if(asked.begin(), asked.end(),
                                      [&](const NamedImage* image) { return image->pull_policy == strict; });
      if (found == asked.end() && !(unsaid && strict == "IfNotPresent")) continue;
      policy = strict;
      break;
    }
    for (const NamedImage* image : asked) {
      if (std::find(kByStrictness.begin(), kByStrictness.end(), image->pull_policy) == kByStrictness.end()) {
        input_.error(image->policy_path, "should be Always, IfNotPresent or Never");
      } else if (image->pull_policy != policy) {
        input_.warn(image->policy_path, "is " + image->pull_policy + ", and becomes " + policy +
                                            ": a workspace has one pull policy, the strictest of its containers");
      }
    }
  }

  void dags() {
    api::WorkspaceDags& dags = out_.spec.dags;
    const Step* copies = nullptr;
    std::optional<CopiedDags> found;
    for (const Step& step : init_) {
      if (step.mount_path.empty()) continue;
      std::vector<std::string> words = step.command;
      words.insert(words.end(), step.args.begin(), step.args.end());
      if (auto copied = copied_dags(words, step.mount_path); copied && !found) {
        found = std::move(copied);
        copies = &step;
      }
    }
    if (!options_.dags.empty()) {
      dags.path = options_.dags;
      input_.origin("spec.dags", "--dags");
      if (!init_.empty()) {
        input_.warn(init_.front().path, "its staging area holds all of --dags from the image before it starts");
      }
    } else if (found) {
      dags.path = found->path;
      dags.include = found->include;
      input_.origin("spec.dags", copies->path);
      const std::string shown = found->path + " (" + found->include.front() + ")";
      input_.warn(copies->path, "the files it copies, " + shown +
                                    ", are in its staging area before it starts; without it they would be published as "
                                    "they are, and with spec.dags.include: [\"**\"] subfolders and .airflowignore too");
      if (found->hidden) {
        input_.warn(copies->path, "names at the top that begin with a dot are published too, unless it removes them");
      }
    } else {
      input_.missing("does not say plainly which folder of the image has the DAGs; give --dags FOLDER");
    }
  }

  void steps() {
    for (Step& step : init_) {
      if (step.mount_path.empty()) {
        input_.warn(step.path, "it has a staging area at /storage, though it mounts nothing");
      }
      api::StagingStep& out = out_.spec.init_containers.emplace_back();
      out.name = std::move(step.name);
      if (step.image.text != main_image_) out.image = std::move(step.image.text);
      out.command = std::move(step.command);
      out.args = std::move(step.args);
      out.env = std::move(step.env);
      if (!step.mount_path.empty()) out.mount_path = std::move(step.mount_path);
    }
  }

  void long_running(const Value& containers) {
    if (!long_running_.empty()) {
      containers.warn("they run without root, as user 1000 whatever the image says; spec.runAsUser names another");
    }
    for (Step& step : long_running_) {
      if (!step.image.text.empty() && step.image.text == main_image_) {
        input_.warn(step.image.path, "it runs the image whose DAGs were published last, by its digest");
      }
      api::WorkspaceContainer& out = out_.spec.containers.emplace_back();
      out.name = std::move(step.name);
      if (step.image.text != main_image_) out.image = std::move(step.image.text);
      out.command = std::move(step.command);
      out.args = std::move(step.args);
      out.env = std::move(step.env);
    }
  }

  Input& input_;
  const Options& options_;
  api::Workspace out_;
  std::vector<Step> init_;
  std::vector<Step> long_running_;
  std::string main_image_;
};

}  // namespace

api::Workspace read_deployment_needs(Input& input, const Options& options) { return Reader(input, options).read(); }

}  // namespace atelier::convert
