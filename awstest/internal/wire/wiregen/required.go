package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// readRequired reads the validators: which fields of each type must be given.
// What is nested is found by its own type.
func readRequired(src *source) (map[string][]string, error) {
	required := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(src.funcs)) {
		f := src.funcs[name]
		if !strings.HasPrefix(name, "validate") || strings.Contains(name, ".") || f.Type.Params == nil {
			continue
		}
		typ := typeName(f.Type.Params.List[0].Type)
		if typ == "" || src.structs[typ] == nil {
			continue // of a list or a union
		}
		for c := range callsIn(f.Body) {
			if callee(c) == "smithy.NewErrParamRequired" {
				field := text(c.Args[0])
				if !src.structs[typ][field] {
					return nil, fmt.Errorf("%s requires %s, which %s does not have", name, field, typ)
				}
				required[typ] = append(required[typ], field)
			}
		}
	}
	if len(required) == 0 {
		return nil, fmt.Errorf("nothing in it is required")
	}
	return required, nil
}
