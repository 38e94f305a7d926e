package readyami

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/fault"
)

// A pinned group does not tell how it was spelled, and a run that ends between
// pinning and restoring is gone. So a tag on the image of the place tells: one
// for each group, with a letter for each template that the group names.
const (
	tagPinned     = "readyami:pinned:"
	letterLatest  = 'L'
	letterDefault = 'D'
	letterNumber  = 'n'
)

// pinTag is the key of a group's tag. Names of groups can be longer than keys.
func pinTag(group string) string {
	sum := sha256.Sum256([]byte(group))
	return tagPinned + hex.EncodeToString(sum[:8])
}

// spelling is a letter for each template that the group names.
func (g *group) spelling() string {
	var out strings.Builder
	for _, spec := range templatesOf(g.spec.LaunchTemplate, g.spec.MixedInstancesPolicy) {
		switch spec.Version {
		case "$Latest":
			out.WriteByte(letterLatest)
		case "$Default", "":
			out.WriteByte(letterDefault)
		default:
			out.WriteByte(letterNumber)
		}
	}
	return out.String()
}

// floats tells whether the group launches from $Latest or $Default.
func (g *group) floats() bool {
	return strings.ContainsAny(g.spelling(), string([]rune{letterLatest, letterDefault}))
}

// pin spells the versions of the place's groups as numbers, where a new version
// is going to be made of a template that they name or a refresh has to be rolled
// back to it. It does so once, before anything is made in the place.
func (r *run) pin(ctx context.Context, p *place) error {
	if !r.Pin || p.pinned {
		return nil
	}
	p.pinned = true
	for _, g := range p.groups {
		if !g.floats() || !p.touches(g) {
			continue
		}
		err := r.mark(ctx, p, pinTag(g.name), g.spelling())
		if err == nil {
			err = r.pinGroup(ctx, p, g)
		}
		if err != nil {
			return r.end(p, g, Failed, err)
		}
	}
	return nil
}

// touches tells whether the delivery makes a version of a template of the group,
// or refreshes it.
func (p *place) touches(g *group) bool {
	image := *p.image.ImageId
	for _, u := range g.uses {
		for _, l := range p.lines {
			if l.from.TemplateID == u.line.from.TemplateID && l.from.ImageID != image {
				return true
			}
		}
	}
	return !g.runs(before, image)
}

func (r *run) pinGroup(ctx context.Context, p *place, g *group) error {
	_, err := asg.Pin(ctx, p.clients.AutoScaling, p.clients.EC2, g.name)
	if err != nil {
		return err
	}
	found, err := asg.Describe(ctx, p.clients.AutoScaling, []string{g.name})
	if err != nil {
		return err
	}
	g.spec = found[0]
	for i, u := range g.uses {
		g.uses[i].spec.Version = strconv.FormatInt(u.line.from.Number, 10)
	}
	for _, spec := range templatesOf(g.spec.LaunchTemplate, g.spec.MixedInstancesPolicy) {
		if g.lineOf(spec) == nil {
			return p.refuse(g.name, ErrFloatingVersion, spec.ID+" has got version "+spec.Version+
				" since the delivery began: deliver again")
		}
	}
	return nil
}

// respell restores the spelling of the groups that this run or an earlier one
// pinned, wherever it means what the group launches now.
func (r *run) respell(ctx context.Context, p *place) error {
	if !r.Pin || p.image == nil || ctx.Err() != nil {
		return nil
	}
	var errs []error
	for _, g := range p.groups {
		was := r.tagOf(p, pinTag(g.name))
		switch o := g.report.Outcome; {
		case was == "":
		case o == Failed || o == Interrupted:
			g.stays("somebody has to look at it first")
		default:
			errs = append(errs, r.respellGroup(ctx, p, g, was))
		}
	}
	return errors.Join(errs...)
}

func (r *run) respellGroup(ctx context.Context, p *place, g *group, was string) error {
	source, fits := spelled(asg.SourceOf(g.spec), was)
	if !fits {
		g.stays("its templates are others now")
		return nil
	}
	_, err := asg.Restore(ctx, p.clients.AutoScaling, p.clients.EC2, asg.RestoreInput{Group: g.name, Spelling: source})
	if e, ok := errors.AsType[*Error](err); ok && errors.Is(err, asg.ErrOtherVersion) {
		g.stays(e.Reason)
		return nil
	}
	if err != nil {
		g.stays(err.Error())
		return err
	}
	return p.unmark(ctx, pinTag(g.name))
}

// stays tells why a group is left on a numbered version.
func (g *group) stays(why string) {
	g.report.Warnings = append(g.report.Warnings, "it stays on a numbered version: "+why)
}

// spelled is a launch source with its versions as the letters say; the source
// that was passed in stays as it is.
func spelled(source asg.LaunchSource, letters string) (out asg.LaunchSource, fits bool) {
	used := 0
	spell := func(version string) string {
		used++
		switch {
		case used > len(letters):
		case letters[used-1] == letterLatest:
			return "$Latest"
		case letters[used-1] == letterDefault:
			return "$Default"
		}
		return version
	}
	if t := source.Template; t != nil {
		source.Template = &asg.TemplateSpec{ID: t.ID, Name: t.Name, Version: spell(t.Version)}
	}
	if source.MixedInstancesPolicy != nil {
		policy, template := *source.MixedInstancesPolicy, *source.MixedInstancesPolicy.LaunchTemplate
		policy.LaunchTemplate, source.MixedInstancesPolicy = &template, &policy
		send := func(t *asgtypes.LaunchTemplateSpecification) *asgtypes.LaunchTemplateSpecification {
			if t == nil {
				return nil
			}
			other := *t
			other.Version = new(spell(value(t.Version)))
			return &other
		}
		template.LaunchTemplateSpecification = send(template.LaunchTemplateSpecification)
		template.Overrides = slices.Clone(template.Overrides)
		for i, o := range template.Overrides {
			template.Overrides[i].LaunchTemplateSpecification = send(o.LaunchTemplateSpecification)
		}
	}
	return source, used == len(letters)
}

// mark tags the image of the place, for a run that comes after this one.
func (r *run) mark(ctx context.Context, p *place, key, text string) error {
	if r.tagOf(p, key) == text {
		return nil
	}
	tag := ec2types.Tag{Key: &key, Value: &text}
	_, err := p.clients.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{*p.image.ImageId}, Tags: []ec2types.Tag{tag}})
	if err != nil {
		return fault.Call(opDeliver, fault.Place(p.target), *p.image.ImageId, err)
	}
	r.tagging.Lock()
	defer r.tagging.Unlock()
	p.image.Tags = append(p.image.Tags, tag)
	return nil
}

func (r *run) tagOf(p *place, key string) string {
	r.tagging.Lock()
	defer r.tagging.Unlock()
	return ami.Tag(p.image.Tags, key)
}

func (p *place) unmark(ctx context.Context, key string) error {
	_, err := p.clients.EC2.DeleteTags(ctx, &ec2.DeleteTagsInput{
		Resources: []string{*p.image.ImageId}, Tags: []ec2types.Tag{{Key: &key}},
	})
	if err != nil {
		return fault.Call(opDeliver, fault.Place(p.target), *p.image.ImageId, err)
	}
	return nil
}
