#include "reconcile/image_questions.h"

#include "atelier/kube/request.h"
#include "reconcile/registry_credentials.h"

namespace atelier::reconcile {
namespace {

constexpr Millis kBetweenReads = std::chrono::minutes{1};

bool is_same(const registry::Question& one, const registry::Question& other) {
  return one.repository == other.repository && one.tag == other.tag && one.rule == other.rule &&
         one.interval == other.interval && one.credentials == other.credentials;
}

// A registry may say of a private repository that there is none.
bool refuses(const std::optional<registry::Answer>& answer) {
  if (!answer || *answer) return false;
  const Errc code = answer->error().code;
  return code == Errc::unauthorized || code == Errc::forbidden || code == Errc::not_found;
}

}  // namespace

ImageQuestions::Known ImageQuestions::ask(const api::Workspace& workspace, kube::Plan& plan,
                                          const kube::Feedback& feedback, WallTime now) {
  Known out;
  if (poller_ == nullptr) return out;
  const ObjectKey key = workspace.metadata.key();
  Memory& memory = memory_[key];
  const auto& named = workspace.spec.image.follow->credentials;
  const std::string about =
      named ? workspace.metadata.uid.value + " " + named->name + " " + workspace.spec.image.repository : "";
  if (memory.about != about) {
    memory = {};
    memory.about = about;
  }
  if (named) {
    const ObjectKey secret{key.ns, named->name};
    const std::string id = "look at secret " + secret.to_string();
    learn(memory, workspace, feedback.find(id), now);
    const bool again = memory.refusal || refuses(poller_->answer(key));
    const WallTime due = memory.read_at + kBetweenReads;
    if (!memory.has_read() || (again && due <= now)) {
      plan.writes.push_back({id, kube::get(kube::kSecrets, secret), kube::kSecrets.plural, secret});
    } else if (again) {
      out.wake_at = due;
    }
    if (!memory.credentials) {
      memory.asked.reset();
      poller_->forget(key);
      out.found.credentials = memory.refusal;
      return out;
    }
  }
  registry::Question question = question_of(workspace.spec, memory.credentials);
  if (!memory.asked || !is_same(*memory.asked, question)) {
    memory.asked = question;
    poller_->ask(key, std::move(question));
  }
  out.found.answer = poller_->answer(key);
  if (!out.found.answer || !is_passing(*out.found.answer)) {
    memory.failing_since.reset();
  } else if (!memory.failing_since) {
    memory.failing_since = now;
  }
  out.found.failing_since = memory.failing_since;
  return out;
}

void ImageQuestions::learn(Memory& memory, const api::Workspace& workspace, const Result<nlohmann::json>* answer,
                           WallTime now) {
  if (answer == nullptr) return;
  const std::string& name = workspace.spec.image.follow->credentials->name;
  const std::string secret = "Secret \"" + name + "\" of namespace \"" + workspace.metadata.ns + "\"";
  if (*answer) {
    auto read = credentials_of(answer->value(), workspace.spec.image.repository);
    memory.credentials.reset();
    memory.refusal.reset();
    if (auto* refusal = std::get_if<Refusal>(&read)) {
      memory.refusal = std::move(*refusal);
    } else {
      memory.credentials = std::move(std::get<registry::Credentials>(read));
    }
  } else if (answer->error().code == Errc::forbidden) {
    memory.credentials.reset();
    memory.refusal = {"CredentialsNotGranted",
                      "spec.image.follow.credentials: the operator may not read " + secret +
                          "; apply deploy/registry-credentials.yaml there, with this name, to let it"};
  } else if (answer->error().code == Errc::not_found) {
    memory.credentials.reset();
    memory.refusal = {"CredentialsNotFound",
                      "spec.image.follow.credentials: there is no " + secret + "; create it or correct the name"};
  } else {
    return;  // it is read again
  }
  memory.read_at = now;
}

void ImageQuestions::forget(const ObjectKey& workspace) {
  if (memory_.erase(workspace) > 0 && poller_ != nullptr) poller_->forget(workspace);
}

}  // namespace atelier::reconcile
