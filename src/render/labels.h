// Labels, annotations and names by which the operator finds what it made.
#pragma once

#include <cstdint>
#include <string>

#include "atelier/api/workspace.h"
#include "atelier/base/ids.h"

namespace atelier::render {

inline constexpr const char* kManagedBy = "app.kubernetes.io/managed-by";
inline constexpr const char* kManager = "atelier";
inline constexpr const char* kManagedSelector = "app.kubernetes.io/managed-by=atelier";

inline constexpr const char* kComponent = "atelier.dev/component";
inline constexpr const char* kPublish = "publish";
inline constexpr const char* kSweep = "sweep";
inline constexpr const char* kTask = "task";
inline constexpr const char* kContainers = "containers";
inline constexpr const char* kRevision = "revision";
inline constexpr const char* kRevisionSelector = "app.kubernetes.io/managed-by=atelier,atelier.dev/component=revision";
inline constexpr const char* kResults = "results";
inline constexpr const char* kAirflowEnv = "airflow-env";
inline constexpr const char* kTenancy = "tenancy";
inline constexpr const char* kTenancySelector = "app.kubernetes.io/managed-by=atelier,atelier.dev/component=tenancy";

inline constexpr const char* kWorkspace = "atelier.dev/workspace";
inline constexpr const char* kWorkspaceNamespace = "atelier.dev/workspace-namespace";
inline constexpr const char* kWorkspaceUid = "atelier.dev/workspace-uid";
inline constexpr const char* kDataDomain = "atelier.dev/data-domain";
inline constexpr const char* kRun = "atelier.dev/run";
inline constexpr const char* kRunUid = "atelier.dev/run-uid";
inline constexpr const char* kTaskName = "atelier.dev/task";
inline constexpr const char* kItem = "atelier.dev/item";  // of a fan-out, counted from 0
inline constexpr const char* kAttempt = "atelier.dev/attempt";

inline constexpr const char* kInputHash = "atelier.dev/input-hash";   // annotation: what decided the object's content
inline constexpr const char* kGeneration = "atelier.dev/generation";  // annotation: of the Workspace
inline constexpr const char* kImage = "atelier.dev/image";            // annotation: what people call it
// Annotation: the image with its digest, of a release that is gone back to and of one that is followed.
inline constexpr const char* kImageDigest = "atelier.dev/image-digest";

inline constexpr const char* kClaims = "atelier.dev/claims";  // annotation of a sweep pod: name=uid, comma-separated

// annotation of a pod template: the hash of the variables that Airflow was started for
inline constexpr const char* kAirflowEnvHash = "atelier.dev/airflow-env";

inline constexpr const char* kStarted = "atelier.dev/started";  // annotation of a run: the uid it started under

inline constexpr const char* kResultFinalizer = "atelier.dev/result";

// The publish pod's constant name is the mutex of its workspace.
std::string publish_pod_name(const ObjectKey& workspace);
// The sweep pod's constant name is the mutex of its DataDomain.
std::string sweep_pod_name(const std::string& data_domain);

}  // namespace atelier::render
