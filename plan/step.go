package plan

// StepID identifies a step: its kind and its place, as in
// "refresh/123456789012/eu-west-1/storefront".
type StepID string

// StepKind is what a step does.
type StepKind string

// The kinds of steps.
const (
	// StepUseImage waits until an image that exists is available.
	StepUseImage StepKind = "use-image"
	// StepCreateImage creates the source image.
	StepCreateImage StepKind = "create-image"
	// StepShareSource shares the source image with the accounts that copy it.
	StepShareSource StepKind = "share-source"
	// StepCopyImage copies the source image to a place.
	StepCopyImage StepKind = "copy-image"
	// StepImageAttributes applies [Delivery.Attributes] to the image of a place.
	StepImageAttributes StepKind = "image-attributes"
	// StepPin replaces $Latest and $Default by numbers in the groups of a place.
	StepPin StepKind = "pin"
	// StepTemplateVersion creates the version of a launch template with the image.
	StepTemplateVersion StepKind = "template-version"
	// StepRefresh replaces the instances of a group.
	StepRefresh StepKind = "refresh"
	// StepGate holds the soak, the checks and the approval behind a wave.
	StepGate StepKind = "gate"
	// StepSetDefault moves the default version of a launch template.
	StepSetDefault StepKind = "set-default"
	// StepUnpin restores $Latest and $Default in the groups of a place.
	StepUnpin StepKind = "unpin"
	// StepReject decides that the release has failed, on the source image. It is the
	// first step of an undo, as the following are its others.
	StepReject StepKind = "reject"
	// StepRestoreGroup brings a group back to what it ran before.
	StepRestoreGroup StepKind = "restore-group"
	// StepRestoreTemplate makes $Latest of a launch template mean what it meant.
	StepRestoreTemplate StepKind = "restore-template"
	// StepRestoreDefault makes $Default of a launch template mean what it meant.
	StepRestoreDefault StepKind = "restore-default"
)

// Undoes reports whether steps of this kind belong to the undo of a release: they
// are in every plan, and begin only after a failure. [StepUnpin] serves both.
func (k StepKind) Undoes() bool {
	switch k {
	case StepReject, StepRestoreGroup, StepRestoreTemplate, StepRestoreDefault:
		return true
	}
	return false
}

// Step is one step of a plan. It is about one thing, and what it needs is in the
// plan and on AWS.
type Step struct {
	// ID of the step.
	ID StepID `json:"id"`
	// Kind is what the step does.
	Kind StepKind `json:"kind"`
	// Place is the index in [Plan.Places].
	Place int `json:"place"`
	// Template is the index in [Place.Templates], for the kinds that are about one.
	Template int `json:"template,omitempty"`
	// Group is the index in [Place.Groups], for the kinds that are about one.
	Group int `json:"group,omitempty"`
	// Source is the number of the source version of a template-version step.
	Source int64 `json:"source,omitempty"`
	// Wave is the index in [Plan.Waves] of a refresh, and for a gate that of the wave
	// before it.
	Wave int `json:"wave,omitempty"`
}

// GateID is the id of the gate behind a wave.
func GateID(wave string) StepID { return StepID(string(StepGate) + "/" + wave) }

// Steps are all steps of the plan, those of its undo included: a pure function of
// the plan. Their order is a possible order of running them one after another.
func (p *Plan) Steps() []Step {
	out := p.steps()
	for i := range out {
		out[i].ID = p.id(&out[i])
	}
	return out
}

// steps are those of [Plan.Steps] without their ids, which cost the most.
func (p *Plan) steps() []Step {
	most := len(p.Waves) + 1
	for i := range p.Places {
		most += 6 + 2*len(p.Places[i].Groups) + 4*len(p.Places[i].Templates)
	}
	out := p.imageSteps(make([]Step, 0, most))
	for i := range p.Places {
		at := &p.Places[i]
		if len(at.Groups) > 0 && p.Delivery.Pin {
			out = append(out, Step{Kind: StepPin, Place: i})
		}
		for j, t := range at.Templates {
			for _, s := range t.Sources {
				if !s.Unchanged {
					out = append(out, Step{Kind: StepTemplateVersion, Place: i, Template: j, Source: s.Number})
				}
			}
		}
	}
	out = p.waveSteps(out)
	for i := range p.Places {
		at := &p.Places[i]
		for j := range at.Templates {
			if p.Delivery.SetDefault {
				out = append(out, Step{Kind: StepSetDefault, Place: i, Template: j})
			}
		}
		if len(at.Groups) > 0 && p.Delivery.Pin {
			out = append(out, Step{Kind: StepUnpin, Place: i})
		}
	}
	return p.undoSteps(out)
}

func (p *Plan) imageSteps(out []Step) []Step {
	one := func(i int, kind StepKind) {
		out = append(out, Step{Kind: kind, Place: i})
	}
	for pass := range 2 { // the source first
		for i := range p.Places {
			if (i == p.Home) != (pass == 0) {
				continue
			}
			one(i, p.Places[i].Image.Action.step())
			if len(p.Places[i].Image.ShareWith) > 0 {
				one(i, StepShareSource)
			}
		}
	}
	for i := range p.Delivery.Targets {
		if p.Delivery.Attributes != nil {
			one(i, StepImageAttributes)
		}
	}
	return out
}

func (p *Plan) waveSteps(out []Step) []Step {
	for w := range p.Waves {
		for i := range p.Places {
			at := &p.Places[i]
			for j := range at.Groups {
				if at.Groups[j].Wave == w {
					out = append(out, Step{Kind: StepRefresh, Place: i, Group: j, Wave: w})
				}
			}
		}
		if p.Waves[w].Gated() {
			out = append(out, Step{Kind: StepGate, Place: p.Home, Wave: w})
		}
	}
	return out
}

func (p *Plan) undoSteps(out []Step) []Step {
	out = append(out, Step{Kind: StepReject, Place: p.Home})
	for i := range p.Places {
		at := &p.Places[i]
		for j := range at.Groups {
			out = append(out, Step{Kind: StepRestoreGroup, Place: i, Group: j, Wave: at.Groups[j].Wave})
		}
		for j := range at.Templates {
			if !p.Delivery.Rollout.KeepLatest {
				out = append(out, Step{Kind: StepRestoreTemplate, Place: i, Template: j})
			}
			if p.Delivery.SetDefault {
				out = append(out, Step{Kind: StepRestoreDefault, Place: i, Template: j})
			}
		}
	}
	return out
}
