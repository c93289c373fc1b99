#include "registry/address_rule.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace atelier::registry {
namespace {

std::string refusal_of(const std::string& text) {
  sockaddr_in four{};
  sockaddr_in6 six{};
  four.sin_family = AF_INET;
  six.sin6_family = AF_INET6;
  if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    return registry::refusal_of(reinterpret_cast<const sockaddr&>(four));
  }
  EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &six.sin6_addr), 1) << text;
  return registry::refusal_of(reinterpret_cast<const sockaddr&>(six));
}

TEST(TheAddressRule, RefusesWhereACloudOrANodeAnswersItsOwnMachine) {
  for (const char* address : {
           "0.0.0.0",
           "0.1.2.3",
           "127.0.0.1",
           "127.255.255.255",
           "169.254.0.0",
           "169.254.169.254",
           "169.254.255.255",
           "100.100.100.200",
           "168.63.129.16",
           "192.0.0.192",
           "224.0.0.1",
           "239.255.255.255",
           "240.0.0.1",
           "255.255.255.255",
           "::",
           "::1",
           "fe80::1",
           "febf:ffff::1",
           "fd00:ec2::254",
           "fd00:ec2::253",
           "fd00:ec2:ffff::1",
           "fec0::1",
           "feff::1",
           "2001::a9fe:a9fe",
           "2001:0:ffff::1",
           "64:ff9b:1::a00:1",
           "64:ff9b:1:ffff::1",
           "::ffff:0:169.254.169.254",
           "::ffff:0:7f00:1",
           "fd20:ce::254",
           "fd00:42::42",
           "ff02::1",
           "::ffff:127.0.0.1",
           "::ffff:169.254.169.254",
           "::ffff:0.0.0.0",
           "::169.254.169.254",
           "64:ff9b::a9fe:a9fe",
           "64:ff9b::7f00:1",
           "2002:a9fe:a9fe::",
           "2002:7f00:1::1",
           "::ffff:100.100.100.200",
       }) {
    EXPECT_NE(refusal_of(address), "") << address;
  }
}

TEST(TheAddressRule, LetsPublicAndPrivateAddressesThrough) {
  for (const char* address : {
           "1.1.1.1",       "10.0.0.1",          "10.96.0.10",      "126.255.255.255",  "128.0.0.1",
           "169.253.1.1",   "169.255.0.1",       "172.16.0.1",      "192.168.1.1",      "100.64.0.1",
           "100.100.100.1", "168.63.129.17",     "223.255.255.255", "2606:4700::1111",  "fd00:10:96::a",
           "fd00:ec3::254", "::ffff:0:10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::101:101", "2002:a00:1::1",
           "fe00::1",       "2001:db8::169:254", "2001:1::1",       "64:ff9b:2::1",
       }) {
    EXPECT_EQ(refusal_of(address), "") << address;
  }
}

TEST(TheAddressRule, SaysWhatIsRefusedAndWhy) {
  EXPECT_EQ(refusal_of("169.254.169.254"), "169.254.169.254 is link-local, where no registry is asked");
  EXPECT_EQ(refusal_of("::ffff:127.0.0.1"), "::ffff:127.0.0.1 is loopback, where no registry is asked");
}

TEST(TheAddressRule, RefusesWhatIsNoAddressOfTheInternet) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  EXPECT_NE(registry::refusal_of(reinterpret_cast<const sockaddr&>(local)), "");
}

}  // namespace
}  // namespace atelier::registry
