#include "bare_curl.h"

#include <curl/curl.h>

#include <memory>
#include <stdexcept>

namespace atelier::bench {
namespace {

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

curl_blob blob(const std::string& text) { return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY}; }

std::size_t ignore(char*, std::size_t size, std::size_t count, void*) { return size * count; }

std::size_t hand_over(char* data, std::size_t size, std::size_t count, void* take) {
  const bool enough = (*static_cast<const std::function<bool(std::string_view)>*>(take))({data, size * count});
  return enough ? 0 : size * count;
}

Easy connected(const http::Credential& credential) {
  Easy easy{curl_easy_init(), &curl_easy_cleanup};
  const auto set_blob = [&](CURLoption option, const std::string& text) {
    const curl_blob data = blob(text);
    if (!text.empty()) curl_easy_setopt(easy.get(), option, &data);
  };
  set_blob(CURLOPT_CAINFO_BLOB, credential.ca_pem);
  set_blob(CURLOPT_SSLCERT_BLOB, credential.client_cert_pem);
  set_blob(CURLOPT_SSLKEY_BLOB, credential.client_key_pem);
  curl_easy_setopt(easy.get(), CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &ignore);
  return easy;
}

// One connection's handle and what its present request needs.
struct Lane {
  Easy easy;
  Headers headers{nullptr, &curl_slist_free_all};
};

void prepare(Lane& lane, const std::string& base_url, const BareRequest& request) {
  lane.headers.reset(curl_slist_append(nullptr, "Accept: application/json"));
  if (!request.content_type.empty()) {
    curl_slist_append(lane.headers.get(), ("Content-Type: " + request.content_type).c_str());
  }
  CURL* easy = lane.easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, (base_url + request.target).c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lane.headers.get());
  if (request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

}  // namespace

struct BareClient::State {
  std::string base_url;
  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi{curl_multi_init(), &curl_multi_cleanup};
  std::vector<Lane> lanes;
};

BareClient::BareClient(std::string base_url, const http::Credential& credential, std::size_t connections)
    : state_(std::make_unique<State>()) {
  state_->base_url = std::move(base_url);
  for (std::size_t i = 0; i < connections; ++i) state_->lanes.push_back(Lane{connected(credential)});
}

BareClient::~BareClient() = default;

void BareClient::perform(const std::vector<BareRequest>& requests) {
  CURLM* multi = state_->multi.get();
  std::size_t next = 0, done = 0;
  const auto launch = [&](Lane& lane) {
    if (next == requests.size()) return;
    prepare(lane, state_->base_url, requests[next++]);
    curl_easy_setopt(lane.easy.get(), CURLOPT_PRIVATE, &lane);
    curl_multi_add_handle(multi, lane.easy.get());
  };
  for (Lane& lane : state_->lanes) launch(lane);
  while (done < requests.size()) {
    int running = 0, left = 0;
    curl_multi_perform(multi, &running);
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      CURL* easy = message->easy_handle;
      long status = 0;
      char* lane = nullptr;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &lane);
      curl_multi_remove_handle(multi, easy);
      if (status != 200) throw std::runtime_error("a bare request was answered with " + std::to_string(status));
      ++done;
      launch(*reinterpret_cast<Lane*>(lane));
    }
    if (done < requests.size()) curl_multi_poll(multi, nullptr, 0, 1'000, nullptr);
  }
}

void receive_bare(const std::string& base_url, const http::Credential& credential, const std::string& target,
                  const std::function<bool(std::string_view)>& take) {
  const Easy easy = connected(credential);
  curl_easy_setopt(easy.get(), CURLOPT_URL, (base_url + target).c_str());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &hand_over);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &take);
  const CURLcode code = curl_easy_perform(easy.get());
  if (code != CURLE_OK && code != CURLE_WRITE_ERROR) throw std::runtime_error(curl_easy_strerror(code));
}

}  // namespace atelier::bench
