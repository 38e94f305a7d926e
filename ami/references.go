package ami

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// Limits of DescribeImageReferences.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageReferences.html
const (
	referenceBatch = 10
	allVersions    = 10000
)

// ReferencesAPI is what [References] calls.
type ReferencesAPI interface {
	ec2.DescribeImagesAPIClient
	ec2.DescribeImageReferencesAPIClient
	ec2.DescribeImageUsageReportsAPIClient
	ec2.DescribeImageUsageReportEntriesAPIClient
	DescribeImageAttribute(context.Context, *ec2.DescribeImageAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeImageAttributeOutput, error)
}

var _ ReferencesAPI = (*ec2.Client)(nil)

// References tells what uses images of the caller's account: instances that are
// not terminated, all versions of launch templates, parameters of Systems
// Manager and recipes of Image Builder in the account and Region; other accounts,
// as far as the newest usage report of AWS says, which [ReportUsage] makes; and
// what the hooks find. An image that is shared with anyone counts as in use
// unless it is stale by the rules, since AWS does not show what others would
// launch next.
//
// It fails closed: an image whose check could not finish, or that is not found,
// counts as in use. Each result names what was not looked at. Results are in the
// order of ids. It writes nothing.
//
// Errors: [ErrInvalidInput]; otherwise the error joins those of the results,
// among them [ErrNotFound] and [ErrNotOwner].
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeImageAttribute,
// ec2:DescribeImageReferences, which needs the rights to describe what it looks
// at (the managed policy AmazonEC2ImageReferencesAccessPolicy has them); for
// shared images ec2:DescribeImageUsageReports,
// ec2:DescribeImageUsageReportEntries.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html
func References(ctx context.Context, api ReferencesAPI, ids []string, rules UsageRules, optFns ...func(*Options)) ([]ReferencesResult, error) {
	const op = "ami.References"
	o := resolve(api, optFns)
	if err := rules.check(op, o.place()); err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := checkImageID(op, o.place(), "ids", id); err != nil {
			return nil, err
		}
	}
	found := references(ctx, api, op, ids, rules, o)
	out, errs := make([]ReferencesResult, len(ids)), []error(nil)
	for i, id := range ids {
		out[i] = *found[id]
		if out[i].Err != nil && !slices.Contains(ids[:i], id) {
			errs = append(errs, out[i].Err)
		}
	}
	return out, errors.Join(errs...)
}

// references checks every id; each has a result.
func references(ctx context.Context, api ReferencesAPI, op string, ids []string, rules UsageRules, o Options) map[string]*ReferencesResult {
	all := make(map[string]*ReferencesResult, len(ids))
	for _, id := range ids {
		all[id] = &ReferencesResult{ImageID: id, Unchecked: rules.blind()}
	}
	failed := func(id string, err error) {
		e, ours := errors.AsType[*Error](err)
		if !ours {
			e = refused(ctx, op, o.place(), id, err)
		}
		e.Op, e.Account, e.Region, e.ID = op, o.Account, o.Region, id
		all[id].fail(e)
	}
	images := ownedAll(ctx, api, slices.Compact(slices.Sorted(slices.Values(ids))), o, failed)
	known := slices.Sorted(maps.Keys(images))
	refer := func(part []string) error {
		refs, err := patiently(ctx, o.Poll, func(ctx context.Context) ([]types.ImageReference, error) {
			return referring(ctx, api, part, rules)
		})
		for _, r := range refs {
			if u := all[aws.ToString(r.ImageId)]; u != nil {
				u.References = append(u.References, Reference{Type: string(r.ResourceType), ID: aws.ToString(r.Arn), Count: 1})
			}
		}
		return err
	}
	// over ends it all where no other call would succeed either.
	over := func(err error) bool {
		if ctx.Err() == nil && !fault.Expired(err) {
			return false
		}
		for _, id := range known {
			failed(id, err)
		}
		return true
	}
	for part := range slices.Chunk(known, referenceBatch) {
		err := refer(part)
		if err == nil {
			continue
		}
		if over(err) {
			return all
		}
		for _, id := range part { // one of them may be gone by now
			if err := refer([]string{id}); err != nil {
				failed(id, err)
			}
		}
	}
	for _, h := range rules.Hooks {
		hooked(ctx, h, known, all, failed)
	}
	var shared []string
	for _, id := range known {
		has, err := patiently(ctx, o.Poll, func(ctx context.Context) (Permissions, error) { return launchPermissions(ctx, api, id) })
		if err != nil {
			if over(err) {
				return all
			}
			failed(id, err)
		}
		if all[id].Shared = has; !has.none() {
			shared = append(shared, id)
		}
	}
	for part := range slices.Chunk(shared, reportBatch) {
		if err := reported(ctx, api, part, images, all, &rules, o); err != nil {
			if over(err) {
				return all
			}
			for _, id := range part {
				failed(id, err)
			}
		}
	}
	for _, id := range known {
		all[id].judge(images[id], &rules, time.Now())
	}
	return all
}

func hooked(ctx context.Context, h ReferenceHook, ids []string, all map[string]*ReferencesResult, failed func(string, error)) {
	if len(ids) == 0 {
		return
	}
	found, err := h.Find(ctx, slices.Clone(ids))
	for _, id := range ids {
		if err != nil {
			failed(id, &Error{Kind: ErrHookFailed, Reason: h.Type, Err: err})
		}
		for _, r := range found[id] {
			all[id].References = append(all[id].References, Reference{Type: h.Type, ID: r, Count: 1})
		}
	}
}

// ownedAll reads images of the caller's account by their ids. What fails is
// told to failed and left out.
func ownedAll(ctx context.Context, api ec2.DescribeImagesAPIClient, ids []string, o Options, failed func(string, error)) map[string]*types.Image {
	images := make(map[string]*types.Image, len(ids))
	for part := range slices.Chunk(ids, batch) {
		found, err := patiently(ctx, o.Poll, func(ctx context.Context) ([]types.Image, error) {
			return describe(ctx, api, &ec2.DescribeImagesInput{
				Owners:            []string{Self},
				Filters:           []types.Filter{{Name: new("image-id"), Values: part}},
				IncludeDeprecated: new(true),
				IncludeDisabled:   new(true),
				MaxResults:        new(int32(pageSize)),
			})
		})
		for _, img := range found {
			if img.State != types.ImageStateDeregistered {
				images[aws.ToString(img.ImageId)] = &img
			}
		}
		for _, id := range part {
			if err != nil {
				failed(id, err)
			} else if images[id] == nil { // somebody else's, or gone
				_, err := patiently(ctx, o.Poll, func(ctx context.Context) (*types.Image, error) { return owned(ctx, api, id) })
				failed(id, cmp.Or(err, ErrNotFound))
			}
		}
	}
	return images
}

// ErrHookFailed: a hook of the caller failed; Error.Reason says which.
var ErrHookFailed = fault.New("ami.HookFailed", "hook failed")

// referring asks EC2 for what refers to images, at most ten.
func referring(ctx context.Context, api ec2.DescribeImageReferencesAPIClient, ids []string, rules UsageRules) ([]types.ImageReference, error) {
	in := &ec2.DescribeImageReferencesInput{ImageIds: ids}
	for _, t := range t0.Values() {
		if slices.Contains(rules.Without, t) {
			continue
		}
		r := types.ResourceTypeRequest{ResourceType: t}
		switch t {
		case types.ImageReferenceResourceTypeEc2Instance:
			r.ResourceTypeOptions = []types.ResourceTypeOption{{
				OptionName:   types.ImageReferenceOptionNameStateName,
				OptionValues: []string{"pending", "running", "shutting-down", "stopping", "stopped"},
			}}
		case types.ImageReferenceResourceTypeEc2LaunchTemplate:
			// AWS's default is the ten newest versions; a group may use an older one.
			r.ResourceTypeOptions = []types.ResourceTypeOption{{
				OptionName:   types.ImageReferenceOptionNameVersionDepth,
				OptionValues: []string{strconv.Itoa(allVersions)},
			}}
		}
		in.ResourceTypes = append(in.ResourceTypes, r)
	}
	var out []types.ImageReference
	for p := ec2.NewDescribeImageReferencesPaginator(api, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, page.ImageReferences...)
	}
	return out, nil
}
