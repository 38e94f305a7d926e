package region

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/internal/fault"
)

// LineageInput names the targets whose images are read.
type LineageInput struct {
	// Targets whose own images are in the trees. Required.
	Targets []Target
	// ImageID limits the result to the tree that the image is in. If empty, all
	// trees are returned.
	ImageID string
}

// LineageNode is an image and what was created, copied or restored from it.
type LineageNode struct {
	// Account owns the image; empty if it is an ancestor that no target owns.
	Account string `json:"account,omitempty"`
	// Region that the image is or was in.
	Region  string `json:"region"`
	ImageID string `json:"imageId"`
	// Name of the image; empty if no target owns it.
	Name string `json:"name,omitempty"`
	// State of the image; empty if no target owns it: it was deregistered, or is of
	// another account.
	State types.ImageState `json:"state,omitempty"`
	// CreatedAt is when the image was created.
	CreatedAt time.Time `json:"createdAt,omitzero"`
	// OwnerAlias is "amazon", "aws-marketplace" or "aws-backup-vault", else empty.
	OwnerAlias string `json:"ownerAlias,omitempty"`
	// SourceImageID and SourceRegion are the parent. A root has one only if AWS
	// names no further ancestors, of which it lists 50, or if they could not be read.
	SourceImageID string `json:"sourceImageId,omitempty"`
	SourceRegion  string `json:"sourceRegion,omitempty"`
	// Children in the order that they were created.
	Children []*LineageNode `json:"children,omitempty"`
}

// All yields the node and all below it, parents first, with their depth: the node
// itself has depth 0.
func (n *LineageNode) All() iter.Seq2[int, *LineageNode] {
	return func(yield func(int, *LineageNode) bool) { n.walk(0, yield) }
}

func (n *LineageNode) walk(depth int, yield func(int, *LineageNode) bool) bool {
	if !yield(depth, n) {
		return false
	}
	for _, c := range n.Children {
		if !c.walk(depth+1, yield) {
			return false
		}
	}
	return true
}

// Lineage returns the images of targets as trees, over Regions and accounts: each
// below the image that it was created, copied or restored from. Ancestors that no
// target owns are in the trees too, such as Amazon's base image and images that
// were deregistered. The roots are in the order that they were created. An image
// in another partition begins a tree of its own there.
//
// The images of a target are listed once, in any state, and the ancestry is read
// once for each parent that no target owns. A target that fails stops no other:
// the trees have what was read, and the error joins what failed.
//
// Errors: [ErrInvalidInput]; [ami.ErrNotFound]: no tree has the image.
//
// Calls and IAM actions: ec2:DescribeImages, ec2:GetImageAncestry.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-ancestry.html
func Lineage(ctx context.Context, pool *ClientPool, in LineageInput, optFns ...func(*Options)) ([]*LineageNode, error) {
	const op = "region.Lineage"
	if err := in.check(op); err != nil {
		return nil, err
	}
	l := lineage{ctx: ctx, pool: pool, nodes: map[lineageKey]*LineageNode{}, from: map[*LineageNode]Target{}, opts: Options{Limit: defaultLimit}}
	for _, fn := range optFns {
		fn(&l.opts)
	}
	errs := l.list(in.Targets)
	errs = append(errs, l.ancestors()...)
	roots := l.trees()
	if in.ImageID != "" {
		roots = slices.DeleteFunc(roots, func(root *LineageNode) bool { return !root.has(in.ImageID) })
		if len(roots) == 0 {
			errs = append(errs, &Error{Op: op, Account: in.Targets[0].Account, Region: in.Targets[0].Region, ID: in.ImageID, Kind: ami.ErrNotFound})
		}
	}
	return roots, errors.Join(errs...)
}

func (in *LineageInput) check(op string) error {
	if len(in.Targets) == 0 {
		return fault.Invalid(op, fault.Place{}, "Targets is required")
	}
	for i, t := range in.Targets {
		if err := t.check(op); err != nil {
			return err
		}
		if slices.Contains(in.Targets[:i], t) {
			return fault.Invalid(op, fault.Place(t), "target %s must be given once", t)
		}
	}
	return nil
}

func (n *LineageNode) has(imageID string) bool {
	for _, m := range n.All() {
		if m.ImageID == imageID {
			return true
		}
	}
	return false
}

func (n *LineageNode) key() lineageKey { return lineageKey{n.Region, n.ImageID} }

func (n *LineageNode) parent() lineageKey { return lineageKey{n.SourceRegion, n.SourceImageID} }

type lineageKey struct{ region, imageID string }

// lineage is what is known of the images.
type lineage struct {
	ctx   context.Context
	pool  *ClientPool
	opts  Options
	order []*LineageNode
	nodes map[lineageKey]*LineageNode
	from  map[*LineageNode]Target // where its ancestry can be asked for
}

func (l *lineage) add(n *LineageNode) {
	if l.nodes[n.key()] == nil {
		l.nodes[n.key()] = n
		l.order = append(l.order, n)
	}
}

func (l *lineage) waiting(o *ami.Options) { o.Poll = l.opts.Poll }

// list reads the images of the targets.
func (l *lineage) list(targets []Target) (errs []error) {
	type answer struct {
		images []types.Image
		err    error
	}
	anyState := types.Filter{Name: new("state")}
	for _, s := range types.ImageState("").Values() {
		anyState.Values = append(anyState.Values, string(s))
	}
	answers := fanout.Map(targets, l.opts.Limit, func(t Target) (a answer) {
		clients, err := l.pool.Clients(l.ctx, t)
		if err == nil {
			a.images, err = ami.Find(l.ctx, clients.EC2, ami.Query{
				Owners: []string{ami.Self}, IncludeDisabled: true, Filters: []types.Filter{anyState},
			}, l.waiting)
		}
		a.err = err
		return a
	})
	for i, a := range answers {
		if a.err != nil {
			errs = append(errs, a.err)
		}
		for _, img := range a.images {
			if img.State == types.ImageStateDeregistered {
				continue // AWS still lists it for a while
			}
			n := &LineageNode{
				Account: aws.ToString(img.OwnerId), Region: targets[i].Region, ImageID: aws.ToString(img.ImageId), Name: aws.ToString(img.Name),
				State: img.State, OwnerAlias: aws.ToString(img.ImageOwnerAlias),
				SourceImageID: aws.ToString(img.SourceImageId), SourceRegion: aws.ToString(img.SourceImageRegion),
			}
			n.CreatedAt, _ = time.Parse(time.RFC3339, aws.ToString(img.CreationDate)) // zero if AWS does not say
			l.from[n] = targets[i]
			l.add(n)
		}
	}
	return errs
}

// ancestors reads the ancestry of one child of each parent that is not known.
func (l *lineage) ancestors() (errs []error) {
	var children []*LineageNode
	asked := map[lineageKey]bool{}
	for _, n := range l.order {
		if p := n.parent(); n.SourceImageID != "" && l.nodes[p] == nil && !asked[p] {
			asked[p] = true
			children = append(children, n)
		}
	}
	type answer struct {
		chain []ami.Ancestor
		err   error
	}
	answers := fanout.Map(children, l.opts.Limit, func(n *LineageNode) (a answer) {
		t := l.from[n]
		clients, err := l.pool.Clients(l.ctx, t)
		if err == nil {
			a.chain, err = ami.Ancestry(l.ctx, clients.EC2, n.ImageID, l.waiting)
		}
		a.err = err
		return a
	})
	for _, a := range answers {
		if a.err != nil {
			errs = append(errs, a.err)
		}
		for _, c := range a.chain {
			l.add(&LineageNode{
				Region: c.Region, ImageID: c.ImageID, CreatedAt: c.CreatedAt, OwnerAlias: c.OwnerAlias,
				SourceImageID: c.SourceImageID, SourceRegion: c.SourceRegion,
			})
		}
	}
	return errs
}

// trees puts each image below its parent.
func (l *lineage) trees() (roots []*LineageNode) {
	older := func(a, b *LineageNode) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Region, b.Region), cmp.Compare(a.ImageID, b.ImageID))
	}
	slices.SortFunc(l.order, older)
	for _, n := range l.order {
		if p := l.nodes[n.parent()]; p != nil && p != n {
			p.Children = append(p.Children, n)
		} else {
			roots = append(roots, n)
		}
	}
	return roots
}
