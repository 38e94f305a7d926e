package awstest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// imageIndex finds the few images that a filter by name or by tag can be
// about, so that a search in an account with ten thousand images looks at those
// alone. It may name too many: the filters still decide.
type imageIndex struct {
	byName map[string][]*image
	byTag  map[tagPair][]*image
	stale  []*image // those whose tags may have changed since they were indexed
}

// indexed is embedded by an image: its place in the index.
type indexed struct {
	number int // ascending in the order of making, in one Region
	stale  bool
	pairs  []tagPair // under which it stands
}

// add enters a new image.
func (c *catalogue) add(i *image) {
	c.lastImage++
	i.number = c.lastImage
	c.images[i.id] = i
	c.imageOrder = append(c.imageOrder, i)
	if c.index.byName == nil {
		c.index.byName = map[string][]*image{}
		c.index.byTag = map[tagPair][]*image{}
	}
	c.index.byName[i.name] = append(c.index.byName[i.name], i)
	c.retagged(i)
}

// remove takes an image out for good.
func (c *catalogue) remove(i *image) {
	is := func(o *image) bool { return o == i }
	delete(c.images, i.id)
	c.imageOrder = slices.DeleteFunc(c.imageOrder, is)
	if c.index.byName[i.name] = slices.DeleteFunc(c.index.byName[i.name], is); len(c.index.byName[i.name]) == 0 {
		delete(c.index.byName, i.name)
	}
	for _, p := range i.pairs {
		if c.index.byTag[p] = slices.DeleteFunc(c.index.byTag[p], is); len(c.index.byTag[p]) == 0 {
			delete(c.index.byTag, p)
		}
	}
	i.pairs = nil
}

// retagged notes that an image's tags change in this call.
func (c *catalogue) retagged(i *image) {
	if !i.indexed.stale {
		i.indexed.stale = true
		c.index.stale = append(c.index.stale, i)
	}
}

// refresh enters the tags that have changed. A tag that is gone stays in the
// index until a search passes over it.
func (c *catalogue) refresh() {
	for _, i := range c.index.stale {
		i.indexed.stale = false
		if c.images[i.id] != i {
			continue
		}
		for _, tags := range i.tags {
			for _, p := range tags.tags {
				if !slices.Contains(i.pairs, p) {
					i.pairs = append(i.pairs, p)
					c.index.byTag[p] = append(c.index.byTag[p], i)
				}
			}
		}
	}
	clear(c.index.stale)
	c.index.stale = c.index.stale[:0]
}

// candidates are the images that filters can hold for, in the order of making:
// all where no filter narrows them down.
func (c *catalogue) candidates(filters []ec2types.Filter) []*image {
	best, narrow := c.imageOrder, false
	for _, f := range filters {
		look := c.lookup(aws.ToString(f.Name))
		if look == nil || slices.ContainsFunc(f.Values, func(v string) bool { return strings.ContainsAny(v, wildcards) }) {
			continue
		}
		var these []*image
		for n, v := range f.Values {
			if n == 0 {
				these = slices.Clip(look(v)) // the index's own: more is put into a copy
			} else {
				these = append(these, look(v)...)
			}
		}
		if !narrow || len(these) < len(best) {
			best, narrow = these, true
		}
	}
	if !narrow {
		return best
	}
	byNumber := func(a, b *image) int { return cmp.Compare(a.number, b.number) }
	for n := 1; n < len(best); n++ {
		if best[n-1].number >= best[n].number { // by more than one value, or tagged later
			best = slices.Clone(best)
			slices.SortFunc(best, byNumber)
			return slices.Compact(best)
		}
	}
	return best
}

// lookup finds images by a value of a filter; nil: the index does not have it.
func (c *catalogue) lookup(filter string) func(value string) []*image {
	if filter == "name" {
		return func(value string) []*image { return c.index.byName[value] }
	}
	if filter == "image-id" {
		return func(value string) []*image {
			if i := c.images[value]; i != nil {
				return []*image{i}
			}
			return nil
		}
	}
	key, ok := strings.CutPrefix(filter, "tag:")
	if !ok {
		return nil
	}
	return func(value string) []*image {
		c.refresh()
		return c.index.byTag[tagPair{key, value}]
	}
}
