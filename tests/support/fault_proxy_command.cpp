#include "support/fault_proxy_command.h"

#include <charconv>
#include <sstream>

#include "atelier/base/base64.h"
#include "support/fault_proxy_tls.h"

namespace atelier::testing {
namespace {

// The words of a line, taken one after the other.
class Words {
 public:
  explicit Words(std::string_view line) : in_(std::string(line)) {}

  std::string next() {
    std::string word;
    in_ >> word;
    return word;
  }
  Result<std::size_t> number(const char* what, std::string word) {
    std::size_t value = 0;
    const auto end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return invalid(std::string(what) + " must be a number");
    return value;
  }
  Result<std::size_t> number(const char* what) { return number(what, next()); }
  Result<Millis> millis() {
    ATELIER_TRY(const std::size_t count, number("MILLISECONDS"));
    return Millis{static_cast<Millis::rep>(count)};
  }
  Result<Ending> ending() {
    const std::string word = next();
    if (word == "reset") return Ending::reset;
    if (word == "close") return Ending::close;
    return invalid("there are reset and close");
  }
  Result<Place> place() {
    ATELIER_TRY(const std::size_t bytes, number("BYTES"));
    return Place{next(), bytes};
  }

 private:
  std::istringstream in_;
};

Result<Fault> parse_answer(Words& words) {
  ATELIER_TRY(const std::size_t status, words.number("STATUS"));
  http::Headers headers;
  if (std::string wait = words.next(); !wait.empty()) headers.emplace_back("Retry-After", std::move(wait));
  return Fault{fault::Answer{status_answer(static_cast<int>(status), "", headers)}};
}

Result<Fault> parse_fault(Words& words) {
  const std::string name = words.next();
  if (name == "reset-before-request") return Fault{fault::ResetBeforeRequest{}};
  if (name == "swallow") return Fault{fault::Swallow{}};
  if (name == "duplicate") return Fault{fault::Duplicate{}};
  if (name == "garbage") return Fault{fault::Answer{"SSH-2.0-OpenSSH_9.2\r\n", true}};
  if (name == "answer") return parse_answer(words);
  if (name == "cut") {
    ATELIER_TRY(const Ending ending, words.ending());
    ATELIER_TRY(Place place, words.place());
    return Fault{fault::Cut{std::move(place), ending}};
  }
  if (name == "stall") {
    ATELIER_TRY(Place place, words.place());
    return Fault{fault::Stall{std::move(place)}};
  }
  if (name == "delay-request") {
    ATELIER_TRY(const Millis by, words.millis());
    return Fault{fault::DelayRequest{by}};
  }
  if (name == "delay-answer") {
    ATELIER_TRY(const Millis by, words.millis());
    return Fault{fault::DelayAnswer{by}};
  }
  if (name == "slice") {
    ATELIER_TRY(const std::size_t size, words.number("BYTES"));
    if (size == 0) return invalid("BYTES must be positive");
    return Fault{fault::Slice{size}};
  }
  return invalid("no fault is called \"" + name + "\"");
}

std::string any(std::string word) { return word == "*" ? std::string{} : word; }

Result<Match> parse_match(Words& words) {
  Match match;
  match.method = any(words.next());
  const std::string target = any(words.next());
  if (target.starts_with('~')) {
    try {
      match.pattern.emplace(target.substr(1));
    } catch (const std::regex_error& error) {
      return invalid(error.what());
    }
  } else {
    match.target = target;
  }
  ATELIER_TRY(match.from, words.number("FROM"));
  const std::string times = words.next();
  match.times = kAlways;
  if (times == "always") return match;
  ATELIER_TRY(match.times, words.number("TIMES", times));
  return match;
}

Result<void> cut(FaultProxy& proxy, Words& words) {
  const std::string what = words.next();
  ATELIER_TRY(const Ending ending, words.ending());
  if (what == "watches") {
    proxy.cut_watches(ending);
  } else if (what == "idle") {
    proxy.cut_idle(ending);
  } else if (what == "all") {
    proxy.cut_all(ending);
  } else {
    return invalid("there are watches, idle and all");
  }
  return boost::outcome_v2::success();
}

Result<std::string> answer_to(FaultProxy& proxy, Words& words) {
  const std::string command = words.next();
  std::string told;
  if (command == "rule") {
    ATELIER_TRY(Match match, parse_match(words));
    ATELIER_TRY(Fault fault, parse_fault(words));
    static_cast<void>(proxy.on(std::move(match), std::move(fault)));
  } else if (command == "clear") {
    proxy.clear_rules();
  } else if (command == "count") {
    const std::string method = any(words.next());
    told = std::to_string(proxy.requests(method, any(words.next()))) + "\n";
  } else if (command == "log") {
    for (const LogEntry& entry : proxy.log()) told += to_string(entry) + "\n";
  } else if (command == "cut") {
    ATELIER_TRY(cut(proxy, words));
  } else if (command == "freeze") {
    proxy.freeze();
  } else if (command == "thaw") {
    proxy.thaw();
  } else if (command == "refuse") {
    proxy.refuse();
  } else if (command == "listen") {
    proxy.listen();
  } else {
    return invalid("no command is called \"" + command + "\"");
  }
  return told;
}

}  // namespace

std::string perform(FaultProxy& proxy, std::string_view line) {
  Words words{line};
  const auto told = answer_to(proxy, words);
  return told ? told.value() + "ok\n" : "error " + told.error().message + "\n";
}

std::string kubeconfig_through(const FaultProxy& proxy, const http::Endpoint& server) {
  const http::Endpoint here = proxy.endpoint();
  const std::string ca = here.ca_pem.empty() ? "" : ", certificate-authority-data: " + base64_encode(here.ca_pem);
  // kubectl asks a person who has none for a password. The proxy's own certificate counts before a token.
  const std::string known = current(server).bearer_token;
  const std::string token = "token: " + (known.empty() ? "none" : known);
  return "apiVersion: v1\nkind: Config\ncurrent-context: proxy\n"
         "clusters: [{name: proxy, cluster: {server: \"" +
         here.base_url + "\"" + ca + "}}]\nusers: [{name: proxy, user: {" + token +
         "}}]\ncontexts: [{name: proxy, context: {cluster: proxy, user: proxy}}]\n";
}

}  // namespace atelier::testing
