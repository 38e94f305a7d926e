package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// prefix is what the names of a query service's functions begin with.
func (k kind) prefix() string {
	if k == ec2Query {
		return "awsEc2query_"
	}
	return "awsAwsquery_"
}

// member is what an element of a list is called in an answer, and between a
// list and its numbers in a request.
func (k kind) member() string {
	if k == ec2Query {
		return "item"
	}
	return "member"
}

// readQuery reads the code of a service that is sent forms and answers XML.
func (t *tables) readQuery(src *source, k kind) error {
	t.sent, t.answered = names{}, names{}
	items := itemNames(src, k)
	for _, name := range slices.Sorted(maps.Keys(src.funcs)) {
		f := src.funcs[name]
		rest, ok := strings.CutPrefix(name, k.prefix())
		if !ok {
			// awsEc2query_serializeOpX.HandleSerialize has the action and the version.
			continue
		}
		var err error
		switch {
		case strings.HasPrefix(rest, "serializeOpDocument"), strings.HasPrefix(rest, "serializeDocument"):
			err = t.readSerializer(f, k, items)
		case strings.HasSuffix(rest, ".HandleSerialize"):
			err = t.readAction(f, strings.TrimSuffix(strings.TrimPrefix(rest, "serializeOp"), ".HandleSerialize"))
		case strings.HasSuffix(rest, "Unwrapped"):
		case strings.HasPrefix(rest, "deserializeOpDocument"), strings.HasPrefix(rest, "deserializeDocument"):
			err = t.readDeserializer(f, k, items)
		case strings.HasSuffix(rest, ".HandleDeserialize"):
			err = readResult(f, strings.TrimSuffix(strings.TrimPrefix(rest, "deserializeOp"), ".HandleDeserialize"))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if t.version == "" || len(t.sent) == 0 || len(t.answered) == 0 {
		return fmt.Errorf("nothing was found in it")
	}
	t.namespace = namespaces[k][t.version]
	if t.namespace == "" {
		return fmt.Errorf("the XML namespace of version %s is not known", t.version)
	}
	if err := t.sent.complete(src.structs); err != nil {
		return err
	}
	return t.answered.complete(src.structs)
}

// namespaces are of the XML of each API version. The SDK does not read them;
// they stand in the examples of each API reference.
var namespaces = map[kind]map[string]string{
	ec2Query: {"2016-11-15": "http://ec2.amazonaws.com/doc/2016-11-15/"},
	awsQuery: {
		"2011-01-01": "http://autoscaling.amazonaws.com/doc/2011-01-01/",
		"2011-06-15": "https://sts.amazonaws.com/doc/2011-06-15/",
	},
}

// readAction takes the version out of the code that makes a request.
func (t *tables) readAction(f *ast.FuncDecl, op string) error {
	said := map[string]string{}
	for c := range callsIn(f.Body) {
		outer, ok := c.Fun.(*ast.SelectorExpr)
		if !ok || outer.Sel.Name != "String" {
			continue
		}
		if key, ok := outer.X.(*ast.CallExpr); ok && callee(key) == "body.Key" {
			said[text(key.Args[0])] = text(c.Args[0])
		}
	}
	if said["Action"] != op {
		return fmt.Errorf("its action is %q", said["Action"])
	}
	if t.version != "" && t.version != said["Version"] {
		return fmt.Errorf("it has version %q, others have %q", said["Version"], t.version)
	}
	t.version = said["Version"]
	return nil
}

// readResult makes sure that an answer is wrapped by the rule that package wire
// has.
func readResult(f *ast.FuncDecl, op string) error {
	for c := range callsIn(f.Body) {
		if callee(c) == "decoder.GetElement" && text(c.Args[0]) != op+"Result" {
			return fmt.Errorf("its result is in %q", text(c.Args[0]))
		}
	}
	return nil
}

// itemNames are what the elements of lists are called, by the function that
// reads or writes the list, where it is not the rule.
func itemNames(src *source, k kind) map[string]string {
	items := map[string]string{}
	for name, f := range src.funcs {
		for c := range callsIn(f.Body) {
			item := ""
			switch params := f.Type.Params.List; {
			case callee(c) == "value.Array" && k == awsQuery: // EC2's have no such names
				item = text(c.Args[0])
			case callee(c) == "strings.EqualFold" && len(params) == 2 && isList(params[0].Type):
				item = text(c.Args[0])
			}
			if item != "" && item != k.member() {
				items[name] = item
			}
		}
	}
	return items
}

// isList is true for []T and *[]T.
func isList(t ast.Expr) bool {
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	_, list := t.(*ast.ArrayType)
	return list
}

// readSerializer reads the names of a structure's fields in a request.
func (t *tables) readSerializer(f *ast.FuncDecl, k kind, items map[string]string) error {
	if isList(f.Type.Params.List[0].Type) {
		return nil
	}
	typ := typeName(f.Type.Params.List[0].Type)
	if typ == "" || len(f.Body.List) < 3 {
		return fmt.Errorf("it is neither of a structure nor of a list")
	}
	if t.sent[typ] == nil {
		t.sent[typ] = map[string]string{}
	}
	for _, s := range f.Body.List[2 : len(f.Body.List)-1] {
		field, wire, err := sentField(s, k)
		if err != nil {
			return err
		}
		if err := t.sent.add(typ, field, wire+itemOf(s, items)); err != nil {
			return err
		}
	}
	return nil
}

// itemOf is what follows a list's name where its elements are not called as
// the rule says.
func itemOf(n ast.Node, items map[string]string) string {
	for c := range callsIn(n) {
		if item := items[callee(c)]; item != "" {
			return "/" + item
		}
	}
	return ""
}

// How the SDK writes a value, for each function that it has for it. There is no
// other in the services that are read.
var writers = []string{"String", "Boolean", "Integer", "Long", "Double", "Base64EncodeBytes"}

// sentField reads one statement of a serializer: if v.Field != nil { objectKey
// := object.Key("Wire") … }.
func sentField(s ast.Stmt, k kind) (field, wire string, err error) {
	cond, ok := s.(*ast.IfStmt)
	if !ok {
		return "", "", fmt.Errorf("unknown statement %T", s)
	}
	flat, list := false, false
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if dotted(n.X) == "v" {
				field = n.Sel.Name
			}
		case *ast.CallExpr:
			switch name := callee(n); {
			case name == "object.Key":
				wire = text(n.Args[0])
			case name == "object.FlatKey":
				wire, flat = text(n.Args[0]), true
			case strings.HasPrefix(name, k.prefix()):
				list = true // or a structure, for which it makes no difference
			case strings.HasPrefix(name, "objectKey."):
				if !slices.Contains(writers, strings.TrimPrefix(name, "objectKey.")) {
					err = fmt.Errorf("%s is written by %s", field, name)
				}
			case strings.HasPrefix(name, "smithytime.") && name != "smithytime.FormatDateTime":
				err = fmt.Errorf("%s is a time written by %s", field, name)
			}
		}
		return true
	})
	switch {
	case err != nil:
	case field == "" || wire == "":
		err = fmt.Errorf("a field without a name")
	case flat && (k != ec2Query || !list):
		err = fmt.Errorf("%s is flat", field)
	}
	return field, wire, err
}

// readDeserializer reads the names of a structure's fields in an answer.
func (t *tables) readDeserializer(f *ast.FuncDecl, k kind, items map[string]string) error {
	param := f.Type.Params.List[0].Type
	if isList(param) {
		return nil
	}
	typ := typeName(param)
	if typ == "" {
		return fmt.Errorf("it is neither of a structure nor of a list")
	}
	if t.answered[typ] == nil {
		t.answered[typ] = map[string]string{}
	}
	var err error
	ast.Inspect(f.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CaseClause)
		if !ok || c.List == nil || err != nil {
			return err == nil
		}
		is, ok := c.List[0].(*ast.CallExpr)
		if !ok || callee(is) != "strings.EqualFold" {
			err = fmt.Errorf("a case that is no name")
			return false
		}
		var field string
		if field, err = answeredField(c); err == nil {
			err = t.answered.add(typ, field, text(is.Args[0])+itemOf(c, items))
		}
		return false
	})
	return err
}

// answeredField is the field that a case of a deserializer sets.
func answeredField(c *ast.CaseClause) (field string, err error) {
	for _, s := range c.Body {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if dotted(n.X) == "sv" {
					field = n.Sel.Name
				}
			case *ast.CallExpr:
				if name := callee(n); strings.HasPrefix(name, "smithytime.") && name != "smithytime.ParseDateTime" {
					err = fmt.Errorf("a time read by %s", name)
				}
			}
			return true
		})
	}
	if field == "" && err == nil {
		err = fmt.Errorf("a case that sets no field")
	}
	return field, err
}

// callsIn is every call below a node.
func callsIn(root ast.Node) func(func(*ast.CallExpr) bool) {
	return func(yield func(*ast.CallExpr) bool) {
		more := true
		ast.Inspect(root, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && more {
				more = yield(c)
			}
			return more
		})
	}
}

// text is a string literal's value; empty for anything else.
func text(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}
