package readyami_test

import (
	"fmt"
	"path"
	"regexp"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// names are the names that the golden files have in the place of ids. They are
// given when a thing is first met, since a failed image is gone in the end.
type names struct {
	cloud  *awstest.Cloud
	places map[region.Target]bool // in which things may be
	byID   map[string]string
	given  map[string]int // how many things have got a name
}

func newNames(cloud *awstest.Cloud) *names {
	return &names{cloud: cloud, places: map[region.Target]bool{}, byID: map[string]string{}, given: map[string]int{}}
}

// anID fits what AWS makes up. An id that is left in a golden file would say
// nothing to whoever reads it.
var anID = regexp.MustCompile(`\b(ami|snap|i|lt|vol|subnet|sg|vpc|eni)-[0-9a-f]{8,17}\b`)

// of is a text with the name in the place of an id.
func (n *names) of(text string) (string, error) {
	if !anID.MatchString(text) {
		return text, nil
	}
	if n.byID[text] == "" {
		for place := range n.places {
			n.learn(place)
		}
	}
	if name := n.byID[text]; name != "" {
		return name, nil
	}
	return "", fmt.Errorf("nobody knows what %s is", text)
}

// learn names all that is in a place, in the order in which it was made.
func (n *names) learn(place region.Target) {
	r := n.cloud.Account(place.Account).Region(place.Region)
	for _, t := range r.Templates() {
		n.byID[*t.LaunchTemplateId] = *t.LaunchTemplateName
	}
	for _, i := range r.Images() {
		if n.byID[*i.ImageId] == "" {
			n.byID[*i.ImageId] = n.named(*i.Name, place)
		}
		for _, m := range i.BlockDeviceMappings {
			if m.Ebs != nil && m.Ebs.SnapshotId != nil && n.byID[*m.Ebs.SnapshotId] == "" {
				n.byID[*m.Ebs.SnapshotId] = n.byID[*i.ImageId] + " " + path.Base(*m.DeviceName)
			}
		}
	}
	for _, i := range r.Instances() {
		if n.byID[*i.InstanceId] != "" {
			continue
		}
		if group := ami.Tag(i.Tags, "aws:autoscaling:groupName"); group != "" {
			n.byID[*i.InstanceId] = "of " + group + "@" + where(place)
		} else {
			n.byID[*i.InstanceId] = n.named("prepared", place)
		}
	}
}

// named is a name with its place, and a number where it is not the first.
func (n *names) named(name string, place region.Target) string {
	key := name + "@" + where(place)
	if n.given[key]++; n.given[key] > 1 {
		return fmt.Sprintf("%s#%d@%s", name, n.given[key], where(place))
	}
	return key
}

func where(place region.Target) string {
	if place.Account == awstest.DefaultAccount {
		return place.Region
	}
	return place.String()
}
