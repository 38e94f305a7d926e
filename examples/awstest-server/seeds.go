package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/readyami/readyami/awstest"
)

// timings are the values of -time.
var timings = map[string]awstest.Timing{
	"realistic": awstest.Realistic,
	"fast":      fast(),
	"stepped":   awstest.SeenOnce,
	"instant":   awstest.Instant,
}

// fast is AWS's time in a sixtieth: minutes are seconds.
func fast() awstest.Timing {
	t := awstest.Realistic
	for _, d := range []*time.Duration{&t.Image, &t.ImageCopy, &t.Register, &t.Snapshot, &t.SnapshotCopy, &t.UsageReport,
		&t.Linger, &t.InstanceStart, &t.InstanceStop, &t.ParameterCheck, &t.HealthCheck, &t.RefreshStart, &t.RefreshStall,
		&t.PublicAccess, &t.Retry} {
		*d /= 60
	}
	return t
}

// seeds are what is there at the start, and after each reset again.
type seeds struct {
	regions []string
	limits  bool
	lines   []string // what there is
}

const (
	baseImage = "storefront-1"
	groupName = "storefront"
)

func (s *seeds) plant(cloud *awstest.Cloud) {
	if s.limits { // its buckets are full again
		cloud.Inject(awstest.LimitRates(awstest.AWSRates()))
	}
	s.lines = nil
	for n, name := range s.regions {
		r := cloud.Region(name)
		image := r.OwnImage(awstest.ImageSeed{Name: baseImage, Description: "what the fleet runs"})
		group := r.Group(awstest.GroupSeed{Name: groupName, ImageID: image, Size: 2, MaxSize: 5})
		line := fmt.Sprintf("%s: image %s (%s), launch template %s, Auto Scaling group %s", name, image, baseImage, group.TemplateID, group.Name)
		if n == 0 {
			prepared := r.PreparedInstance(awstest.InstanceSeed{ImageID: image, Tags: map[string]string{"Name": "prepared"}})
			line += ", prepared instance " + prepared
		}
		s.lines = append(s.lines, line)
	}
}

// text is what there is, as comments of a shell.
func (s *seeds) text() string {
	var b strings.Builder
	for _, line := range s.lines {
		fmt.Fprintln(&b, "#", line)
	}
	return b.String()
}
