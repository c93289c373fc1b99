// What cel-go says to expressions. The first line of stdin is {"types": ..., "values": ...}, each other line is an
// expression as a JSON string; each line of stdout is the answer to one:
//
//	{"refused": message}, {"type": type, "failed": message} or {"type": type, "value": value}
//
// A type is its name, {"list": T}, {"map": [K, V]} or {"object": {name: T}}. A value is null, true, a string, {"i": "1"}
// for an int, {"d": "bits of the double"}, a list of values, or {"m": [[key, value], ...]} in the order of the keys.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
)

// objects declares each object type under the name that lists its fields, so that equal ones are the same.
type objects struct {
	*types.Registry
	fields map[string]map[string]*types.Type
}

func (o *objects) FindStructType(name string) (*types.Type, bool) {
	if _, found := o.fields[name]; found {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return o.Registry.FindStructType(name)
}

func (o *objects) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	fields, found := o.fields[name]
	if !found {
		return o.Registry.FindStructFieldType(name, field)
	}
	fieldType, found := fields[field]
	if !found {
		return nil, false
	}
	return &types.FieldType{
		Type: fieldType,
		IsSet: func(object any) bool {
			_, set := object.(map[string]any)[field]
			return set
		},
		GetFrom: func(object any) (any, error) {
			value, set := object.(map[string]any)[field]
			if !set {
				return nil, fmt.Errorf("no such key: %s", field)
			}
			return value, nil
		},
	}, true
}

var simple = map[string]*types.Type{
	"bool": types.BoolType, "int": types.IntType, "double": types.DoubleType, "string": types.StringType,
	"null": types.NullType, "dyn": types.DynType,
}

func (o *objects) typeOf(said any) *types.Type {
	if name, is := said.(string); is {
		return simple[name]
	}
	parts := said.(map[string]any)
	if element, is := parts["list"]; is {
		return types.NewListType(o.typeOf(element))
	}
	if pair, is := parts["map"]; is {
		return types.NewMapType(o.typeOf(pair.([]any)[0]), o.typeOf(pair.([]any)[1]))
	}
	fields := map[string]*types.Type{}
	var names []string
	for name, field := range parts["object"].(map[string]any) {
		fields[name] = o.typeOf(field)
		names = append(names, name)
	}
	sort.Strings(names)
	for i, name := range names {
		names[i] = name + ": " + cel.FormatCELType(fields[name])
	}
	name := "{" + strings.Join(names, ", ") + "}"
	o.fields[name] = fields
	return types.NewObjectType(name)
}

func number(parts map[string]any) any {
	if digits, is := parts["i"]; is {
		value, _ := strconv.ParseInt(digits.(string), 10, 64)
		return value
	}
	bits, _ := strconv.ParseUint(parts["d"].(string), 10, 64)
	return math.Float64frombits(bits)
}

func valueOf(said any) any {
	switch said := said.(type) {
	case []any:
		list := make([]any, len(said))
		for i, element := range said {
			list[i] = valueOf(element)
		}
		return list
	case map[string]any:
		entries, is := said["m"].([]any)
		if !is {
			return number(said)
		}
		names, numbers, flags := map[string]any{}, map[int64]any{}, map[bool]any{}
		for _, entry := range entries {
			value := valueOf(entry.([]any)[1])
			switch key := valueOf(entry.([]any)[0]).(type) {
			case int64:
				numbers[key] = value
			case bool:
				flags[key] = value
			case string:
				names[key] = value
			}
		}
		if len(numbers) > 0 {
			return numbers
		}
		if len(flags) > 0 {
			return flags
		}
		return names
	}
	return said
}

func sayValue(value ref.Val) any {
	switch value := value.(type) {
	case types.Int:
		return map[string]string{"i": strconv.FormatInt(int64(value), 10)}
	case types.Double:
		return map[string]string{"d": strconv.FormatUint(math.Float64bits(float64(value)), 10)}
	case types.Bool, types.String:
		return value.Value()
	case traits.Lister:
		list := []any{}
		for i := types.Int(0); i < value.Size().(types.Int); i++ {
			list = append(list, sayValue(value.Get(i)))
		}
		return list
	case traits.Mapper:
		entries := [][]any{}
		for it := value.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			entries = append(entries, []any{sayValue(key), sayValue(value.Get(key))})
		}
		return map[string]any{"m": entries}
	case types.Null:
		return nil
	}
	return fmt.Sprintf("%T", value)
}

type answer struct {
	Refused string `json:"refused,omitempty"`
	Type    string `json:"type,omitempty"`
	Failed  string `json:"failed,omitempty"`
	Value   any    `json:"value"`
}

func answerTo(env *cel.Env, expression string, bindings map[string]any) answer {
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return answer{Refused: issues.Err().Error()}
	}
	said := answer{Type: cel.FormatCELType(ast.OutputType())}
	program, err := env.Program(ast)
	if err != nil {
		said.Failed = err.Error()
		return said
	}
	value, _, err := program.Eval(bindings)
	if err != nil {
		said.Failed = err.Error()
		return said
	}
	said.Value = sayValue(value)
	return said
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	lines.Scan()
	var said struct{ Types, Values map[string]any }
	fail(json.Unmarshal(lines.Bytes(), &said))
	registry, err := types.NewRegistry()
	fail(err)
	known := &objects{registry, map[string]map[string]*types.Type{}}
	// As in Kubernetes. Without it, v0.26 allows 1 < 1.5 all the same, but only behind the first macro of an expression.
	options := []cel.EnvOption{cel.CustomTypeProvider(known), cel.CustomTypeAdapter(registry),
		cel.CrossTypeNumericComparisons(true), ext.Lists()}
	bindings := map[string]any{}
	for name, declared := range said.Types {
		options = append(options, cel.Variable(name, known.typeOf(declared)))
	}
	for name, value := range said.Values {
		bindings[name] = valueOf(value)
	}
	env, err := cel.NewEnv(options...)
	fail(err)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	answers := json.NewEncoder(out)
	for lines.Scan() {
		var expression string
		fail(json.Unmarshal(lines.Bytes(), &expression))
		fail(answers.Encode(answerTo(env, expression, bindings)))
	}
	fail(lines.Err())
}
