package plan

// Finding is something that planning found out: a blocker, which a plan is not
// applied with, or a warning.
type Finding struct {
	// Code names what was found. It is stable: callers branch on it.
	Code string `json:"code"`
	// Severity is whether it blocks.
	Severity Severity `json:"severity"`
	// Account that it is about. Empty if it is about the delivery itself.
	Account string `json:"account,omitempty"`
	// Region that it is about. Empty if it is about the delivery itself.
	Region string `json:"region,omitempty"`
	// Resource is the name or id of what it is about. Optional.
	Resource string `json:"resource,omitempty"`
	// Detail is a sentence for people.
	Detail string `json:"detail"`
	// Hint is what to do about it. Optional.
	Hint string `json:"hint,omitempty"`
}

// Severity is how much a finding matters.
type Severity string

const (
	// SeverityBlocker keeps a plan from being applied.
	SeverityBlocker Severity = "blocker"
	// SeverityWarning is for people to know.
	SeverityWarning Severity = "warning"
)

// String is the finding on one line.
func (f Finding) String() string {
	out := f.Code
	for _, s := range []string{f.Account, f.Region, f.Resource} {
		if s != "" {
			out += " " + s
		}
	}
	out += ": " + f.Detail
	if f.Hint != "" {
		out += " (" + f.Hint + ")"
	}
	return out
}

// Blockers are the findings that keep the plan from being applied.
func (p *Plan) Blockers() []Finding {
	var out []Finding
	for _, f := range p.Findings {
		if f.Severity == SeverityBlocker {
			out = append(out, f)
		}
	}
	return out
}
