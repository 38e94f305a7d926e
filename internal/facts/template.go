package facts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// most is how many versions are read one after another rather than picked out.
const most = 200

// versions reads the launch templates of the place: their numbers in one call for
// all, and then of each the versions that matter.
func (r *reader) versions(ctx context.Context) error {
	if err := r.numbers(ctx); err != nil {
		return err
	}
	for i := range r.place.Templates {
		t := &r.place.Templates[i]
		wanted := r.wanted(i)
		for {
			found, err := r.fetch(ctx, t, wanted)
			if err != nil {
				return err
			}
			t.Versions = found
			more := false
			for _, v := range found { // what a mark goes back to
				if s := v.Mark.Source; s != 0 && !wanted[s] && t.Version(s) == nil {
					wanted[s], more = true, true
				}
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// wanted are the numbers of the versions of a template that groups and instances
// name, or did before the release.
func (r *reader) wanted(template int) map[int64]bool {
	t := &r.place.Templates[template]
	out := map[int64]bool{t.Latest: true, t.Default: true}
	for i := range r.place.Groups {
		g := &r.place.Groups[i]
		for _, l := range g.Launch {
			if l.Template == template {
				out[t.Resolve(l)] = true
			}
		}
		for _, f := range g.Refreshes {
			for _, l := range f.Desired {
				if l.Template == template {
					out[l.Version] = true
				}
			}
			break // the newest
		}
	}
	if template < len(r.query.Templates) {
		planned := r.query.Templates[template]
		out[planned.Default], out[planned.Latest] = true, true
		for _, s := range planned.Sources {
			out[s.Number] = true
		}
	}
	return out
}

// numbers reads what $Default and $Latest mean.
func (r *reader) numbers(ctx context.Context) error {
	c := r.query.Clients
	var ids []string
	for _, t := range r.place.Templates {
		ids = append(ids, t.ID)
	}
	for batch := range slices.Chunk(ids, most) {
		pages := ec2.NewDescribeLaunchTemplatesPaginator(c.EC2, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: batch})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return fault.Call("readyami.Look", fault.Place(c.Target), "", err)
			}
			for _, t := range page.LaunchTemplates {
				i, known := r.index[aws.ToString(t.LaunchTemplateId)]
				if !known {
					continue
				}
				at := &r.place.Templates[i]
				at.Name = aws.ToString(t.LaunchTemplateName)
				at.Default, at.Latest = aws.ToInt64(t.DefaultVersionNumber), aws.ToInt64(t.LatestVersionNumber)
			}
		}
	}
	return nil
}

// fetch reads versions of a template: from the oldest that is wanted on, if these
// are not many, and else those that are wanted and those with the image of the place.
func (r *reader) fetch(ctx context.Context, t *Template, wanted map[int64]bool) ([]Version, error) {
	numbers := slices.Sorted(maps.Keys(wanted))
	numbers = slices.DeleteFunc(numbers, func(n int64) bool { return n < 1 || n > t.Latest })
	if len(numbers) == 0 {
		return nil, nil
	}
	if t.Latest-numbers[0] < most {
		return r.read(ctx, t, &ec2.DescribeLaunchTemplateVersionsInput{MinVersion: aws.String(strconv.FormatInt(numbers[0], 10)), MaxResults: aws.Int32(most)})
	}
	in := &ec2.DescribeLaunchTemplateVersionsInput{}
	for _, n := range numbers {
		in.Versions = append(in.Versions, strconv.FormatInt(n, 10))
	}
	found, err := r.read(ctx, t, in)
	if err != nil || r.place.Image.ID == "" {
		return found, err
	}
	ours, err := r.withImage(ctx, t, r.place.Image.ID)
	found = append(found, ours...)
	slices.SortFunc(found, func(a, b Version) int { return int(a.Number - b.Number) })
	return slices.CompactFunc(found, func(a, b Version) bool { return a.Number == b.Number }), err
}

// withImage reads the versions of a template that have an image.
func (r *reader) withImage(ctx context.Context, t *Template, image string) ([]Version, error) {
	return r.read(ctx, t, &ec2.DescribeLaunchTemplateVersionsInput{
		MaxResults: aws.Int32(most),
		Filters:    []ec2types.Filter{{Name: aws.String("image-id"), Values: []string{image}}},
	})
}

func (r *reader) read(ctx context.Context, t *Template, in *ec2.DescribeLaunchTemplateVersionsInput) ([]Version, error) {
	c := r.query.Clients
	in.LaunchTemplateId = &t.ID
	var out []Version
	pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(c.EC2, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.Call("readyami.Look", fault.Place(c.Target), t.ID, err)
		}
		for i := range page.LaunchTemplateVersions {
			out = append(out, r.version(&page.LaunchTemplateVersions[i]))
		}
	}
	slices.SortFunc(out, func(a, b Version) int { return int(a.Number - b.Number) })
	return out, nil
}

func (r *reader) version(v *ec2types.LaunchTemplateVersion) Version {
	out := Version{
		Number: aws.ToInt64(v.VersionNumber), Created: aws.ToTime(v.CreateTime),
		Mark: ParseMark(r.query.Release, aws.ToString(v.VersionDescription)), Raw: v,
	}
	if v.LaunchTemplateData != nil {
		out.Image = aws.ToString(v.LaunchTemplateData.ImageId)
		data, err := json.Marshal(v.LaunchTemplateData)
		if err == nil {
			sum := sha256.Sum256(data)
			out.Data = hex.EncodeToString(sum[:8])
		}
	}
	return out
}
