"""The operator in the cluster, from the image that is shipped."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

from kube import kubectl, listed
from operator_process import ROOT, WORK
from platform_parts import repository

SELECTOR = "app.kubernetes.io/name=atelier"


def shipped_image(tag: str) -> tuple[str, str]:
    """Its repository and digest. Another tag is another image, which does the same."""
    folder = WORK / "image"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([ROOT / "tools/image-root", folder], check=True, cwd=ROOT)
    (folder / "etc" / "image-tag").write_text(tag)
    done = subprocess.run([sys.executable, ROOT / "tests/cluster/images/build.py", "operator",
                           f"{repository('atelier')}:{tag}", folder], check=True, capture_output=True, text=True)
    return repository("atelier"), done.stdout.split()[-1].partition("@")[2]


def overlay(name: str, base: str, image: tuple[str, str]) -> str:
    """A kustomization as a user would write it; the folder that it is in."""
    folder = WORK / "install" / name
    folder.mkdir(parents=True, exist_ok=True)
    document = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
                "resources": [os.path.relpath(ROOT / "deploy" / base, folder)],
                "images": [{"name": "atelier", "newName": image[0], "digest": image[1]}]}
    (folder / "kustomization.yaml").write_text(json.dumps(document))
    return str(folder)


def helm(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    program = [ROOT / "tests/support/go_program", "--package", "helm.sh/helm/v3/cmd/helm", ROOT / "tests/e2e/helm"]
    done = subprocess.run([*program, *arguments], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"helm {' '.join(arguments)}\n{done.stdout}{done.stderr}"
    return done


def pods(namespace: str) -> list[dict[str, Any]]:
    return [pod for pod in listed("pods", namespace, SELECTOR) if not pod["metadata"].get("deletionTimestamp")]


def leader(namespace: str) -> str:
    """The pod that leads."""
    return kubectl("get", "lease", "atelier-operator", "-n", namespace, "-o",
                   "jsonpath={.spec.holderIdentity}").stdout.partition("_")[0]
