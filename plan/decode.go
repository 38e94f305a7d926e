package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The codes of the errors of [Decode] and [DecodeReport].
const (
	// CodeSchema means that the file has another schema version than [Schema].
	CodeSchema = "plan.Schema"
	// CodeEdited means that the plan is not what its digest says.
	CodeEdited = "plan.Edited"
	// CodeMalformed means that the file is not a plan or report: it is not JSON, it has
	// an unknown field or a value of another type, or it refers to what it does not have.
	CodeMalformed = "plan.Malformed"
)

// Decode reads a plan file: the JSON of one [Plan], as encoding/json writes it. A plan
// that it returns can be applied: it has the schema of this version, no field that this
// version would ignore, and its digest.
//
// Errors: an [*Error] with [CodeSchema], [CodeMalformed] or [CodeEdited], which says in
// a sentence what is wrong with the file; those of the reader.
func Decode(r io.Reader) (*Plan, error) {
	var p Plan
	if err := decode(r, "plan", &p); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, malformed("plan", err)
	}
	if !p.Sealed() {
		return nil, edited("plan")
	}
	return &p, nil
}

// DecodeReport reads a report file: the JSON of one [Report].
//
// Errors: as those of [Decode].
func DecodeReport(r io.Reader) (*Report, error) {
	var report Report
	if err := decode(r, "report", &report); err != nil {
		return nil, err
	}
	if report.Plan == nil {
		return nil, malformed("report", errors.New("plan is required"))
	}
	if err := report.Plan.check(); err != nil {
		return nil, malformed("report", err)
	}
	if !report.Plan.Sealed() {
		return nil, edited("report")
	}
	return &report, nil
}

func malformed(what string, err error) error {
	return &Error{Code: CodeMalformed, Message: fmt.Sprintf("invalid %s file: %v", what, err)}
}

func edited(what string) error {
	return &Error{
		Code: CodeEdited, Message: fmt.Sprintf("invalid %s file: the plan has been edited since it was made", what),
		Hint: "change the delivery and make a new plan",
	}
}

// decode reads JSON strictly. Of a file of another version, only the version is read.
func decode(r io.Reader, what string, into any) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	var version struct {
		Schema *int `json:"schema"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return malformed(what, err)
	}
	switch {
	case version.Schema == nil:
		return malformed(what, errors.New("schema is required"))
	case *version.Schema != Schema:
		e := &Error{
			Code:    CodeSchema,
			Message: fmt.Sprintf("invalid %s file: its schema version is %d, and this version of readyami reads %d", what, *version.Schema, Schema),
			Hint:    "make a new plan",
		}
		if *version.Schema > Schema {
			e.Hint = "use the version of readyami that wrote the file, or a later one"
		}
		return e
	}
	if err := unmarshalStrict(data, into); err != nil {
		return malformed(what, err)
	}
	return nil
}

// check finds indexes that lead nowhere, which no plan that was made has.
func (p *Plan) check() error {
	if p.Home < 0 || p.Home >= len(p.Places) {
		return fmt.Errorf("home must be one of the %[2]d places, not %[1]d", p.Home, len(p.Places))
	}
	if len(p.Places) < len(p.Delivery.Targets) {
		return fmt.Errorf("there are %d places for %d targets", len(p.Places), len(p.Delivery.Targets))
	}
	for i := range p.Places {
		at := &p.Places[i]
		for _, g := range at.Groups {
			if g.Wave < 0 || g.Wave >= len(p.Waves) {
				return fmt.Errorf("group %s in %s is in wave %d, and there are %d waves", g.Name, at, g.Wave, len(p.Waves))
			}
			for _, l := range g.Launch {
				if l.Template >= len(at.Templates) {
					return fmt.Errorf("group %s in %s launches template %d, and there are %d", g.Name, at, l.Template, len(at.Templates))
				}
			}
		}
	}
	if s := p.Delivery.Source; p.Places[p.Home].Image.Action == ImageActionCreate && s.Instance == nil {
		return errors.New("the source image is to be created, and the delivery names no instance")
	}
	return nil
}

// unmarshalStrict is json.Unmarshal that refuses unknown fields.
func unmarshalStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
