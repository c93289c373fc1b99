"""What is refused on purpose, and what is granted though no request is ever for it."""
from __future__ import annotations

from verdict import Permission, Provoked

# Of each at least one has to be seen.
PROVOKED = [
    # Namespaces go while the operator works in them, or what was granted there has gone: the refusal says so.
    Provoked("platform_parts.py::remove", ("create", "patch", "get"),
             message='because it is being terminated|"atelier-airflow-restart" not found'),
    Provoked("test_follow.py::test_a_registry_with_a_password_is_asked_with_the_secret_that_the_team_grants", ("get",),
             "secrets", namespace=".*-team", name="closed"),
    Provoked("test_large_results.py::test_without_the_grant_the_task_waits_and_says_what_to_do", ("get",), "pods/log",
             namespace="m-test-large-results-team", name="no-grant-.*"),
    Provoked("test_item_results.py::test_while_they_cannot_be_stored_the_run_says_why", ("create",), "controllerrevisions",
             namespace="m-test-item-results-team", name="no-room-results-.*", message="exceeded quota: no-more"),
    Provoked("test_airflow_env.py::test_a_dangling_mount_a_wrong_name_and_a_missing_grant_are_told", ("get",), "deployments",
             namespace=".*-missing-grant-are-told-storage", name="airflow-webserver"),
    Provoked("test_airflow_env.py::test_a_dangling_mount_a_wrong_name_and_a_missing_grant_are_told", ("get",), "statefulsets",
             namespace=".*-missing-grant-are-told-storage", name="airflow-scheduler"),
    # Helm takes the role away before the operators have ended: the leader cannot give its lease back.
    Provoked("test_helm.py::test_a_release_is_installed_upgraded_rolled_back_and_uninstalled_under_work", ("get", "patch"),
             "leases", namespace="tools", name="atelier-operator"),
]

# The admission plugin OwnerReferencesPermissionEnforcement of the test cluster asks, inside of other requests.
_OWNED = "asked about where an owner reference blocks deletion"
NEVER_ASKED: dict[Permission, str] = {
    ("rbac.authorization.k8s.io", "clusterroles", "bind"): "asked about inside of a RoleBinding's create and patch",
    ("atelier.dev", "datadomains/finalizers", "update"): _OWNED,
    ("atelier.dev", "workspaces/finalizers", "update"): _OWNED,
    ("atelier.dev", "pipelineruns/finalizers", "update"): _OWNED,
    ("apps", "controllerrevisions", "delete"): "asked about where a patch adds an owner",
}
