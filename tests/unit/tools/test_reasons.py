"""docs/reference/conditions.md tells every reason that the code can write."""
from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [*ROOT.glob("src/reconcile/*.cpp"), *ROOT.glob("src/engine/*.[ch]*"), *ROOT.glob("src/api/validate*.cpp"),
           *ROOT.glob("src/api/*_warnings.cpp"),
           *ROOT.glob("include/atelier/engine/*.h"), *ROOT.glob("src/api/findings*"), ROOT / "src/stage/outcome.cpp",
           ROOT / "src/render/profile.cpp", ROOT / "src/reconcile/places.h", ROOT / "src/reconcile/workspace_words.h"]
# Words in the code that are no reasons of ours: values, kinds, and what Kubernetes itself says.
OTHERS = {
    "False", "True", "Error", "Pending", "Waiting", "Skipped", "Background", "ControllerRevision", "PodScheduled",
    "Progressing", "ReplicaFailure", "ContainerStatusUnknown", "CreateContainerConfigError", "CreateContainerError",
    "RunContainerError", "ErrImageNeverPull", "ErrImagePull", "ImageInspectError", "RegistryUnavailable",
    "SignatureValidationFailed", "Preempting", "Terminated", "NodeLost", "NodeAffinity", "OutOfcpu", "OutOfmemory",
    "OutOfpods", "Shutdown", "TopologyAffinityError", "UnexpectedAdmissionError",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
    "ContainerCreating", "Namespace", "ServiceAccount", "Apply", "PodInitializing", "Equal", "Exists", "NoExecute",
    "StartError", "ContainerCannotRun",
    "ReadWriteMany", "ReadOnlyMany", "ConfigMap", "Deployment", "StatefulSet",
}

# The kubelet's, of Events that are passed on whatever they say.
PASSED_ON = {"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"}


def test_every_reason_is_explained() -> None:
    words = {word for file in SOURCES for word in re.findall(r'"([A-Z][a-z]+(?:[A-Z][a-zA-Z]*)?|OOMKilled)"', file.read_text())}
    explained = set(re.findall(r"`([A-Za-z]+)`", (ROOT / "docs/reference/conditions.md").read_text()))
    assert len(words) > 60
    assert words - OTHERS - explained == set()


def test_nothing_is_explained_that_the_code_does_not_say() -> None:
    said = "".join(file.read_text() for file in SOURCES)
    explained = re.findall(r"`([A-Z][A-Za-z]+)`", (ROOT / "docs/reference/conditions.md").read_text())
    assert [word for word in explained if word not in {"Unknown", *PASSED_ON} and f'"{word}"' not in said] == []
