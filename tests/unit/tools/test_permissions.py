"""What the end-to-end suite asked is held against the shipped roles: nothing refused, nothing granted in vain."""
from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.path.insert(0, str(ROOT / "tests" / "e2e" / "permissions"))
sys.dont_write_bytecode = True

import asked  # noqa: E402
import check  # noqa: E402
import roles  # noqa: E402
import verdict  # noqa: E402
from accepted import NEVER_ASKED, PROVOKED  # noqa: E402
from asked import Request  # noqa: E402
from verdict import Case, Provoked  # noqa: E402

OPERATOR = "atelier-operator"
POD = ("", "pods", "get")


def role(rule: dict[str, Any], kind: str = "ClusterRole", name: str = "atelier-operator", namespace: str = "") -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, "rules": [rule]}


def rule(resource: str, *verbs: str, group: str = "", **more: Any) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs), **more}


def request(verb: str = "get", resource: str = "pods", **more: Any) -> Request:
    return Request(**{"verbs": (verb,), "group": "", "resource": resource, "namespace": "team-a", "name": "x",
                      "role": OPERATOR, **more})


def refused(**more: Any) -> Request:
    return request(**{"code": 403, "role": "", "message": "no", **more})


def wrong(cases: list[Case]) -> dict[str, str]:
    return {one.name: one.wrong for one in cases if one.wrong}


def event(verb: str = "get", code: int = 200, **more: Any) -> dict[str, Any]:
    reason = 'RBAC: allowed by RoleBinding "some/team-a" of Role "some" to ServiceAccount "atelier-operator/atelier-system"'
    return {"verb": verb, "requestURI": "/api/v1/namespaces/team-a/pods/x/log", "userAgent": "atelier-operator/0.1.0 (linux/amd64)",
            "user": {"username": "system:serviceaccount:atelier-system:atelier-operator"},
            "objectRef": {"resource": "pods", "subresource": "log", "namespace": "team-a", "name": "x"},
            "responseStatus": {"code": code}, "requestReceivedTimestamp": "2026-11-22T14:50:00.000001Z",
            "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": reason}, **more}


def test_roles_are_those_that_are_bound_to_the_account() -> None:
    def binding(to: str, name: str) -> dict[str, Any]:
        return {"kind": "RoleBinding", "roleRef": {"kind": "ClusterRole", "name": to},
                "subjects": [{"kind": "ServiceAccount", "name": name}]}

    given = [role(rule("pods", "get"), name="a"), role(rule("pods", "get"), name="b"), binding("a", "atelier-operator"),
             binding("b", "airflow")]
    assert [roles.name_of(one) for one in roles.roles_of_operator(given)] == ["a"]
    with pytest.raises(KeyError):
        roles.roles_of_operator([binding("nobodys", "atelier-operator")])


def test_a_copy_of_a_template_has_names_of_its_own() -> None:
    named = rule("secrets", "get", resourceNames=["registry"])
    assert [one.names for one in roles.grants(role(named, "Role", "some", "team-a"))] == [()]
    assert [one.names for one in roles.grants(role(named, "Role", "some", roles.HOME))] == [("registry",)]


@pytest.mark.parametrize("given", [
    rule("*", "get"), rule("pods", "*"), rule("pods", "get", group="*"), rule("pods/*", "get"), rule("secrets", "get"),
    rule("pods/exec", "create"), rule("users", "impersonate"), {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
])
def test_what_no_role_of_the_operator_may_have(given: dict[str, Any]) -> None:
    assert len(roles.flaws(role(given))) == 1


def test_secrets_are_read_by_name_and_where_a_team_says_so() -> None:
    def secrets(*verbs: str, **more: Any) -> list[str]:
        return roles.flaws(role(rule("secrets", *verbs, **more), "Role", "atelier-registry-credentials", "team-a"))

    assert secrets("get", resourceNames=["registry"]) == []
    assert secrets("get") and secrets("get", "list", resourceNames=["registry"])


def test_the_shipped_roles_are_without_flaw() -> None:
    shipped = roles.roles_of_operator(roles.documents(ROOT / "deploy"))
    assert {OPERATOR, "atelier-operator-lease", roles.SECRETS} <= {roles.name_of(one) for one in shipped}
    assert wrong(verdict.of_roles(shipped)) == {}


def test_a_request_is_read_from_its_event() -> None:
    assert asked.request_of(event()) == Request(("get",), "", "pods/log", "team-a", "x", 200, "some")


def test_an_apply_that_makes_an_object_was_allowed_to_create_it() -> None:
    assert asked.request_of(event("patch", 201)).verbs == ("patch", "create")
    assert asked.request_of(event("patch", 200)).verbs == ("patch",)


@pytest.mark.parametrize("other", [
    {"user": {"username": "admin"}}, {"user": {}}, {"userAgent": "kubectl/v1.35.0"},
    {"user": {"username": "system:serviceaccount:team-a:atelier-operator-2"}},
])
def test_requests_of_others_are_none_of_the_operators(other: dict[str, Any]) -> None:
    assert asked.request_of(event(**other)) is None


def test_it_is_the_operator_in_whatever_namespace_it_was_installed() -> None:
    assert asked.request_of(event(user={"username": "system:serviceaccount:tools:atelier-operator"})) is not None


def test_a_refused_request_rests_on_no_role() -> None:
    denied = event(code=403, annotations={"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": ""})
    assert asked.request_of(denied).role == ""


def test_an_earlier_session_and_a_half_written_line_are_left_out() -> None:
    early = event(requestReceivedTimestamp="2026-11-22T14:49:59.999999Z")
    lines = [json.dumps(early) + "\n", json.dumps(event("list")) + "\n", json.dumps(event())[:-9]]
    assert [one.verbs for one in asked.read(lines, "2026-11-22T14:50:00Z")] == [("list",)]


def by_admin(verb: str, second: int, code: int = 200, **about: Any) -> dict[str, Any]:
    return event(verb, code, user={"username": "admin"}, objectRef=about,
                 requestReceivedTimestamp=f"2026-11-22T14:50:{second:02}.000000Z")


def leavers(*before: dict[str, Any], code: int = 403) -> list[bool]:
    """Of a request of the operator in team-a at second 40."""
    asks = event(code=code, requestReceivedTimestamp="2026-11-22T14:50:40.5Z")
    # As the API server writes it: without spaces.
    lines = [json.dumps(one, separators=(",", ":")) + "\n" for one in (*before, asks)]
    return [one.is_of_leaver for one in asked.read(lines, "2026-11-22T14:50:00Z")]


def test_who_is_uninstalled_is_refused_until_it_ends() -> None:
    def uninstall(second: int, **about: Any) -> dict[str, Any]:
        return by_admin("delete", second, **{"resource": "clusterrolebindings", "name": OPERATOR, **about})

    assert leavers() == [False]
    assert leavers(uninstall(40)) == [True]
    assert leavers(uninstall(40, resource="rolebindings", namespace="team-a")) == [True], "from chosen namespaces"
    assert leavers(uninstall(40), code=200) == [False]
    assert leavers(uninstall(10)) == [False], "long after it"
    assert leavers(uninstall(40, name="atelier-operator-large-results")) == [False]
    assert leavers(uninstall(40, resource="clusterroles")) == [False]


def test_in_a_namespace_that_is_deleted_it_is_refused_until_that_is_gone() -> None:
    def deleted(second: int, name: str = "team-a", **more: Any) -> dict[str, Any]:
        return by_admin("delete", second, resource="namespaces", namespace=name, name=name, **more)

    def gone(second: int) -> dict[str, Any]:
        return by_admin("update", second, resource="namespaces", namespace="team-a", name="team-a", subresource="finalize")

    assert leavers(deleted(1)) == [True]
    assert leavers(deleted(1), gone(39)) == [True], "what is on its way"
    assert leavers(deleted(1), gone(9)) == [False], "long after it"
    assert leavers(deleted(1), code=200) == [False]
    assert leavers(deleted(1, "team-b")) == [False]
    assert leavers(deleted(1, code=403)) == [False], "who was not allowed to delete it took nothing away"


def test_what_the_api_server_put_away_is_read_first(tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_text("2\n")
    (tmp_path / "audit-2026-11-22T14-50-00.000.log").write_text("1\n")
    assert list(asked.lines_of(tmp_path / "audit.log")) == ["1\n", "2\n"]


def test_a_verb_that_no_request_needed_is_told() -> None:
    one = role(rule("pods", "get", "list"))
    assert wrong(verdict.of_grants([one], [request()], {})) == {f"{OPERATOR}: pods": "granted, and no test needs it: list"}
    assert wrong(verdict.of_grants([one], [request(), request("list")], {})) == {}


@pytest.mark.parametrize("other", [
    {"role": "another"}, {"resource": "pods/log"}, {"group": "apps"}, {"name": "y"},
    {"role": "", "code": 403},
])
def test_a_request_needs_the_rule_that_it_rests_on_and_no_other(other: dict[str, Any]) -> None:
    one = role(rule("pods", "get", resourceNames=["x"]))
    assert wrong(verdict.of_grants([one], [request()], {})) == {}
    assert wrong(verdict.of_grants([one], [request(**other)], {})) != {}


def test_a_verb_that_is_never_a_request_is_accepted_as_long_as_it_is_granted_and_none() -> None:
    one = role(rule("pods", "get"))
    assert wrong(verdict.of_grants([one], [], {POD: "why"})) == {}
    assert wrong(verdict.of_never_asked([one], [], {POD: "why"})) == {}
    assert wrong(verdict.of_never_asked([one], [request()], {POD: "why"})) == {"get pods": "it was asked"}
    assert wrong(verdict.of_never_asked([], [], {POD: "why"})) == {"get pods": "no role grants it any more"}


def test_a_refusal_is_told_once_for_all_of_its_kind() -> None:
    told = wrong(verdict.of_refusals([refused(), refused(), request()], []))
    assert told == {"nothing else": '2 x get pods "x" in team-a: no'}


def test_a_refusal_of_who_is_uninstalled_is_nothing_to_tell() -> None:
    assert wrong(verdict.of_refusals([refused(is_of_leaver=True)], [])) == {}
    assert list(wrong(verdict.of_refusals([refused(is_of_leaver=True), refused()], []))) == ["nothing else"]


PROVOKES = Provoked("test_x.py::test_y", ("get",), "pods", namespace="team-.*", name="x", message="no")


def test_what_a_test_provokes_is_accepted() -> None:
    assert wrong(verdict.of_refusals([refused()], [PROVOKES])) == {}


@pytest.mark.parametrize("other", [
    {"verb": "list"}, {"resource": "pods/log"}, {"namespace": "my-team-a"}, {"name": "xx"}, {"message": "other words"},
])
def test_and_nothing_beside_it(other: dict[str, Any]) -> None:
    assert list(wrong(verdict.of_refusals([refused(), refused(**other)], [PROVOKES]))) == ["nothing else"]


def test_what_no_test_provoked_any_more_is_no_exception() -> None:
    assert wrong(verdict.of_refusals([request()], [PROVOKES])) == {"test_x.py::test_y get pods": "nothing was"}


def test_a_role_or_rule_that_is_not_shipped_helps_nobody() -> None:
    one = role(rule("pods", "get"))
    assert wrong(verdict.of_strangers([one], [request(), refused(verb="list")])) == {}
    assert wrong(verdict.of_strangers([one], [request(resource="/version", role="system:public-info-viewer")])) == {}
    told = wrong(verdict.of_strangers([one], [request(), request(role="made-by-a-test"), request("list"), request("list")]))
    assert told == {"no other": "1 x get pods by made-by-a-test\n2 x list pods by atelier-operator"}


def test_every_exception_names_a_function_that_is_there() -> None:
    for one in PROVOKED:
        file, _, function = one.test.partition("::")
        assert re.search(rf"^ *def {function}\(", (ROOT / "tests" / "e2e" / file).read_text(), re.M), one.test
    assert all(reason for reason in NEVER_ASKED.values())


def test_what_is_wrong_fails_in_the_junit_file() -> None:
    suite = check.junit([Case("used", "a"), Case("used", "b", "two\nlines"), Case("used", "c")]).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert [case.find("failure") is not None for case in suite] == [False, True, False]
    assert suite[1][0].get("message") == "two" and suite[1][0].text == "two\nlines"
