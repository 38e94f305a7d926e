package awstest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeImages, "ImageIds", "Owners", "ExecutableUsers", "Filters", "IncludeDeprecated", "IncludeDisabled",
		"MaxResults", "NextToken")
}

// imageSearch is what one DescribeImages asks for.
type imageSearch struct {
	*request
	in         *ec2.DescribeImagesInput
	match      func(imageView) bool // nil: any
	owned      func(*image) bool    // nil: any
	executable func(*image) bool    // nil: any
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
func describeImages(r *request, in *ec2.DescribeImagesInput) (*ec2.DescribeImagesOutput, error) {
	q := imageSearch{request: r, in: in}
	var err error
	if len(in.Filters) > 0 {
		if q.match, err = imageFilters.compile(in.Filters); err != nil {
			return nil, err
		}
	}
	if q.owned, err = r.owners(in.Owners); err != nil {
		return nil, err
	}
	if q.executable, err = r.executable(in.ExecutableUsers); err != nil {
		return nil, err
	}
	var cut []*image
	var next *string
	if len(in.ImageIds) > 0 {
		cut, next, err = q.byID()
	} else {
		cut, next, err = q.all()
	}
	if err != nil {
		return nil, err
	}
	answer := newImagesAnswer(cut)
	answer.NextToken = next
	for n, i := range cut {
		r.show(&i.sight)
		r.renderImage(i, &answer.Images[n], &answer.arena)
	}
	return &answer.DescribeImagesOutput, nil
}

// imagesAnswer is an answer and what it points to: for one image, a piece.
type imagesAnswer struct {
	ec2.DescribeImagesOutput
	first [1]ec2types.Image
	arena
}

func newImagesAnswer(images []*image) *imagesAnswer {
	a := &imagesAnswer{}
	switch len(images) {
	case 0:
		return a
	case 1:
		a.Images = a.first[:]
		a.open()
		return a
	}
	a.Images = make([]ec2types.Image, len(images))
	tags, devices := 0, 0
	for _, i := range images {
		devices += len(i.mappings)
		for _, of := range i.tags {
			tags += len(of.tags)
		}
	}
	a.expect(len(images), tags, devices)
	return a
}

// finds is true for an image that belongs into the answer.
func (q *imageSearch) finds(i *image) bool {
	return q.sees(i) && i.listed(q.store, q.in) && (q.owned == nil || q.owned(i)) && (q.executable == nil || q.executable(i)) &&
		(q.match == nil || q.match(imageView{i, q.account})) && !q.unseen(&i.fresh)
}

// byID is a page of the images that the call names.
func (q *imageSearch) byID() ([]*image, *string, error) {
	named, err := q.findImages(q.in.ImageIds)
	if err != nil {
		return nil, nil, err
	}
	found := named[:0]
	for _, i := range named {
		if err := q.disabledByID(i, q.in); err != nil {
			return nil, nil, err
		}
		if q.finds(i) {
			found = append(found, i)
		}
	}
	return page(q.store, found, limits{}, q.in.MaxResults, q.in.NextToken)
}

// all is a page of a search. The token is the number of the last image, so that
// a page costs what is on it, however many came before.
func (q *imageSearch) all() (cut []*image, next *string, err error) {
	p, err := q.openPage(limits{}, q.in.MaxResults, q.in.NextToken)
	switch {
	case err != nil:
		return nil, nil, err
	case p.after > q.catalogue.lastImage:
		return nil, nil, badToken(*q.in.NextToken)
	case p.empty:
		return nil, p.here(), nil
	}
	from := q.catalogue.candidates(q.in.Filters)
	at, _ := slices.BinarySearchFunc(from, p.after+1, func(i *image, number int) int { return i.number - number })
	if p.size > 0 {
		cut = make([]*image, 0, min(p.size, len(from)-at))
	}
	for _, i := range from[at:] {
		if !q.finds(i) {
			continue
		}
		if p.size > 0 && len(cut) == p.size {
			return cut, q.next(cut[len(cut)-1].number), nil
		}
		cut = append(cut, i)
	}
	return cut, nil, nil
}

// findImages finds all of the images, or fails for all.
func (s *store) findImages(ids []string) ([]*image, error) {
	found := make([]*image, 0, len(ids))
	var unknown []string
	for _, id := range ids {
		if !wellFormed("ami-", id) {
			return nil, malformedImageID(id)
		}
		if i := s.catalogue.images[id]; i == nil || !s.sees(i) || s.unseen(&i.fresh) {
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
		return !i.hidden
	case i.state == ec2types.ImageStateDisabled:
		return aws.ToBool(in.IncludeDisabled) // its owner only: disabling has ended all sharing
	case !i.deprecated.IsZero() && !s.now.Before(i.deprecated):
		return mine || byID || aws.ToBool(in.IncludeDeprecated)
	}
	return true
}

func (r *request) disabledByID(i *image, in *ec2.DescribeImagesInput) error {
	code := r.unconfirmed.DisabledByID
	if code == "" || i.state != ec2types.ImageStateDisabled || aws.ToBool(in.IncludeDisabled) || !slices.Contains(in.ImageIds, i.id) {
		return nil
	}
	return apiError(code, "The image id '[%s]' is disabled", i.id)
}

// owners reads the Owners of DescribeImages: none means any.
func (r *request) owners(names []string) (func(*image) bool, error) {
	if len(names) == 0 {
		return nil, nil
	}
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
		return slices.Contains(accounts, i.account) || slices.Contains(aliases, i.ownerAlias)
	}, nil
}

// executable reads ExecutableUsers: whom an image is explicitly shared with.
func (r *request) executable(users []string) (func(*image) bool, error) {
	if len(users) == 0 {
		return nil, nil
	}
	for _, user := range users {
		if user != "self" && user != "all" && !isAccount(user) {
			return nil, apiError("InvalidUserID.Malformed", "Invalid user id: \"%s\"", user)
		}
	}
	return func(i *image) bool {
		return slices.ContainsFunc(users, func(user string) bool { return r.sharedWith(i, user) })
	}, nil
}

func isAccount(id string) bool { return len(id) == 12 && strings.Trim(id, "0123456789") == "" }
