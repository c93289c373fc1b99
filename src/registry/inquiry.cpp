#include "registry/inquiry.h"

#include <algorithm>
#include <array>
#include <utility>

#include "atelier/base/base64.h"
#include "atelier/base/digest.h"
#include "atelier/http/retry_after.h"
#include "registry/header_reader.h"
#include "registry/link.h"
#include "registry/realm.h"
#include "registry/tags.h"
#include "registry/token.h"
#include "registry/words.h"

namespace atelier::registry {
namespace {

constexpr Millis kLongestWait{std::chrono::hours{1}};
constexpr Millis kBasicHolds{std::chrono::minutes{10}};  // that a registry asks for it

constexpr std::array<std::string_view, 4> kManifests{
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
};

std::string accepted() {
  std::string all;
  for (const std::string_view type : kManifests) all.append(all.empty() ? "" : ", ").append(type);
  return all;
}

bool is_manifest(const http::Response& response) {
  const std::string* type = http::find_header(response.headers, "content-type");
  if (type == nullptr) return false;
  std::string bare = lower_case(std::string_view(*type).substr(0, type->find(';')));
  while (bare.ends_with(' ')) bare.pop_back();
  return std::find(kManifests.begin(), kManifests.end(), bare) != kManifests.end();
}

// All that is not a letter or a digit, for the value in a query.
std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string url;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      url += c;
    } else {
      url.append("%").append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 15U]);
    }
  }
  return url;
}

std::string basic(const Credentials& who) { return "Basic " + base64_encode(who.username + ":" + who.password); }

const Challenge* find(const std::vector<Challenge>& challenges, std::string_view scheme) {
  const auto at = std::find_if(challenges.begin(), challenges.end(),
                               [scheme](const Challenge& challenge) { return challenge.scheme == scheme; });
  return at == challenges.end() ? nullptr : &*at;
}

// In words that a status can tell.
Answer refused(Error why) {
  why.message = plain_words(why.message);
  return why;
}

// Where a redirect wanted us to go.
std::string wanted_host(const http::Response& response) {
  const std::string* location = http::find_header(response.headers, "location");
  const auto url = location == nullptr ? std::nullopt : parse_url(*location);
  return url ? url->origin.authority() : "another address";
}

}  // namespace

Inquiry::Inquiry(Reference reference, Question question, const Settings& settings, Authorizations& authorizations)
    : reference_(std::move(reference)),
      question_(std::move(question)),
      settings_(settings),
      authorizations_(authorizations),
      origin_(origin_of(reference_, settings)),
      key_{origin_, reference_.name, question_.credentials},
      phase_(question_.tag.empty() ? Phase::tags : Phase::head),
      tag_(question_.tag) {}

Inquiry::Step Inquiry::begin(SteadyTime now) {
  deadline_ = now + kLongest;
  if (phase_ != Phase::tags) return ask_for_manifest(now);
  target_ = tags_path() + "?n=1000";
  return ask(now);
}

Inquiry::Step Inquiry::ask_for_manifest(SteadyTime now) {
  if (!is_tag(tag_)) return refused(invalid("\"" + tag_ + "\" is no tag that an image can have"));
  target_ = "/v2/" + reference_.name + "/manifests/" + tag_;
  return ask(now);
}

Inquiry::Step Inquiry::ask(SteadyTime now) {
  Outgoing outgoing{origin_, {}};
  outgoing.request.method = phase_ == Phase::head ? http::Method::head : http::Method::get;
  outgoing.request.target = target_;
  outgoing.request.headers.emplace_back("Accept", phase_ == Phase::tags ? "application/json" : accepted());
  if (proof_.empty()) proof_ = authorizations_.get(key_, now);
  if (!proof_.empty()) outgoing.request.headers.emplace_back("Authorization", proof_);
  return send(std::move(outgoing), now);
}

Inquiry::Step Inquiry::send(Outgoing outgoing, SteadyTime now) const {
  if (now >= deadline_) {
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>(kLongest).count();
    return refused({Errc::transport,
                    reference_.text() + ": all its answers together took more than " + std::to_string(limit) + " s"});
  }
  outgoing.request.timeout = std::min(kTimeout, std::chrono::ceil<Millis>(deadline_ - now));
  return outgoing;
}

Inquiry::Step Inquiry::answered(const Result<http::Response>& answer, SteadyTime now) {
  const Origin who = realm_.value_or(origin_);
  if (!answer) {
    Error error = answer.error();
    // It is too long, or at an address that is not asked.
    const bool ours = error.code == Errc::server || error.code == Errc::forbidden;
    error.code = ours ? Errc::invalid : Errc::transport;
    error.message = who.authority() + ": " + error.message;
    return refused(std::move(error));
  }
  const http::Response& response = answer.value();
  if (realm_) return token_came(response, now);
  if (response.status == 401) return challenged(response, now);
  if (response.status == 404) {
    const std::string what = phase_ == Phase::tags ? "there is no " : "there is no tag " + tag_ + " of ";
    return refused({Errc::not_found, what + reference_.text()});
  }
  if (response.status != 200) return refused(failure(who, response));
  proved_ = false;
  switch (phase_) {
    case Phase::tags:
      return page_came(response, now);
    case Phase::head:
      return head_came(response, now);
    case Phase::get:
      break;
  }
  return manifest_came(response);
}

// The proof that was sent, if any, does not hold any more; a new one is tried once.
Inquiry::Step Inquiry::challenged(const http::Response& response, SteadyTime now) {
  authorizations_.drop(key_, std::exchange(proof_, {}));
  const std::string who = question_.credentials ? "these credentials" : "who brings no credentials";
  const Error unknown{Errc::unauthorized, origin_.authority() + " does not let in " + who};
  if (std::exchange(proved_, true)) return refused(unknown);
  const auto challenges = challenges_of(response.headers);
  if (!challenges) return refused(invalid(origin_.authority() + ": " + challenges.error().message));
  if (const Challenge* bearer = find(challenges.value(), "bearer")) {
    const auto realm = bearer->params.find("realm");
    const auto url = checked_realm(realm == bearer->params.end() ? "" : realm->second, origin_, settings_);
    if (url) return ask_for_token(url.value(), *bearer, now);
    return refused(invalid(origin_.authority() + ": " + url.error().message));
  }
  if (find(challenges.value(), "basic") == nullptr || !question_.credentials) return refused(unknown);
  proof_ = basic(*question_.credentials);
  authorizations_.put(key_, proof_, kBasicHolds, now);
  return ask(now);
}

// The scope is ours, whatever the registry would have us ask for: reading this repository.
Inquiry::Step Inquiry::ask_for_token(const Url& realm, const Challenge& challenge, SteadyTime now) {
  realm_ = realm.origin;
  Outgoing outgoing{realm.origin, {}};
  outgoing.request.target = realm.target + (realm.target.find('?') == std::string::npos ? "?" : "&");
  const auto service = challenge.params.find("service");
  if (service != challenge.params.end()) outgoing.request.target += "service=" + encoded(service->second) + "&";
  outgoing.request.target += "scope=" + encoded("repository:" + reference_.name + ":pull");
  outgoing.request.headers.emplace_back("Accept", "application/json");
  if (question_.credentials) outgoing.request.headers.emplace_back("Authorization", basic(*question_.credentials));
  return send(std::move(outgoing), now);
}

Inquiry::Step Inquiry::token_came(const http::Response& response, SteadyTime now) {
  const Origin who = *std::exchange(realm_, std::nullopt);
  if (response.status == 401) {
    const std::string whom = question_.credentials ? " for these credentials" : " without credentials";
    return refused({Errc::unauthorized, who.authority() + " gives no token" + whom});
  }
  if (response.status != 200) return refused(failure(who, response));
  auto token = token_in(response.body);
  if (!token) return refused(invalid(who.authority() + ": " + token.error().message));
  proof_ = "Bearer " + token.value().value;
  authorizations_.put(key_, proof_, token.value().lifetime, now);
  return ask(now);
}

Inquiry::Step Inquiry::page_came(const http::Response& response, SteadyTime now) {
  read_ += response.body.size();
  if (read_ > kMostRead) {
    return refused(
        invalid(reference_.text() + ": its list of tags is longer than " + std::to_string(kMostRead) + " bytes"));
  }
  const auto read = read_tags(response.body, kMostTags, tags_);
  if (!read) return refused(invalid(reference_.text() + ": " + read.error().message));
  const auto next = next_page(response.headers, origin_.host, tags_path());
  if (!next) return refused(invalid(reference_.text() + ": " + next.error().message));
  if (!next.value()) return choose(now);
  if (++pages_ >= kMostPages) {
    return refused(
        invalid(reference_.text() + ": its list of tags has more than " + std::to_string(kMostPages) + " pages"));
  }
  target_ = *next.value();
  return ask(now);
}

Inquiry::Step Inquiry::choose(SteadyTime now) {
  const auto chosen = question_.choose ? question_.choose(tags_.all) : std::nullopt;
  if (!chosen) {
    const std::string none = tags_.all.empty() ? " has no tags" : " has no tag that is followed";
    return refused({Errc::not_found, reference_.text() + none});
  }
  tags_ = {};
  tag_ = *chosen;
  phase_ = Phase::head;
  return ask_for_manifest(now);
}

Inquiry::Step Inquiry::head_came(const http::Response& response, SteadyTime now) {
  const std::string* digest = http::find_header(response.headers, "docker-content-digest");
  if (digest == nullptr) {
    phase_ = Phase::get;
    return ask(now);
  }
  if (!is_digest(*digest)) return refused(invalid(reference_.text() + ": its digest is no sha256"));
  return found(*digest);
}

Inquiry::Step Inquiry::manifest_came(const http::Response& response) const {
  if (!is_manifest(response)) return refused(invalid(reference_.text() + ": what it answers is no manifest"));
  std::string digest = "sha256:" + sha256_hex(response.body);
  const std::string* told = http::find_header(response.headers, "docker-content-digest");
  if (told != nullptr && *told != digest) {
    return refused(invalid(reference_.text() + ": its manifest has another digest than it says"));
  }
  return found(std::move(digest));
}

Inquiry::Step Inquiry::found(std::string digest) const { return Answer{Found{tag_, std::move(digest)}}; }

// Of an answer that is none to the question.
Error Inquiry::failure(const Origin& who, const http::Response& response) const {
  const int status = response.status;
  const std::string host = who.authority();
  const Millis wait = http::retry_after(response.headers, kLongestWait);
  Error error{Errc::invalid, host + " answers " + std::to_string(status)};
  if (status >= 300 && status < 400) {
    error.message = host + " sends to " + wanted_host(response) + ", and no redirect is followed";
  } else if (status == 403) {
    error = {Errc::forbidden, host + " does not allow to read " + reference_.text()};
  } else if (status == 429 || (status == 503 && wait.count() > 0)) {
    error = {Errc::throttled, host + " is asked too often"};
    error.retry_after = wait;
  } else if (status >= 500) {
    error.code = Errc::server;
  }
  error.http_status = status;
  return error;
}

}  // namespace atelier::registry
