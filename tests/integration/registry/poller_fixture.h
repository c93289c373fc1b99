// A poller on the real network of this machine, and what drives it.
#pragma once

#include <map>

#include "registry/curl_ports.h"
#include "registry/http_poller.h"
#include "unit/http/port_fixture.h"

namespace atelier::testing {

class PollerTest : public PortTest {
 protected:
  registry::HttpPoller& poller() {
    if (!poller_) {
      poller_ = std::make_unique<registry::HttpPoller>(
          settings_, registry::HttpPoller::Environment{loop_, random_, registry::curl_ports(loop_, "test", settings_)},
          registry::HttpPoller::Events{[this](const ObjectKey&) { ++changes_; },
                                       [this](std::string_view) { ++polls_; }});
    }
    return *poller_;
  }
  // At this address, which no registry has but in a test.
  void allow(const std::string& url) { settings_.insecure.insert(registry::parse_url(url)->origin); }
  static std::string authority(const std::string& url) { return url.substr(url.find("://") + 3); }

  static registry::Question about(const std::string& url, const std::string& tag) {
    registry::Question question;
    question.repository = authority(url) + "/team/app";
    question.tag = tag;
    question.interval = std::chrono::seconds{1};
    return question;
  }
  // What a poll comes to: the digest with its tag, or the kind of error and its words.
  std::string ask(registry::Question question) {
    const ObjectKey asker{"test", std::to_string(++askers_)};
    poller().ask(asker, std::move(question));
    EXPECT_TRUE(await([&] { return poller().answer(asker).has_value(); }));
    return said(asker);
  }
  std::string said(const ObjectKey& asker) {
    const auto answer = poller().answer(asker);
    if (!answer) return "nothing";
    if (*answer) return answer->value().tag + "@" + answer->value().digest;
    return std::string(to_string(answer->error().code)) + ": " + answer->error().message;
  }

  registry::Settings settings_;
  http::SystemRandom random_;
  int changes_ = 0;
  int polls_ = 0;
  int askers_ = 0;
  std::unique_ptr<registry::HttpPoller> poller_;
};

}  // namespace atelier::testing
