#include "atelier/kube/lease.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "atelier/base/log.h"
#include "atelier/kube/request.h"
#include "atelier/kube/status_error.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

// The transitions at which the lease was released by a holder of which nothing can come any more.
constexpr const char* kSettled = "atelier.dev/settled";

std::string text_in(const json& spec, const char* field) {
  const auto at = spec.find(field);
  return at != spec.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

std::int64_t number_in(const json& spec, const char* field) {
  const auto at = spec.find(field);
  if (at == spec.end() || !at->is_number_integer()) return 0;
  return std::clamp<std::int64_t>(at->get<std::int64_t>(), 0, std::numeric_limits<std::int32_t>::max());  // as the API
}

std::optional<WallTime> time_in(const json& spec, const char* field) {
  const auto time = parse_time(text_in(spec, field));
  return time ? std::optional(time.value()) : std::nullopt;
}

json spec_of(const LeaseRecord& record) {
  json spec = {{"holderIdentity", record.holder},
               {"leaseDurationSeconds", record.duration_seconds},
               {"leaseTransitions", record.transitions}};
  if (record.acquire_time) spec["acquireTime"] = format_micro_time(*record.acquire_time);
  if (record.renew_time) spec["renewTime"] = format_micro_time(*record.renew_time);
  return spec;
}

Result<LeaseRecord> record_of(const Result<http::Response>& response) {
  ATELIER_TRY(auto object, answer_of(response));
  LeaseRecord record = lease_record_of(object);
  // Taken for a free lease, it would be claimed without a precondition.
  if (record.resource_version.empty()) return Error{Errc::server, "the answer is not a Lease"};
  return record;
}

}  // namespace

LeaseRecord lease_record_of(const json& object) {
  LeaseRecord record;
  const auto section = [&](const char* name) {
    const bool there = object.is_object() && object.contains(name) && object[name].is_object();
    return there ? object[name] : json::object();
  };
  const json spec = section("spec");
  const json metadata = section("metadata");
  record.resource_version = text_in(metadata, "resourceVersion");
  record.holder = text_in(spec, "holderIdentity");
  record.duration_seconds = number_in(spec, "leaseDurationSeconds");
  record.transitions = number_in(spec, "leaseTransitions");
  record.acquire_time = time_in(spec, "acquireTime");
  record.renew_time = time_in(spec, "renewTime");
  if (const auto at = metadata.find("annotations"); at != metadata.end() && at->is_object()) {
    if (text_in(*at, kSettled) == std::to_string(record.transitions)) record.settled = record.transitions;
  }
  return record;
}

json lease_object(const ObjectKey& key, const LeaseRecord& record) {
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata", {{"namespace", key.ns}, {"name", key.name}}},
          {"spec", spec_of(record)}};
}

json lease_patch(const LeaseRecord& record) {
  const json settled = record.settled ? json(std::to_string(*record.settled)) : json();
  return {{"metadata", {{"resourceVersion", record.resource_version}, {"annotations", {{kSettled, settled}}}}},
          {"spec", spec_of(record)}};
}

Lease::Lease(ObjectKey key, std::string identity, LeaseTimes times, http::Port& port, Loop& loop, Random& random,
             Events events)
    : key_(std::move(key)),
      identity_(identity),
      fsm_(std::move(identity), times, random),
      request_timeout_(times.renew_deadline / 2),
      port_(port),
      loop_(loop),
      events_(std::move(events)) {}

void Lease::start() { perform(fsm_.start()); }

void Lease::release(std::function<void()> released, bool settled) {
  call_.reset();
  timer_.reset();
  released_ = std::move(released);
  perform(fsm_.release(loop_.wall_now(), settled));
}

void Lease::perform(LeaseFsm::Action action) {
  publish_deadline();
  if (fsm_.leading() && !told_acquired_) {
    told_acquired_ = true;
    log::info("became leader", {{"lease", key_.to_string()}});
    if (events_.acquired) events_.acquired();
  }
  if (std::holds_alternative<LeaseFsm::Read>(action)) return read();
  if (const auto* create = std::get_if<LeaseFsm::Create>(&action)) return write(create->record, true);
  if (const auto* update = std::get_if<LeaseFsm::Update>(&action)) return write(update->record, false);
  if (const auto* wait = std::get_if<LeaseFsm::Wait>(&action)) {
    timer_ = loop_.after(wait->delay, [this] { perform(fsm_.waited(loop_.now(), loop_.wall_now())); });
    return;
  }
  if (std::holds_alternative<LeaseFsm::Lost>(action)) {
    log::error("lost the lease", {{"lease", key_.to_string()}});
    if (events_.lost) events_.lost();
    return;
  }
  if (const auto* back = std::get_if<LeaseFsm::WentBack>(&action)) {
    log::error("the API server went back in time, as after a restore of etcd: what this process knows is no more",
               {{"lease", key_.to_string()}, {"seen", back->seen}, {"found", back->found}});
    if (events_.lost) events_.lost();
    return;
  }
  if (released_) loop_.post(std::exchange(released_, nullptr));
}

void Lease::read() {
  http::Request request = get(kLeases, key_);
  request.timeout = patience();
  call_ = port_.send(std::move(request), [this](const Result<http::Response>& response) {
    const auto record = record_of(response);
    tell_read(record);
    perform(fsm_.was_read(loop_.now(), loop_.wall_now(), record));
  });
}

void Lease::tell_read(const Result<LeaseRecord>& read) {
  if (!read) {
    if (read.error().code == Errc::not_found || !unread_.due(read.error().message, loop_.now())) return;
    log::warn("the lease cannot be read", {{"lease", key_.to_string()}, {"error", read.error().message}});
    return;
  }
  const std::string& holder = read.value().holder;
  if (fsm_.leading() || holder.empty() || holder == identity_ || holder == told_holder_) return;
  told_holder_ = holder;
  log::info("waiting for the lease", {{"lease", key_.to_string()}, {"holder", holder}});
}

void Lease::write(const LeaseRecord& record, bool create_it) {
  http::Request request = create_it ? create(kLeases, key_.ns, lease_object(key_, record))
                                    : merge_patch(kLeases, key_, lease_patch(record));
  request.timeout = patience();
  call_ = port_.send(std::move(request), [this](const Result<http::Response>& response) {
    const auto written = record_of(response);
    if (!written) {
      log::warn("a lease was not written", {{"lease", key_.to_string()}, {"error", written.error().message}});
    }
    perform(fsm_.was_written(loop_.now(), written));
  });
}

// A leader that is not answered must know at its deadline, and not when the request's own time is over.
Millis Lease::patience() const {
  const auto deadline = fsm_.deadline();
  if (!deadline) return request_timeout_;
  return std::clamp(std::chrono::ceil<Millis>(*deadline - loop_.now()), Millis{1}, request_timeout_);
}

void Lease::publish_deadline() { deadline_ = fsm_.deadline().value_or(SteadyTime::max()).time_since_epoch().count(); }

}  // namespace atelier::kube
