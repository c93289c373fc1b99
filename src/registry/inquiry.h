// One poll, without the network: which request comes next, and what the answers come to.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "atelier/http/port.h"
#include "atelier/registry/poller.h"
#include "registry/authorizations.h"
#include "registry/challenge.h"
#include "registry/reference.h"
#include "registry/settings.h"
#include "registry/tags.h"

namespace atelier::registry {

// Lists the tags if the question does not name one, and asks for the digest of the chosen one: HEAD, and GET where that
// does not tell it. Proves who asks when the registry wants it: each request is asked again at most once for that. Ends
// in time, and reads and keeps no more than its bounds, whatever is answered.
class Inquiry {
 public:
  static constexpr int kMostPages = 100;
  static constexpr MostTags kMostTags{.listed = 10'000, .bytes = std::size_t{512} << 10};
  static constexpr std::size_t kMostRead = std::size_t{8} << 20;  // of all pages
  static constexpr Millis kTimeout{30'000};                       // of each request
  static constexpr Millis kLongest{60'000};                       // of all of them

  struct Outgoing {
    Origin to;
    http::Request request;
  };
  using Step = std::variant<Outgoing, Answer>;

  // `settings` and `authorizations` are borrowed.
  Inquiry(Reference reference, Question question, const Settings& settings, Authorizations& authorizations);

  Step begin(SteadyTime now);
  // The answer to what the last step sent.
  Step answered(const Result<http::Response>& answer, SteadyTime now);

 private:
  enum class Phase { tags, head, get };

  Step ask_for_manifest(SteadyTime now);
  Step ask(SteadyTime now);
  Step send(Outgoing outgoing, SteadyTime now) const;
  Step ask_for_token(const Url& realm, const Challenge& challenge, SteadyTime now);
  Step challenged(const http::Response& response, SteadyTime now);
  Step token_came(const http::Response& response, SteadyTime now);
  Step page_came(const http::Response& response, SteadyTime now);
  Step choose(SteadyTime now);
  Step head_came(const http::Response& response, SteadyTime now);
  Step manifest_came(const http::Response& response) const;
  Step found(std::string digest) const;
  Error failure(const Origin& who, const http::Response& response) const;
  std::string tags_path() const { return "/v2/" + reference_.name + "/tags/list"; }

  const Reference reference_;
  const Question question_;
  const Settings& settings_;
  Authorizations& authorizations_;
  const Origin origin_;
  const Authorizations::Key key_;

  Phase phase_;
  std::string tag_;
  std::string target_;  // of what is asked for now
  int pages_ = 0;
  std::size_t read_ = 0;  // bytes of them
  Tags tags_;
  SteadyTime deadline_{};
  std::string proof_;            // Authorization; empty: none that is known to help
  std::optional<Origin> realm_;  // while a token is asked for there
  bool proved_ = false;          // anew, for the request that is under way
};

}  // namespace atelier::registry
