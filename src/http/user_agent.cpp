#include "atelier/http/user_agent.h"

namespace atelier::http {
namespace {

#if defined(__x86_64__)
constexpr std::string_view kArchitecture = "amd64";
#elif defined(__aarch64__)
constexpr std::string_view kArchitecture = "arm64";
#elif defined(__powerpc64__)
constexpr std::string_view kArchitecture = "ppc64le";
#elif defined(__s390x__)
constexpr std::string_view kArchitecture = "s390x";
#elif defined(__riscv)
constexpr std::string_view kArchitecture = "riscv64";
#else
constexpr std::string_view kArchitecture = "unknown";
#endif

}  // namespace

std::string user_agent(std::string_view program, std::string_view version) {
  std::string text{program};
  return text.append("/").append(version).append(" (linux/").append(kArchitecture).append(")");
}

}  // namespace atelier::http
