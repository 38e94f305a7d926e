package awstest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeImages, "ImageIds", "Owners", "ExecutableUsers", "Filters", "IncludeDeprecated", "IncludeDisabled",
		"MaxResults", "NextToken")
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
func describeImages(r *request, in *ec2.DescribeImagesInput) (*ec2.DescribeImagesOutput, error) {
	match, err := imageFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	owned, err := r.owners(in.Owners)
	if err != nil {
		return nil, err
	}
	executable, err := r.executable(in.ExecutableUsers)
	if err != nil {
		return nil, err
	}
	from := r.catalogue.imageOrder
	if len(in.ImageIds) > 0 {
		if from, err = r.findImages(in.ImageIds); err != nil {
			return nil, err
		}
	}
	var all []*image
	for _, i := range from {
		if err := r.disabledByID(i, in); err != nil {
			return nil, err
		}
		if r.sees(i) && i.listed(r.store, in) && owned(i) && executable(i) && match(imageView{i, r.account}) {
			all = append(all, i)
		}
	}
	cut, next, err := page(r.store, all, limits{}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeImagesOutput{NextToken: next}
	for _, i := range cut {
		r.show(&i.sight)
		out.Images = append(out.Images, imageView{i, r.account}.render())
	}
	return out, nil
}

// findImages finds all of the images, or fails for all.
func (s *store) findImages(ids []string) ([]*image, error) {
	var found []*image
	var unknown []string
	for _, id := range ids {
		if !wellFormed("ami-", id) {
			return nil, malformedImageID(id)
		}
		if i := s.catalogue.images[id]; i == nil || !s.sees(i) {
			unknown = append(unknown, id)
		} else if !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	if unknown != nil {
		return nil, missingImages(unknown)
	}
	return found, nil
}

// listed is false for what DescribeImages leaves out unless asked for it.
func (i *image) listed(s *store, in *ec2.DescribeImagesInput) bool {
	mine := i.account == s.account
	byID := slices.Contains(in.ImageIds, i.id)
	switch {
	case i.state == ec2types.ImageStateDeregistered:
		return false
	case i.state == ec2types.ImageStateDisabled:
		return deref(in.IncludeDisabled) // its owner only: disabling has ended all sharing
	case !i.deprecated.IsZero() && !s.now.Before(i.deprecated):
		return mine || byID || deref(in.IncludeDeprecated)
	}
	return true
}

func (r *request) disabledByID(i *image, in *ec2.DescribeImagesInput) error {
	code := r.unconfirmed.DisabledByID
	if code == "" || i.state != ec2types.ImageStateDisabled || deref(in.IncludeDisabled) || !slices.Contains(in.ImageIds, i.id) {
		return nil
	}
	return apiError(code, "The image id '[%s]' is disabled", i.id)
}

// owners reads the Owners of DescribeImages: none means any.
func (r *request) owners(names []string) (func(*image) bool, error) {
	var accounts, aliases []string
	for _, name := range names {
		switch {
		case name == "self":
			accounts = append(accounts, r.account)
		case name == "amazon" || name == "aws-marketplace" || name == "aws-backup-vault":
			aliases = append(aliases, name)
		case isAccount(name):
			accounts = append(accounts, name)
		default:
			return nil, apiError("InvalidUserID.Malformed", "Invalid user id: \"%s\"", name)
		}
	}
	return func(i *image) bool {
		return len(names) == 0 || slices.Contains(accounts, i.account) || slices.Contains(aliases, i.ownerAlias)
	}, nil
}

// executable reads ExecutableUsers: whom an image is explicitly shared with.
func (r *request) executable(users []string) (func(*image) bool, error) {
	for _, user := range users {
		if user != "self" && user != "all" && !isAccount(user) {
			return nil, apiError("InvalidUserID.Malformed", "Invalid user id: \"%s\"", user)
		}
	}
	return func(i *image) bool {
		if len(users) == 0 {
			return true
		}
		return slices.ContainsFunc(users, func(user string) bool { return r.sharedWith(i, user) })
	}, nil
}

func isAccount(id string) bool { return len(id) == 12 && strings.Trim(id, "0123456789") == "" }
