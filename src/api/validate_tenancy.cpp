#include <arpa/inet.h>

#include <array>
#include <charconv>

#include "api/tenancy_check.h"

namespace atelier::api {
namespace {

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, 16> parsed{};
  return inet_pton(family, text.c_str(), parsed.data()) == 1;
}

bool is_cidr(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return false;
  const std::string address = text.substr(0, slash);
  const std::string digits = text.substr(slash + 1);
  int prefix = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, prefix);
  const bool canonical = digits.size() == 1 || (digits.size() <= 3 && digits[0] != '0');
  if (read.ec != std::errc{} || read.ptr != end || prefix < 0 || !canonical) return false;
  return is_address(AF_INET, address) ? prefix <= 32 : is_address(AF_INET6, address) && prefix <= 128;
}

void limits(Findings& found, const TenantLimits& given) {
  const std::string path = "spec.limits.";
  const auto within = [&](const char* what, const std::optional<Quantity>& request,
                          const std::optional<Quantity>& limit, const std::optional<Quantity>& max) {
    if (limit && max && *limit > *max) {
      found.add(
          "InvalidValue", path + "default." + what,
          format_quantity(*limit) + " is more than max." + what + "; it should be at most " + format_quantity(*max));
    }
    const auto& most = limit ? limit : max;
    if (request && most && *request > *most) {
      found.add("InvalidValue", path + "defaultRequest." + what,
                format_quantity(*request) + " is more than a container may use; it should be at most " +
                    format_quantity(*most));
    }
  };
  within("cpu", given.requests.cpu, given.limits.cpu, given.max.cpu);
  within("memory", given.requests.memory, given.limits.memory, given.max.memory);
}

void counted(Findings& found, const std::optional<Quantity>& amount, const std::string& path) {
  if (amount && amount->nanos != 0) {
    found.add("InvalidValue", path, format_quantity(*amount) + " is no whole number; there are no parts of one");
  }
}

void subjects(Findings& found, const std::vector<Subject>& subjects, const std::string& path) {
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const Subject& one = subjects[i];
    const std::string here = at(path, i);
    if (one.name.empty()) found.add("InvalidValue", here + ".name", "is empty; name a user, group or service account");
    if (one.name == "system:anonymous" || one.name == "system:unauthenticated") {
      found.add("InvalidValue", here + ".name", "\"" + one.name + "\" is everybody without a login; name somebody");
    }
    if (one.kind == "ServiceAccount") {
      found.dns_label(one.ns, here + ".namespace");
    } else if (!one.ns.empty()) {
      found.add("InvalidValue", here + ".namespace", "goes with kind ServiceAccount only; remove it");
    }
  }
}

}  // namespace

void check_tenancy(Findings& found, const BusinessDomainSpec& spec) {
  if (spec.quota) {
    counted(found, spec.quota->pods, "spec.quota.pods");
    counted(found, spec.quota->persistent_volume_claims, "spec.quota.persistentvolumeclaims");
  }
  if (spec.limits) limits(found, *spec.limits);
  if (spec.network) {
    const auto& egress = spec.network->egress;
    for (std::size_t i = 0; i < egress.size(); ++i) {
      if (is_cidr(egress[i].cidr)) continue;
      found.add("InvalidValue", at("spec.network.egress", i) + ".cidr",
                "\"" + egress[i].cidr + "\" is no range of addresses; write one such as 10.1.0.0/16 or 2001:db8::/32");
    }
  }
  subjects(found, spec.access.viewers, "spec.access.viewers");
  subjects(found, spec.access.engineers, "spec.access.engineers");
  subjects(found, spec.access.admins, "spec.access.admins");
}

}  // namespace atelier::api
