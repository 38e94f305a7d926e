package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Release identifies the release that the delivery is: ten hexadecimal digits of a
// hash of its name, family, revision and source. The marks that a release leaves on
// AWS carry it. Changing anything else of a delivery, such as its rollout or its
// groups, goes on with the same release.
func (d *Delivery) Release() string {
	var images []string
	if d.Source.IsZero() {
		for _, t := range d.Targets {
			images = append(images, t.Account+"/"+t.Region+"/"+t.ImageID)
		}
	}
	return hashed(d.Name, d.Family, d.Revision, d.Source, images)[:10]
}

// digest is that of [Plan.Digest].
func (p *Plan) digest() string {
	type before struct {
		Account, Region, Image string
		Action                 ImageAction
		Templates              []Template
		Groups                 []Group
	}
	var all []before
	for _, at := range p.Places {
		b := before{Account: at.Account, Region: at.Region, Action: at.Image.Action, Templates: at.Templates}
		if at.Image.Action == ImageActionUse {
			b.Image = at.Image.ID
		}
		for _, g := range at.Groups {
			b.Groups = append(b.Groups, Group{Name: g.Name, Wave: g.Wave, Launch: g.Launch, Images: g.Images})
		}
		all = append(all, b)
	}
	return hashed(p.Kind, p.Release, p.Delivery, p.Attempt, p.Home, p.Waves, all)
}

// Seal sets the digest of a plan that has been made.
func (p *Plan) Seal() { p.Digest = p.digest() }

// Sealed reports whether the digest is that of the plan: it has not been edited since
// it was made.
func (p *Plan) Sealed() bool { return p.Digest == p.digest() }

// hashed is a hash of plain data.
func hashed(parts ...any) string {
	data, err := json.Marshal(parts)
	if err != nil {
		panic(err) // plain data marshals
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
