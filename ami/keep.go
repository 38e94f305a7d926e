package ami

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// kept are the images that stay whatever their age, each with the reason.
func (p *planning) kept(ctx context.Context, images []types.Image) (map[string]string, error) {
	all, err := p.withKept(ctx, images)
	if err != nil {
		return nil, err
	}
	kept := map[string]string{}
	keep := func(id, reason string) {
		if kept[id] == "" {
			kept[id] = reason
		}
	}
	var current []string
	for _, id := range p.rules.Kept {
		keep(id, "the caller keeps it")
		current = append(current, id)
	}
	seen := map[string]int{}
	for _, img := range images { // the newest first
		id, family := aws.ToString(img.ImageId), p.rules.family(img)
		if img.State != types.ImageStateAvailable || Tag(img.Tags, TagRejected) != "" || family == "" {
			continue
		}
		if stage, _ := stageOf(&img, p.now); stage == StageEnabled {
			continue // it stays anyway
		}
		seen[family]++
		if seen[family] == 1 {
			current = append(current, id)
		}
		if n := max(p.rules.Keep, 1); seen[family] <= n {
			keep(id, "among the newest "+plural(n, "image")+" of "+family)
		}
	}
	for _, id := range current {
		if good := lastGood(all, id); good != "" {
			keep(good, "the last good image before "+id)
		}
	}
	return kept, nil
}

// withKept is images by id, with those that the caller keeps and the query does
// not find: their predecessors count too.
func (p *planning) withKept(ctx context.Context, images []types.Image) (map[string]types.Image, error) {
	all := make(map[string]types.Image, len(images))
	for _, img := range images {
		all[aws.ToString(img.ImageId)] = img
	}
	var missing []string
	for _, id := range p.rules.Kept {
		if _, found := all[id]; !found {
			missing = append(missing, id)
		}
	}
	var failure error
	for id, img := range ownedAll(ctx, p.api, missing, p.o, func(_ string, err error) {
		if e, ours := err.(*Error); !ours || e.Kind != ErrNotFound && e.Kind != ErrNotOwner {
			failure = err
		}
	}) {
		all[id] = *img
	}
	return all, failure
}

// lastGood follows the predecessors of an image past those that were rejected.
func lastGood(all map[string]types.Image, id string) string {
	visited := []string{id}
	for {
		id = Tag(all[id].Tags, TagPredecessor)
		img, found := all[id]
		if id == "" || slices.Contains(visited, id) {
			return ""
		}
		if !found || Tag(img.Tags, TagRejected) == "" {
			return id
		}
		visited = append(visited, id)
	}
}
