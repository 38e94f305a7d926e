package main

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// readSchemas reads the code of a service that is made of schemas: what each
// member of one is called, and which field of Go's has it.
func (t *tables) readSchemas(src *source) error {
	t.answered = names{}           // and in a request the same
	members := map[string]string{} // the name that a schema has, by its variable
	for _, c := range src.calls {
		switch name := callee(c); {
		case strings.HasSuffix(name, ".AddMember"):
			outer := strings.TrimSuffix(name, ".AddMember")
			members[outer+"_"+text(c.Args[0])] = text(c.Args[0])
			for _, trait := range c.Args[2:] {
				// Not XMLName, which JSON knows nothing of.
				if is := traitName(trait); is != "smithytraits.XMLName" && is != "smithytraits.Sensitive" {
					return fmt.Errorf("a member of %s has the trait %s", outer, is)
				}
			}
		case name == "smithy.NewServiceSchema":
			t.version = text(c.Args[1])
			t.target = strings.TrimPrefix(dotted(c.Args[0]), "_")
		}
	}
	if t.version == "" || t.target == "" {
		return fmt.Errorf("it has no service schema")
	}
	for _, name := range slices.Sorted(maps.Keys(src.funcs)) {
		typ, method, _ := strings.Cut(name, ".")
		if method != "SerializeMembers" || src.isVariant(typ) {
			continue
		}
		if err := readMembers(src.funcs[name], typ, members, t.answered); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(t.answered) == 0 {
		return fmt.Errorf("nothing was found in it")
	}
	return t.answered.complete(src.structs)
}

// readMembers reads one SerializeMembers: if v.Field != nil {
// s.WriteString(schemas.Type_Member, *v.Field) }, or without the condition.
func readMembers(f *ast.FuncDecl, typ string, members map[string]string, into names) error {
	if into[typ] == nil {
		into[typ] = map[string]string{}
	}
	for _, statement := range f.Body.List {
		var field, member string
		ast.Inspect(statement, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				switch dotted(sel.X) {
				case "v":
					field = sel.Sel.Name
				case "schemas":
					member = sel.Sel.Name
				}
			}
			return true
		})
		wire, known := members[member]
		if !known || field == "" {
			return fmt.Errorf("no name for the field %q, with the schema %q", field, member)
		}
		if err := into.add(typ, field, wire); err != nil {
			return err
		}
	}
	return nil
}

// traitName is the type of a trait: &smithytraits.XMLName{…}.
func traitName(e ast.Expr) string {
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = u.X
	}
	if c, ok := e.(*ast.CompositeLit); ok {
		return dotted(c.Type)
	}
	return fmt.Sprintf("%T", e)
}

// isVariant is true for one of the types that a union can have: UnionMemberX,
// with a Value. No operation that is modelled has any.
func (src *source) isVariant(typ string) bool {
	return strings.Contains(typ, "Member") && len(src.structs[typ]) == 1 && src.structs[typ]["Value"]
}
