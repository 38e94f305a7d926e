package step

import (
	"context"
	"errors"
	"strconv"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/internal/release"
)

// spare is how many tags of a resource the pin record leaves to others, and most how
// many tags a resource has.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const (
	spare    = 15
	mostTags = 50
)

// record writes down how groups name their launch template versions: on the snapshots
// of the place's image first, and on the image last.
func (e *Env) record(ctx context.Context, w release.Write) error {
	at := e.facts(w)
	spellings := map[string]string{}
	for _, i := range w.Groups {
		g := &at.Groups[i]
		spellings[facts.RecordKey(g.Name)] = facts.Letters(g.Launch)
	}
	first := facts.RecordTagCount(e.Plan.Release, at.Image.Tags)
	for _, tags := range at.RecordTags {
		first += facts.RecordTagCount(e.Plan.Release, tags)
	}
	all := facts.RecordTags(e.Plan.Release, spellings, first)
	for _, id := range append(append([]string(nil), at.Image.Snapshots...), at.Image.ID) {
		if len(all) == 0 {
			return nil
		}
		held := len(at.RecordTags[id]) + len(at.Image.Tags) // a snapshot has the image's tags, too
		part := map[string]string{}
		for k, v := range all {
			if held+len(part) < mostTags-spare {
				part[k] = v
			}
		}
		if len(part) == 0 {
			continue
		}
		if err := Tag(ctx, e.clients(w), part, id); err != nil {
			return err
		}
		for k := range part {
			delete(all, k)
		}
	}
	if len(all) > 0 {
		return &asg.Error{
			Op: "readyami.Apply", Account: e.place(w).Account, Region: e.place(w).Region, ID: at.Image.ID,
			Reason: "the image and its snapshots have no room for the tags of the pin record",
		}
	}
	return nil
}

// complete closes the pin record of a place.
func (e *Env) complete(ctx context.Context, w release.Write) error {
	at := e.facts(w)
	k, v := facts.CompleteTag(e.Plan.Release, len(at.Record.Spellings))
	return Tag(ctx, e.clients(w), map[string]string{k: v}, at.Image.ID)
}

// pin names the versions of a group by number, or by $Latest and $Default again. It
// changes nothing that the group launches.
func (e *Env) pin(ctx context.Context, w release.Write) error {
	g := &e.facts(w).Groups[w.Group]
	was := asg.SourceOf(g.Raw)
	in := asg.UpdateInput{Group: g.Name, From: &was}
	name := func(i int) string {
		if i < len(w.Spellings) && w.Spellings[i] != "" {
			return w.Spellings[i]
		}
		if i < len(w.Numbers) && w.Numbers[i] != 0 {
			return strconv.FormatInt(w.Numbers[i], 10)
		}
		return ""
	}
	switch {
	case was.Template != nil:
		t := *was.Template
		t.Name, t.Version = "", name(0)
		in.Template = &t
	case was.MixedInstancesPolicy != nil:
		in.Policy = policyWith(was.MixedInstancesPolicy, name)
	default:
		return errors.New("readyami: the group has no launch template")
	}
	_, err := asg.Update(ctx, e.clients(w).AutoScaling, in)
	return err
}

// Each makes several writes of one look at once, bounded, and joins their errors.
func (e *Env) Each(ctx context.Context, writes []release.Write) []error {
	return fanout.Map(writes, 8, func(w release.Write) error { return e.Write(ctx, w) })
}
