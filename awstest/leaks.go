package awstest

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Leak is something that a call has made, that is still there, and that nothing
// needs.
type Leak struct {
	Account, Region string
	// Kind is image, snapshot, instance, volume, launch template, launch template
	// version or launch configuration.
	Kind        string
	ID          string // of a version, the template's and its number: "lt-0123…:3"
	Name        string // of an image, a template or a launch configuration
	Description string // of an image, a snapshot or a version
	Tags        map[string]string
	Made        time.Time
	Why         string // a sentence
}

// String is the line of a leak in a test's log.
func (l Leak) String() string {
	s := fmt.Sprintf("%s %s %s %s", l.Account, l.Region, l.Kind, l.ID)
	if l.Name != "" {
		s += fmt.Sprintf(" %q", l.Name)
	}
	return s + ": " + l.Why
}

// Tagged keeps what has a tag of this key, whatever its value: see
// [Cloud.Leaks].
func Tagged(key string) func(Leak) bool {
	return func(l Leak) bool {
		_, ok := l.Tags[key]
		return ok
	}
}

// Leaks lists what is left over, by account and Region, in the order it was
// made. Seeds are never in it; of what calls have made these are:
//
//   - an image that has failed;
//   - a snapshot that was made for an image which is gone;
//   - an image that no instance runs and that no launch template, launch
//     configuration or parameter names;
//   - a snapshot of its own (CreateSnapshot, CopySnapshot) that backs no image;
//   - an instance that is not terminated and in no Auto Scaling group;
//   - a launch template that no group names and no instance was launched from;
//   - a version that is neither the default nor the latest, that no group names
//     and no instance was launched from;
//   - a launch configuration that no group names;
//   - a volume that no instance has, until DeleteVolume: made by itself,
//     detached, or left by an instance that was terminated.
//
// A group is none, whatever is in it: it is what a tool is let loose on, and most
// tests make theirs by a call. Nor is a parameter, for the same reason, or what
// goes by itself: a usage report, and what is in the Recycle Bin.
//
// What a keep function returns true for is left out, but for the first two,
// which are of no use to anybody.
func (c *Cloud) Leaks(keep ...func(Leak) bool) []Leak {
	var out []Leak
	for _, l := range c.allLeaks() { // keep may look at the cloud, or call it
		if l.useless || !slices.ContainsFunc(keep, func(k func(Leak) bool) bool { return k(l.Leak) }) {
			out = append(out, l.Leak)
		}
	}
	return out
}

func (c *Cloud) allLeaks() (out []leak) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step()
	places := slices.SortedFunc(maps.Keys(c.stores), func(a, b place) int {
		return cmp.Or(strings.Compare(a.account, b.account), strings.Compare(a.region, b.region))
	})
	for _, p := range places {
		out = append(out, c.stores[p].leaks()...)
	}
	return out
}

// NoLeaks fails a test that has left something over, with a line for each. See
// [Cloud.Leaks].
func (c *Cloud) NoLeaks(t TB, keep ...func(Leak) bool) {
	t.Helper()
	for _, l := range c.Leaks(keep...) {
		t.Errorf("awstest: left over: %s", l)
	}
}

type leak struct {
	Leak
	useless bool // nothing keeps it
}

// leaks are those of one account in one Region.
func (s *store) leaks() (out []leak) {
	add := func(l Leak, useless bool) {
		l.Account, l.Region = s.account, s.region
		out = append(out, leak{l, useless})
	}
	versions := s.versionsInUse()
	inUse := s.imagesInUse()
	for _, i := range s.images.order {
		l := Leak{Kind: "image", ID: i.id, Name: i.name, Description: i.description, Tags: i.tags.of(s.account).asMap(), Made: i.created}
		switch {
		case !i.byCall:
		case i.state == ec2types.ImageStateFailed:
			l.Why = "it has failed: " + i.reason
			add(l, true)
		case !inUse[i.id]:
			l.Why = "no instance runs it, and no launch template, launch configuration or parameter names it"
			add(l, false)
		}
	}
	for _, n := range s.snapshots.order {
		l := Leak{Kind: "snapshot", ID: n.id, Description: n.description, Tags: n.tags.of(s.account).asMap(), Made: n.started}
		switch {
		case !n.byCall || len(n.usedBy) > 0:
		case n.madeFor != nil:
			l.Why = "it was made for " + n.madeFor.id + ", which is gone"
			add(l, true)
		default:
			l.Why = "it backs no image"
			add(l, false)
		}
	}
	for _, i := range s.instances.all() {
		if i.byCall && i.member == nil && !i.gone() {
			add(Leak{Kind: "instance", ID: i.id, Tags: i.tags.asMap(), Made: i.launched, Why: "it is in no Auto Scaling group"}, false)
		}
	}
	for _, t := range s.templates.order {
		used := slices.ContainsFunc(t.versions, func(v *templateVersion) bool { return versions[v] })
		if t.byCall && !used {
			add(Leak{Kind: "launch template", ID: t.id, Name: t.name, Tags: t.tags.asMap(), Made: t.created,
				Why: "no group names it, and no instance was launched from it"}, false)
			continue
		}
		for _, v := range t.versions {
			if v.byCall && !versions[v] && v.number != t.def && v.number != t.latest() {
				add(Leak{Kind: "launch template version", ID: fmt.Sprintf("%s:%d", t.id, v.number), Description: v.description,
					Tags: t.tags.asMap(), Made: v.created,
					Why: "it is neither the default nor the latest, and no group or instance uses it"}, false)
			}
		}
	}
	configs := s.groups.configs
	for _, lc := range configs.order {
		name := aws.ToString(lc.LaunchConfigurationName)
		if configs.byCall[name] && !slices.ContainsFunc(s.groups.order, func(g *group) bool { return aws.ToString(g.LaunchConfigurationName) == name }) {
			add(Leak{Kind: "launch configuration", ID: aws.ToString(lc.LaunchConfigurationARN), Name: name, Made: aws.ToTime(lc.CreatedTime),
				Why: "no group names it"}, false)
		}
	}
	for _, l := range s.free {
		why := "it was made by CreateVolume, and no instance has it"
		switch {
		case l.instance != nil && l.instance.gone():
			why = fmt.Sprintf("its instance %s was terminated, without DeleteOnTermination for %s", l.instance.id, l.device)
		case l.instance != nil:
			why = fmt.Sprintf("it was detached from %s", l.instance.id)
		}
		add(Leak{Kind: "volume", ID: l.id, Tags: l.tags.asMap(), Made: l.created, Why: why}, false)
	}
	return out
}

// imagesInUse are the images that an instance of any account in the Region runs,
// or that something there names to be launched.
func (s *store) imagesInUse() map[string]bool {
	inUse := map[string]bool{}
	for p, o := range s.stores {
		if p.region != s.region {
			continue
		}
		for _, i := range o.instances.all() {
			inUse[i.image.id] = inUse[i.image.id] || !i.gone()
		}
		for _, t := range o.templates.order {
			for _, v := range t.versions {
				inUse[aws.ToString(v.data.ImageId)] = true
			}
		}
		for _, lc := range o.groups.configs.order {
			inUse[aws.ToString(lc.ImageId)] = true
		}
		for _, parameter := range o.parameters.byKey {
			for _, v := range parameter.versions {
				inUse[v.value] = true
			}
		}
	}
	return inUse
}

// versionsInUse are the template versions that a group names, or that an
// instance was launched from.
func (s *store) versionsInUse() map[*templateVersion]bool {
	used := map[*templateVersion]bool{}
	mark := func(id, name, version string) {
		t := cmp.Or(s.templates.byID[id], s.templates.byName[name])
		if t == nil {
			return
		}
		if v, err := t.version(version); err == nil {
			used[v] = true
		}
	}
	for _, g := range s.groups.order {
		specs := launchTemplatesIn(reflect.ValueOf(g.groupSettings))
		if g.active != nil {
			specs = append(specs, launchTemplatesIn(reflect.ValueOf(g.active.desired))...)
		}
		for _, spec := range specs {
			mark(aws.ToString(spec.LaunchTemplateId), aws.ToString(spec.LaunchTemplateName), aws.ToString(spec.Version))
		}
	}
	for _, i := range s.instances.all() {
		if use := i.spec.template; use != nil && !i.gone() {
			mark(use.id, "", fmt.Sprint(use.version))
		}
	}
	return used
}

// launchTemplatesIn are all template specifications in a structure, however
// deep: a group's own and those of its overrides.
func launchTemplatesIn(v reflect.Value) (out []astypes.LaunchTemplateSpecification) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return launchTemplatesIn(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, launchTemplatesIn(v.Index(i))...)
		}
	case reflect.Struct:
		if spec, ok := v.Interface().(astypes.LaunchTemplateSpecification); ok {
			return append(out, spec)
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out = append(out, launchTemplatesIn(v.Field(i))...)
			}
		}
	}
	return out
}
