#include "reconcile/large_results.h"

#include <nlohmann/json.hpp>

#include "atelier/api/pipeline.h"
#include "atelier/base/digest.h"
#include "atelier/kube/request.h"
#include "reconcile/stored_results.h"
#include "render/task_pod.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

// The sidecar's line: JSON makes at most six bytes of one.
constexpr std::int64_t kLongestLog = 6 * static_cast<std::int64_t>(api::kLargestResults) + 1024;

std::string fetch_id(const std::string& pod) { return "fetch results of pod " + pod; }
std::string store_id(const std::string& pod) { return "store results of pod " + pod; }
std::string share_id(const std::string& pod) { return "share results of pod " + pod; }
std::string load_id(const std::string& sha256) { return "load results " + sha256; }
const std::string kStorePage = "store results of items";
const std::string kSharePage = "share results of items";
const std::string kJoin = "join results ";

// Source: atelier-stage results, see src/stage/results.cpp.
std::optional<std::string> text_in(const std::string& log, const std::string& sha256) {
  const json line = json::parse(log, nullptr, false);
  const auto text = line.is_object() ? line.find("results") : line.end();
  if (!line.is_object() || text == line.end() || !text->is_string()) return std::nullopt;
  std::string out = text->get<std::string>();
  return sha256_hex(out) == sha256 ? std::optional{std::move(out)} : std::nullopt;
}

std::string words_of(const Error& error) {
  if (error.code != Errc::forbidden) return "their log cannot be read: " + error.message;
  return "the operator may not read the logs of pods here; an administrator allows it with "
         "deploy/large-results.yaml: " +
         error.message;
}

}  // namespace

LargeResults::News LargeResults::learn(const kube::Feedback& feedback, WallTime now) {
  News news;
  not_found_.clear();
  std::erase_if(loaded_, [](const auto& one) { return !one.second.text; });
  for (auto at = fetches_.begin(); at != fetches_.end();) {
    at = take(at->second, at->first, feedback, now, news) ? fetches_.erase(at) : std::next(at);
  }
  take_page(feedback, now, news);
  for (const auto& [id, answer] : feedback.results) {
    if (id.starts_with(kJoin) && id.size() == kJoin.size() + 64) {
      const std::string sha256 = id.substr(kJoin.size());
      if (answer) joined_.insert(sha256);
      if (!answer && answer.error().code == Errc::not_found) not_found_.insert(sha256);
    } else if (id.starts_with(load_id(""))) {
      const std::string sha256 = id.substr(load_id("").size());
      if (answer) {
        auto text = stored_text(answer.value(), sha256);
        loaded_[sha256] = text ? Loaded{std::move(text).value(), ""} : Loaded{{}, text.error().message};
      } else if (answer.error().code == Errc::not_found) {
        loaded_[sha256] = {{}, "is gone"};
      }
    }
  }
  return news;
}

bool LargeResults::take(Fetch& fetch, const std::string& pod, const kube::Feedback& feedback, WallTime now,
                        News& news) const {
  const auto fail = [&](const std::string& words) {
    news.unread.push_back({fetch.attempt, words, now, ++fetch.failures});
    return false;
  };
  if (const auto* read = feedback.find(fetch_id(pod))) {
    if (!*read) return read->error().code == Errc::cancelled ? false : fail(words_of(read->error()));
    fetch.text = text_in(read->value().is_string() ? read->value().get<std::string>() : "", fetch.sha256);
    if (!fetch.text) return fail("their log is not what the sidecar handed on");
    if (fetch.store) return false;
    news.texts.push_back(*std::move(fetch.text));
    return true;
  }
  const auto* stored = feedback.find(store_id(pod));
  const auto* shared = feedback.find(share_id(pod));
  const auto* answer = stored != nullptr ? stored : shared;
  if (answer == nullptr) return false;
  if (*answer) {
    news.texts.push_back(*std::move(fetch.text));
    return true;
  }
  const Error& error = answer->error();
  const bool other = stored != nullptr ? error.code == Errc::already_exists : error.code == Errc::not_found;
  if (other) fetch.is_there = stored != nullptr;
  if (other || error.code == Errc::cancelled) return false;
  return fail("they cannot be stored: " + error.message);
}

void LargeResults::fetch(kube::Plan& plan, const engine::FetchResults& action, const api::PipelineRun& run) {
  Fetch& fetch = fetches_[action.pod];
  fetch.attempt = action.attempt;
  fetch.store = action.store;
  if (fetch.sha256 != action.sha256) fetch.text.reset();
  fetch.sha256 = action.sha256;
  if (!fetch.text) {
    const ObjectKey key{run.metadata.ns, action.pod};
    plan.writes.push_back({fetch_id(action.pod), kube::pod_log(key, render::kResultsContainer, kLongestLog), "pods",
                           key, kube::Answer::text});
  } else if (!fetch.is_there) {
    plan.writes.push_back(store_results(store_id(action.pod), run, fetch.sha256, *fetch.text));
  } else {
    plan.writes.push_back(join_results(share_id(action.pod), run, fetch.sha256));
  }
}

void LargeResults::take_page(const kube::Feedback& feedback, WallTime now, News& news) {
  const auto* stored = feedback.find(kStorePage);
  const auto* shared = feedback.find(kSharePage);
  const auto* answer = stored != nullptr ? stored : shared;
  if (answer == nullptr || !page_) return;
  if (*answer) {
    news.stored.push_back(std::move(page_->text));
    page_.reset();
    unstored_ = 0;
    return;
  }
  const Error& error = answer->error();
  const bool other = stored != nullptr ? error.code == Errc::already_exists : error.code == Errc::not_found;
  if (other) page_->is_there = stored != nullptr;
  if (other || error.code == Errc::cancelled) return;
  news.unstored = engine::UnstoredResults{"they cannot be stored: " + error.message, now, ++unstored_};
}

void LargeResults::store(kube::Plan& plan, const engine::StoreResults& action, const api::PipelineRun& run) {
  if (!page_ || page_->sha256 != action.sha256) page_ = Page{action.sha256, action.text};
  plan.writes.push_back(page_->is_there ? join_results(kSharePage, run, page_->sha256)
                                        : store_results(kStorePage, run, page_->sha256, page_->text));
}

LargeResults::Loaded LargeResults::load(kube::Plan& plan, const std::string& sha256, const api::PipelineRun& run) {
  if (const auto known = loaded_.find(sha256); known != loaded_.end()) return known->second;
  plan.writes.push_back(load_results(load_id(sha256), run, sha256));
  return {};
}

void LargeResults::join(kube::Plan& plan, const std::string& sha256, const api::PipelineRun& run) const {
  plan.writes.push_back(join_results(kJoin + sha256, run, sha256));
}

}  // namespace atelier::reconcile
