package ami

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Progress reads how far the snapshots of an image are, in percent weighted by their
// sizes, such as "42%". It returns "" if AWS lists no snapshots yet.
//
// Errors: those of AWS.
//
// AWS calls: DescribeSnapshots. IAM: ec2:DescribeSnapshots.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html
func Progress(ctx context.Context, api ec2.DescribeSnapshotsAPIClient, img types.Image) (string, error) {
	filter, values := "snapshot-id", snapshotsOf(&img)
	if len(values) == 0 { // AWS may list the disks of a copy late
		filter, values = "tag:"+TagIntent, []string{Tag(img.Tags, TagIntent)}
	}
	if values[0] == "" {
		return "", nil
	}
	list, err := describeSnapshots(ctx, api, filter, values)
	if err != nil {
		return "", err
	}
	s := &subject{}
	s.measured(list)
	return s.snapshots, nil
}

// lastWord bounds the one read that an error is completed by when ctx has ended.
const lastWord = 5 * time.Second

// measure reads how far the snapshots of images are, in one call for every 200
// snapshots, where the api can. Errors are left aside: it is news, and nothing
// depends on it.
func (w *watch) measure(ctx context.Context, subjects []*subject) {
	api, ok := w.api.(ec2.DescribeSnapshotsAPIClient)
	if !ok {
		return
	}
	var bySnapshot, byIntent = map[string]*subject{}, map[string]*subject{}
	for _, s := range subjects {
		if s.Image == nil {
			continue
		}
		of := snapshotsOf(s.Image)
		for _, id := range of {
			bySnapshot[id] = s
		}
		// AWS may list the disks of a copy late; our tags are there at once.
		if intent := Tag(s.Image.Tags, TagIntent); len(of) == 0 && intent != "" {
			byIntent[intent] = s
		}
	}
	found := map[*subject][]types.Snapshot{}
	for _, by := range []struct {
		filter string
		of     map[string]*subject
		key    func(types.Snapshot) string
	}{
		{"snapshot-id", bySnapshot, func(n types.Snapshot) string { return aws.ToString(n.SnapshotId) }},
		{"tag:" + TagIntent, byIntent, func(n types.Snapshot) string { return Tag(n.Tags, TagIntent) }},
	} {
		list, err := describeSnapshots(ctx, api, by.filter, slices.Sorted(maps.Keys(by.of)))
		if err != nil {
			return
		}
		for _, n := range list {
			if s := by.of[by.key(n)]; s != nil {
				found[s] = append(found[s], n)
			}
		}
	}
	for s, list := range found {
		s.measured(list)
	}
}

// measured takes in how far the snapshots of an image are, by their sizes.
func (s *subject) measured(list []types.Snapshot) {
	var done, all int64
	var broken []string
	for _, n := range list {
		size := int64(max(aws.ToInt32(n.VolumeSize), 1))
		percent, _ := strconv.ParseInt(strings.TrimSuffix(aws.ToString(n.Progress), "%"), 10, 64)
		done, all = done+size*percent, all+size
		if n.State == types.SnapshotStateError {
			broken = append(broken, strings.TrimSpace(aws.ToString(n.SnapshotId)+" error "+aws.ToString(n.StateMessage)))
			s.snapshotReason = aws.ToString(n.StateMessage)
		}
	}
	if all == 0 {
		return
	}
	percent := int(done / all)
	if percent != s.Progress && s.measuring {
		s.changed = true
	}
	s.Progress = percent
	s.snapshots = fmt.Sprintf("%d%%", percent)
	if broken != nil {
		slices.Sort(broken)
		s.snapshots += " (" + strings.Join(broken, ", ") + ")"
	}
}

// progress is how far the snapshots of the open images are, in words.
func (w *watch) progress() string {
	var words []string
	for _, s := range w.open {
		if s.snapshots != "" && !s.Done {
			words = append(words, s.ImageID+" "+s.snapshots)
		}
	}
	if len(words) == 1 {
		_, words[0], _ = strings.Cut(words[0], " ")
	}
	return strings.Join(words, ", ")
}
