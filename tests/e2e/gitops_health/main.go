// Says how well objects are, by the words of those who show it: Argo CD runs a Lua script in gopher-lua, Flux evaluates
// expressions of a Kustomization, and both Flux and `kubectl wait`'s relatives know kstatus.
//
//	health ARGOCD-CM.yaml FLUX-KUSTOMIZATION.yaml < objects.json
//
// Reads a JSON array of objects and writes one of {"argo": {"status", "message"}, "flux": "...", "kstatus": "..."}.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

type argoHealth struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type verdict struct {
	Argo    argoHealth `json:"argo"`
	Flux    string     `json:"flux"`
	Kstatus string     `json:"kstatus"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "health:", err)
		os.Exit(1)
	}
}

func read(path string, into any) {
	text, err := os.ReadFile(path)
	must(err)
	must(yaml.Unmarshal(text, into))
}

// The script for the whole API group.
func argoScript(path string) string {
	var configMap struct {
		Data map[string]string `json:"data"`
	}
	read(path, &configMap)
	var customizations map[string]map[string]string
	must(yaml.Unmarshal([]byte(configMap.Data["resource.customizations"]), &customizations))
	return customizations["atelier.dev/*"]["health.lua"]
}

func luaValue(state *lua.LState, value any) lua.LValue {
	switch one := value.(type) {
	case bool:
		return lua.LBool(one)
	case int64:
		return lua.LNumber(one)
	case float64:
		return lua.LNumber(one)
	case string:
		return lua.LString(one)
	case []any:
		table := state.CreateTable(len(one), 0)
		for _, item := range one {
			table.Append(luaValue(state, item))
		}
		return table
	case map[string]any:
		table := state.CreateTable(0, len(one))
		for key, item := range one {
			table.RawSetString(key, luaValue(state, item))
		}
		return table
	}
	return lua.LNil
}

// As Argo CD does: the base, package and table libraries, and a script that returns a table.
func argo(script string, object *unstructured.Unstructured) argoHealth {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
	} {
		must(state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)))
	}
	state.SetGlobal("obj", luaValue(state, object.Object))
	must(state.DoString(script))
	said, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		must(fmt.Errorf("the script for %s returned no table", object.GetKind()))
	}
	health := argoHealth{Status: said.RawGetString("status").String()}
	if message, ok := said.RawGetString("message").(lua.LString); ok {
		health.Message = string(message)
	}
	return health
}

// By kind; a kind without an expression goes by kstatus.
func fluxEvaluators(path string) map[string]*cel.StatusEvaluator {
	var kustomization struct {
		Spec struct {
			HealthCheckExprs []kustomize.CustomHealthCheck `json:"healthCheckExprs"`
		} `json:"spec"`
	}
	read(path, &kustomization)
	evaluators := map[string]*cel.StatusEvaluator{}
	for _, check := range kustomization.Spec.HealthCheckExprs {
		evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
		must(err)
		evaluators[check.Kind] = evaluator
	}
	return evaluators
}

func main() {
	if len(os.Args) != 3 {
		must(fmt.Errorf("needs two files"))
	}
	script, evaluators := argoScript(os.Args[1]), fluxEvaluators(os.Args[2])
	var objects []*unstructured.Unstructured
	must(json.NewDecoder(os.Stdin).Decode(&objects))
	verdicts := []verdict{}
	for _, object := range objects {
		computed, err := status.Compute(object)
		must(err)
		said := verdict{Argo: argo(script, object), Flux: string(computed.Status), Kstatus: string(computed.Status)}
		if evaluator := evaluators[object.GetKind()]; evaluator != nil {
			// An expression that cannot be evaluated yet is one that Flux evaluates again.
			said.Flux = string(status.InProgressStatus)
			if evaluated, err := evaluator.Evaluate(context.Background(), object); err == nil {
				said.Flux = string(evaluated.Status)
			}
		}
		verdicts = append(verdicts, said)
	}
	must(json.NewEncoder(os.Stdout).Encode(verdicts))
}
