// The rules of pod fields, asked as an author writes them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "atelier/api/codec.h"
#include "atelier/api/validate.h"

namespace atelier::api {
namespace {

using nlohmann::json;

// "reason path: message", one a line, of a Pipeline whose one task has these fields and that has these volumes.
std::string found(const char* task_fields, const char* volumes = "[]") {
  json task = json::parse(task_fields);
  task["name"] = "a";
  const json spec = {{"workspace", {{"name", "ws"}}}, {"tasks", {task}}, {"volumes", json::parse(volumes)}};
  const auto parsed = parse<PipelineSpec>(spec);
  if (!parsed) return parsed.error().message;
  std::string text;
  for (const Violation& one : validate(parsed.value())) {
    text += (text.empty() ? "" : "\n") + one.reason + " " + one.to_string();
  }
  return text;
}

std::string with_volume(const char* volume) { return found("{}", ("[" + std::string(volume) + "]").c_str()); }

std::string with_mount(const std::string& fields) {
  return found((R"({"volumeMounts": [{"name": "data", )" + fields + "}]}").c_str(),
               R"([{"name": "data", "emptyDir": {}}])");
}

TEST(ValidatePodFields, EverythingThatIsAllowedIsFine) {
  EXPECT_EQ(found(R"({
    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": 2, "memory": "128Mi",
                  "ephemeral-storage": "1Gi"}},
    "nodeSelector": {"kubernetes.io/arch": "amd64", "disk": ""},
    "tolerations": [{"key": "team", "value": "a", "effect": "NoExecute", "tolerationSeconds": 60},
                    {"key": "example.com/gpu", "operator": "Exists"}],
    "priorityClassName": "batch",
    "volumeMounts": [{"name": "claim", "mountPath": "/data", "subPath": "in/today"},
                     {"name": "config", "mountPath": "/etc/app", "readOnly": true}],
    "sidecars": [{"name": "proxy", "image": "proxy:1", "args": ["${run.name}"],
                  "resources": {"limits": {"memory": "64Mi"}}, "volumeMounts": [{"name": "shared", "mountPath": "/x"}]}]})",
                  R"([{"name": "claim", "persistentVolumeClaim": {"claimName": "data", "readOnly": true}},
                      {"name": "config", "configMap": {"name": "app", "items": [{"key": "a", "path": "b/c"}]}},
                      {"name": "token", "secret": {"secretName": "t", "optional": true}},
                      {"name": "shared", "emptyDir": {"medium": "Memory", "sizeLimit": "10Mi"}}])"),
            "");
}

TEST(ValidatePodFields, ALimitIsNotUnderItsRequest) {
  EXPECT_EQ(found(R"({"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1024M"}}})"),
            "InvalidValue spec.tasks[0].resources.requests.memory: is 2Gi, more than the limit of 1024M; lower the "
            "request or raise the limit");
  EXPECT_EQ(found(R"({"resources": {"requests": {"cpu": "1.5"}, "limits": {"cpu": "1500m"}}})"), "");
}

TEST(ValidatePodFields, ALimitOfNothingWouldBeNoLimit) {
  EXPECT_EQ(found(R"({"resources": {"limits": {"memory": "0Gi"}}})"),
            "InvalidValue spec.tasks[0].resources.limits.memory: is 0, which Kubernetes takes for no limit; give an "
            "amount");
  EXPECT_EQ(found(R"({"resources": {"requests": {"cpu": 0}}})"), "");
}

TEST(ValidatePodFields, MemoryInMillisIsAMistakeForMebibytes) {
  EXPECT_EQ(found(R"({"resources": {"limits": {"memory": "512m"}}})"),
            "InvalidValue spec.tasks[0].resources.limits.memory: is 512m, a part of a byte: m means a thousandth; for "
            "mebibytes write Mi");
  EXPECT_EQ(with_volume(R"({"name": "a", "emptyDir": {"sizeLimit": "1.5"}})"),
            "InvalidValue spec.volumes[0].emptyDir.sizeLimit: is 1500m, a part of a byte: m means a thousandth; for "
            "mebibytes write Mi");
}

TEST(ValidatePodFields, CpuIsCountedInMillis) {
  EXPECT_EQ(found(R"({"resources": {"requests": {"cpu": "0.0005"}}})"),
            "InvalidValue spec.tasks[0].resources.requests.cpu: is 500u, finer than Kubernetes counts; use whole "
            "millis, such as 1m");
}

TEST(ValidatePodFields, WhatIsNoQuantityIsNamedWithItsPath) {
  EXPECT_EQ(found(R"({"resources": {"limits": {"memory": "8GB"}}})")
                .find("tasks[0].resources.limits.memory: \"8GB\" has no unit that Kubernetes knows"),
            0U);
  EXPECT_EQ(found(R"({"resources": {"limits": {"cpu": 0.5}}})"),
            "tasks[0].resources.limits.cpu: is a fraction, should be a quantity such as \"500m\"");
}

TEST(ValidatePodFields, PriorityClassesOfTheClusterItselfAreRefused) {
  EXPECT_EQ(found(R"({"priorityClassName": "system-node-critical"})"),
            "InvalidValue spec.tasks[0].priorityClassName: \"system-node-critical\" is for what keeps the cluster "
            "itself alive, and evicts everything else; name another");
  EXPECT_EQ(found(R"({"priorityClassName": "High"})").find("InvalidName spec.tasks[0].priorityClassName"), 0U);
}

TEST(ValidatePodFields, ATolerationOfEverythingIsRefused) {
  EXPECT_EQ(found(R"({"tolerations": [{"key": "", "operator": "Exists"}]})")
                .find("InvalidName spec.tasks[0].tolerations[0].key: \"\" is no key of a label or taint"),
            0U);
}

TEST(ValidatePodFields, ATolerationIsOneThatKubernetesTakes) {
  EXPECT_EQ(
      found(R"({"tolerations": [{"key": "a", "operator": "Exists", "value": "b"}]})"),
      "InvalidValue spec.tasks[0].tolerations[0].value: goes with operator Equal only; remove it, or the operator");
  EXPECT_EQ(
      found(R"({"tolerations": [{"key": "a", "tolerationSeconds": 1}]})"),
      "InvalidValue spec.tasks[0].tolerations[0].tolerationSeconds: goes with effect NoExecute only; set that, or "
      "remove it");
}

TEST(ValidatePodFields, NodeSelectorsAreLabels) {
  EXPECT_EQ(found(R"({"nodeSelector": {"a b": "c"}})").find("InvalidName spec.tasks[0].nodeSelector: \"a b\""), 0U);
  EXPECT_EQ(found(R"({"nodeSelector": {"zone": "-"}})").find("InvalidValue spec.tasks[0].nodeSelector[\"zone\"]"), 0U);
  EXPECT_EQ(found(R"({"nodeSelector": {"Example.com/zone": "a"}})").find("InvalidName"), 0U);
}

TEST(ValidatePodFields, AVolumeIsOfExactlyOneKind) {
  const char* const message =
      "InvalidValue spec.volumes[0]: should have exactly one of persistentVolumeClaim, configMap, secret and emptyDir";
  EXPECT_EQ(with_volume(R"({"name": "a"})"), message);
  EXPECT_EQ(with_volume(R"({"name": "a", "emptyDir": {}, "secret": {"secretName": "s"}})"), message);
  EXPECT_EQ(with_volume(R"({"name": "a", "hostPath": {"path": "/"}})"), message);
}

TEST(ValidatePodFields, VolumesHaveNamesOfTheirOwn) {
  EXPECT_EQ(with_volume(R"({"name": "a", "emptyDir": {}}, {"name": "a", "emptyDir": {}})"),
            "DuplicateName spec.volumes[1].name: \"a\" is there already; give each its own name");
  EXPECT_EQ(with_volume(R"({"name": "A_1", "emptyDir": {}})").find("InvalidName spec.volumes[0].name"), 0U);
}

TEST(ValidatePodFields, VolumesReferToObjectsByName) {
  EXPECT_EQ(with_volume(R"({"name": "a", "persistentVolumeClaim": {"claimName": ""}})"),
            "InvalidValue spec.volumes[0].persistentVolumeClaim.claimName: is empty; name a PersistentVolumeClaim of "
            "this namespace");
  EXPECT_EQ(with_volume(R"({"name": "a", "secret": {"secretName": "other/db"}})")
                .find("InvalidName spec.volumes[0].secret.secretName"),
            0U);
  EXPECT_EQ(with_volume(R"({"name": "a", "configMap": {"name": "${params.x}"}})")
                .find("InvalidName spec.volumes[0].configMap.name"),
            0U);
}

TEST(ValidatePodFields, KeysBecomeFilesBelowTheMount) {
  const auto with_paths = [](const std::string& one, const std::string& other) {
    return with_volume((R"({"name": "a", "secret": {"secretName": "s", "items": [{"key": "k", "path": ")" + one +
                        R"("}, {"key": "l", "path": ")" + other + R"("}]}})")
                           .c_str());
  };
  EXPECT_EQ(with_paths("../x", "y"),
            "InvalidValue spec.volumes[0].secret.items[0].path: \"../x\" should be a relative path without \"..\"");
  EXPECT_EQ(with_paths("/x", "y").find("InvalidValue"), 0U);
  EXPECT_EQ(with_paths("", "y").find("InvalidValue"), 0U);
  EXPECT_EQ(with_paths("x", "x"),
            "DuplicateName spec.volumes[0].secret.items[1].path: \"x\" is there already; give each its own path");
}

TEST(ValidatePodFields, AMountIsOfAVolumeThatIsThere) {
  EXPECT_EQ(
      found(R"({"volumeMounts": [{"name": "date", "mountPath": "/x"}]})", R"([{"name": "data", "emptyDir": {}}])"),
      "UnknownVolume spec.tasks[0].volumeMounts[0].name: there is no volume \"date\"; the volumes are data");
  EXPECT_EQ(found(R"({"volumeMounts": [{"name": "date", "mountPath": "/x"}]})"),
            "UnknownVolume spec.tasks[0].volumeMounts[0].name: there is no volume \"date\"; add it to spec.volumes");
}

TEST(ValidatePodFields, AMountPathIsAbsoluteAndPlain) {
  for (const char* path : {"", "/", "//", "/./", "data", "./data", "/data/../etc", "/..", "/a:b"}) {
    EXPECT_EQ(with_mount(R"("mountPath": ")" + std::string(path) + "\""),
              "InvalidValue spec.tasks[0].volumeMounts[0].mountPath: \"" + std::string(path) +
                  "\" should be an absolute path below /, without \"..\" and \":\"");
  }
  for (const char* path : {"/data", "/data/", "/a..b", "/.hidden", "/atelier2", "/process", "/var/lib/x"}) {
    EXPECT_EQ(with_mount(R"("mountPath": ")" + std::string(path) + "\""), "") << path;
  }
}

TEST(ValidatePodFields, NoMountHidesWhatTheOperatorOrTheKernelPutThere) {
  for (const char* path :
       {"/atelier", "/atelier/results", "//atelier//x/", "/./atelier", "/proc", "/proc/sys", "/sys", "/dev", "/dev/shm",
        "/var/run/secrets", "/var/run/secrets/kubernetes.io", "/var/run", "/var", "/run", "/run/secrets/x"}) {
    EXPECT_NE(with_mount(R"("mountPath": ")" + std::string(path) + "\"").find("would hide or reach"), std::string::npos)
        << path;
  }
}

TEST(ValidatePodFields, TwoMountsDoNotShareAPath) {
  EXPECT_EQ(with_mount(R"("mountPath": "/x"}, {"name": "data", "mountPath": "/x/.//")"),
            "DuplicateName spec.tasks[0].volumeMounts[1].mountPath: something is mounted at \"/x/.//\" already; give "
            "each its own path");
}

TEST(ValidatePodFields, ASubPathStaysInItsVolume) {
  for (const char* path : {"..", "a/../../b", "/a"}) {
    EXPECT_EQ(with_mount(R"("mountPath": "/x", "subPath": ")" + std::string(path) + "\""),
              "InvalidValue spec.tasks[0].volumeMounts[0].subPath: \"" + std::string(path) +
                  "\" should be a relative path without \"..\"");
  }
}

TEST(ValidatePodFields, ASidecarSaysHowMuchMemoryItTakes) {
  EXPECT_EQ(
      found(R"({"sidecars": [{"name": "proxy"}]})"),
      "InvalidValue spec.tasks[0].sidecars[0].resources.limits.memory: is missing; the task has what its sidecars "
      "leave of the workspace's memory, so say how much this one takes, such as 64Mi");
}

TEST(ValidatePodFields, ASidecarIsNotNamedAsTheTasksOwnContainer) {
  const char* const limit = R"("resources": {"limits": {"memory": "1Mi"}})";
  EXPECT_EQ(found((R"({"sidecars": [{"name": "task", )" + std::string(limit) + "}]}").c_str()),
            "InvalidName spec.tasks[0].sidecars[0].name: \"task\" is the container of the task itself; choose another");
  EXPECT_EQ(
      found((R"({"sidecars": [{"name": "a", )" + std::string(limit) + R"(}, {"name": "a", )" + limit + "}]}").c_str()),
      "DuplicateName spec.tasks[0].sidecars[1].name: \"a\" is there already; give each its own name");
}

TEST(ValidatePodFields, WhatHandsOnLargeResultsIsTheOperators) {
  EXPECT_EQ(found(R"({"sidecars": [{"name": "atelier-results", "resources": {"limits": {"memory": "1Mi"}}}]})"),
            "InvalidName spec.tasks[0].sidecars[0].name: \"atelier-results\" is the operator's own, for largeResults; "
            "choose another");
  EXPECT_EQ(with_volume(R"({"name": "atelier-results", "emptyDir": {}})"),
            "InvalidName spec.volumes[0].name: \"atelier-results\" is the operator's own, for largeResults; choose "
            "another");
  EXPECT_EQ(with_volume(R"({"name": "atelier-results-2", "emptyDir": {}})"), "");
}

TEST(ValidatePodFields, ASidecarIsHeldToTheRulesOfAContainer) {
  EXPECT_EQ(
      found(R"({"sidecars": [{"name": "a", "resources": {"limits": {"memory": "1Mi"}},
                      "args": ["${params.day}"], "env": [{"name": "ATELIER_X", "value": "${nothing}"}],
                      "volumeMounts": [{"name": "v", "mountPath": "/proc"}]}]})",
            R"([{"name": "v", "emptyDir": {}}])"),
      "InvalidName spec.tasks[0].sidecars[0].env[0].name: names that start with ATELIER_ are the operator's; choose "
      "another\n"
      "InvalidValue spec.tasks[0].sidecars[0].volumeMounts[0].mountPath: \"/proc\" would hide or reach /proc; choose "
      "another folder, such as /data\n"
      "UnknownParameter spec.tasks[0].sidecars[0].args[0]: spec.params has no \"day\"; add it there or correct the "
      "name\n"
      "UnknownReference spec.tasks[0].sidecars[0].env[0].value: \"${nothing}\" is no reference; there are "
      "${params.NAME}, ${tasks.TASK.results.NAME}, ${tasks.TASK.status}, ${run.name}, ${run.namespace}, with forEach "
      "${item}, ${item.NAME} and ${index}, in finally ${run.status}, and expressions such as ${params.n + 1}; $${ "
      "stands for a literal ${");
}

TEST(ValidateBusinessDomain, ProfilesHaveNamesOfTheirOwnAndTheDefaultIsOneOfThem) {
  BusinessDomainSpec spec;
  spec.default_profile = "own";
  spec.profiles = {{"own", 1, 1, 1, 1}, {"tiny", 1, 1, 1, 1}};
  EXPECT_TRUE(validate(spec).empty());
  spec.default_profile = "large";
  EXPECT_TRUE(validate(spec).empty()) << "a seed";
  spec.default_profile = "gone";
  spec.profiles.push_back({"own", 2, 2, 2, 2});
  spec.profiles.push_back({"Own", 2, 2, 2, 2});
  spec.profiles.resize(17, {"more", 1, 1, 1, 1});
  std::string text;
  for (const Violation& one : validate(spec)) text += one.reason + " " + one.path + "\n";
  EXPECT_EQ(text.find("InvalidValue spec.profiles\nDuplicateName spec.profiles[2].name\n"), 0U) << text;
  EXPECT_NE(text.find("InvalidName spec.profiles[3].name\n"), std::string::npos) << text;
  EXPECT_NE(text.find("UnknownProfile spec.defaultProfile\n"), std::string::npos) << text;
}

TEST(ValidateBusinessDomain, GrantsNoPriorityClassOfTheClusterItself) {
  BusinessDomainSpec spec;
  spec.allowed_priority_classes = {"batch", "system-cluster-critical"};
  spec.allowed_tolerations = {{"gpu", "", ""}, {"", "x", ""}, {"a", "?", ""}};
  std::string text;
  for (const Violation& one : validate(spec)) text += one.reason + " " + one.path + "\n";
  EXPECT_EQ(text,
            "InvalidValue spec.allowedPriorityClasses[1]\nInvalidName spec.allowedTolerations[1].key\n"
            "InvalidValue spec.allowedTolerations[2].value\n");
}

}  // namespace
}  // namespace atelier::api
