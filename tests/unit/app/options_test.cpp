#include "app/options.h"

#include <gtest/gtest.h>

namespace atelier::app {
namespace {

Options parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "atelier-operator");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

TEST(Options, AreReadFromTheCommandLine) {
  const Options options = parse({"--kubeconfig", "/k", "--stage-image", "r/stage:1", "--log-level", "warn"});
  EXPECT_EQ(options.kubeconfig, "/k");
  EXPECT_EQ(options.stage_image, "r/stage:1");
  EXPECT_EQ(options.lease_namespace, "atelier-system");
  EXPECT_EQ(options.log_level, log::Level::warn);
}

TEST(Options, ServeMetricsAndProbesUnlessTurnedOff) {
  const Options usual = parse({"--stage-image", "x"});
  EXPECT_EQ(usual.metrics_bind_address, ":8080");
  EXPECT_EQ(usual.health_probe_bind_address, ":8081");
  const Options other =
      parse({"--stage-image", "x", "--metrics-bind-address", "0", "--health-probe-bind-address=[::1]:0"});
  EXPECT_EQ(other.metrics_bind_address, "0");
  EXPECT_EQ(other.health_probe_bind_address, "[::1]:0");
}

TEST(Options, OfAPodNeedNoStageImageAndPutTheLeaseBesideIt) {
  const Options options = parse({"--pod-name", "atelier-operator-0", "--pod-namespace", "tools"});
  EXPECT_EQ(options.stage_image, "");
  EXPECT_EQ(options.pod, ObjectKey("tools", "atelier-operator-0"));
  EXPECT_EQ(options.lease_namespace, "tools");
  EXPECT_EQ(parse({"--stage-image", "x", "--pod-namespace", "tools", "--lease-namespace", "y"}).lease_namespace, "y");
}

TEST(OptionsDeathTest, AMissingStageImageIsToldOnStderr) {
  EXPECT_EXIT(parse({}), ::testing::ExitedWithCode(kExitUsage), "--stage-image");
}

TEST(OptionsDeathTest, AnOptionThatIsNoneIsToldOnStderr) {
  EXPECT_EXIT(parse({"--stage-image", "x", "--stage-imgae", "y"}), ::testing::ExitedWithCode(kExitUsage),
              "--stage-imgae");
}

TEST(OptionsDeathTest, ALogLevelThatIsNoneIsToldWithThoseThatAre) {
  EXPECT_EXIT(parse({"--stage-image", "x", "--log-level", "loud"}), ::testing::ExitedWithCode(2),
              "--log-level: \"loud\" should be debug, info, warn or error\n");
}

TEST(Options, TakeALogLevelInAnyCase) {
  EXPECT_EQ(parse({"--stage-image", "x", "--log-level", "DEBUG"}).log_level, log::Level::debug);
}

TEST(Options, SayWhichNamespacesAreWatched) {
  EXPECT_TRUE(parse({"--stage-image", "x"}).watch_namespaces.empty());
  EXPECT_EQ(
      parse({"--stage-image", "x", "--watch-namespaces=team-a,team-b", "--watch-namespaces", "c"}).watch_namespaces,
      (std::vector<std::string>{"team-a", "team-b", "c"}));
}

TEST(OptionsDeathTest, ANamespaceThatCannotBeWatchedIsToldOnStderr) {
  const auto refuses = [](const std::string& given, const char* words) {
    EXPECT_EXIT(parse({"--stage-image", "x", "--watch-namespaces=" + given}), ::testing::ExitedWithCode(kExitUsage),
                words)
        << given;
  };
  refuses("Team_A", "--watch-namespaces: \"Team_A\" should be a namespace: at most 63 of a-z, 0-9 and -");
  refuses("a,,b", "--watch-namespaces: \"\" should be a namespace");
  refuses("a,", "--watch-namespaces: \"\" should be a namespace");
  refuses("a, b", "--watch-namespaces: \" b\" should be a namespace");
  refuses("", "--watch-namespaces");
  refuses("a,b,a", "--watch-namespaces: \"a\" is there twice");
  refuses("kube-system", "--watch-namespaces: \"kube-system\" is the cluster's or the operator's own");
  refuses("atelier-system", "--watch-namespaces: \"atelier-system\" is the cluster's or the operator's own");
}

TEST(Options, SayWhichRegistriesAreSpecial) {
  const Options options =
      parse({"--stage-image", "x", "--insecure-registry", "127.0.0.1:5000", "--insecure-registry",
             "https://127.0.0.1:5443", "--registry-realm=registry.gitlab.local=gitlab.local", "--registry-ca", "/ca"});
  EXPECT_EQ(options.registries.insecure,
            (std::set<registry::Origin>{{false, "127.0.0.1", 5000}, {true, "127.0.0.1", 5443}}));
  EXPECT_EQ(options.registries.realms,
            (std::set<registry::Realm>{{{true, "registry.gitlab.local", 443}, {true, "gitlab.local", 443}}}));
  EXPECT_EQ(options.registry_ca, "/ca");
}

TEST(OptionsDeathTest, ARegistryThatIsNoHostIsToldOnStderr) {
  EXPECT_EXIT(parse({"--stage-image", "x", "--insecure-registry", "a/b"}), ::testing::ExitedWithCode(kExitUsage),
              "--insecure-registry: \"a/b\" should be a host, as in registry.local:5000");
}

TEST(OptionsDeathTest, ARealmOfNoRegistryIsToldOnStderr) {
  EXPECT_EXIT(parse({"--stage-image", "x", "--registry-realm", "gitlab.com"}), ::testing::ExitedWithCode(kExitUsage),
              "\"gitlab.com\" should be a registry and who gives its tokens, as in registry.gitlab.com=gitlab.com");
  EXPECT_EXIT(parse({"--stage-image", "x", "--registry-realm", "a=b/c"}), ::testing::ExitedWithCode(kExitUsage),
              "--registry-realm: \"b/c\" should be a host");
}

TEST(OptionsDeathTest, HelpIsNoError) { EXPECT_EXIT(parse({"--help"}), ::testing::ExitedWithCode(0), ""); }

}  // namespace
}  // namespace atelier::app
