// The specs of deploy/base/approval-policy.yaml, as JSON. A test holds them to that file.
#pragma once

namespace atelier::reconcile {

inline constexpr const char* kApprovalPolicySpec = R"json({
  "failurePolicy": "Fail",
  "matchConstraints": {
    "matchPolicy": "Equivalent",
    "namespaceSelector": {},
    "objectSelector": {},
    "resourceRules": [
      {
        "apiGroups": [
          "atelier.dev"
        ],
        "apiVersions": [
          "*"
        ],
        "resources": [
          "approvals",
          "pipelineruns"
        ],
        "operations": [
          "CREATE",
          "UPDATE"
        ],
        "scope": "*"
      }
    ]
  },
  "variables": [
    {
      "name": "creates",
      "expression": "request.operation == 'CREATE'"
    },
    {
      "name": "approval",
      "expression": "request.resource.resource == 'approvals'"
    },
    {
      "name": "run",
      "expression": "request.resource.resource == 'pipelineruns'"
    },
    {
      "name": "spec",
      "expression": "dyn(object.spec)"
    },
    {
      "name": "old",
      "expression": "dyn(oldObject.spec)"
    }
  ],
  "validations": [
    {
      "expression": "!(variables.approval && variables.creates) || variables.spec.user == request.userInfo.username",
      "messageExpression": "'spec.user is \"' + string(variables.spec.user) + '\", should be your own name, \"' + request.userInfo.username + '\"'",
      "message": "spec.user should be your own name",
      "reason": "Forbidden"
    },
    {
      "expression": "!(variables.approval && variables.creates) || authorizer.group('atelier.dev').resource('pipelineruns').namespace(request.namespace) .name(variables.spec.run.name).check('approve').allowed()",
      "messageExpression": "'\"' + request.userInfo.username + '\" lacks the verb \"approve\" on pipelineruns.atelier.dev \"' + string(variables.spec.run.name) + '\" in namespace \"' + request.namespace + '\"'",
      "message": "you lack the verb \"approve\" on the run",
      "reason": "Forbidden"
    },
    {
      "expression": "!variables.approval || variables.creates || variables.spec == variables.old",
      "message": "an Approval cannot be changed; delete it and make another",
      "reason": "Forbidden"
    },
    {
      "expression": "!(variables.run && variables.creates) || !has(variables.spec.author) || variables.spec.author == request.userInfo.username",
      "messageExpression": "'spec.author is \"' + string(variables.spec.author) + '\", should be your own name, \"' + request.userInfo.username + '\"'",
      "message": "spec.author should be your own name",
      "reason": "Forbidden"
    },
    {
      "expression": "!variables.run || variables.creates || (has(variables.spec.author) ? has(variables.old.author) && variables.spec.author == variables.old.author : !has(variables.old.author))",
      "message": "spec.author cannot be changed; make another run instead",
      "reason": "Forbidden"
    }
  ]
})json";

inline constexpr const char* kApprovalBindingSpec = R"json({
  "policyName": "atelier-approvals",
  "validationActions": [
    "Deny"
  ]
})json";

}  // namespace atelier::reconcile
