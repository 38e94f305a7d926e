package awstest_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// Whatever is done to images, and by whom: who sees one is who it is shared
// with, and nothing is shared that may not be.
func TestSharingInvariants(t *testing.T) {
	for seed := range uint64(8) {
		synctest.Test(t, func(t *testing.T) {
			w := newSharingWorld(t, rand.New(rand.NewPCG(seed, 0)))
			for range 100 {
				w.step(t)
				w.check(t, seed)
			}
		})
	}
}

type sharingWorld struct {
	*rand.Rand
	cloud    *awstest.Cloud
	org      *awstest.Organization
	accounts []string // the first one owns the images
	images   []string
	managed  string // the image that is encrypted with AWS's own key
	secret   string // the one with a customer's
	member   map[string]bool
}

func newSharingWorld(t *testing.T, r *rand.Rand) *sharingWorld {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	w := &sharingWorld{Rand: r, cloud: cloud, accounts: []string{awstest.DefaultAccount, stranger, third}, member: map[string]bool{}}
	w.org = cloud.Organization("o-abcdefghij")
	w.managed = region.OwnImage(awstest.ImageSeed{Name: "managed", Encrypted: true})
	w.secret = region.OwnImage(awstest.ImageSeed{Name: "secret", Encrypted: true, KeyID: region.Key(awstest.KeySeed{})})
	w.images = []string{w.managed, w.secret, region.OwnImage(awstest.ImageSeed{Name: "one"}), region.OwnImage(awstest.ImageSeed{Name: "two"})}
	return w
}

// step makes one call at random, most of them right and some refused.
func (w *sharingWorld) step(t *testing.T) {
	ctx := t.Context()
	client := clientOf(w.cloud, w.accounts[max(0, w.IntN(6)-3)], home) // mostly the owner
	id := w.images[w.IntN(len(w.images))]
	grantees := []ec2types.LaunchPermission{user(stranger), user(third), everybody, {OrganizationArn: new(w.org.ARN())}}
	switch grant := grantees[w.IntN(len(grantees))]; w.IntN(12) {
	case 0, 1, 2:
		_, _ = client.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: adds(grant)})
	case 3:
		_, _ = client.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{ImageId: &id,
			LaunchPermission: &ec2types.LaunchPermissionModifications{Remove: []ec2types.LaunchPermission{grant}}})
	case 4:
		_, _ = client.ResetImageAttribute(ctx, &ec2.ResetImageAttributeInput{ImageId: &id, Attribute: "launchPermission"})
	case 5:
		_, _ = client.DisableImage(ctx, &ec2.DisableImageInput{ImageId: &id})
	case 6, 7:
		_, _ = client.EnableImage(ctx, &ec2.EnableImageInput{ImageId: &id})
	case 8:
		_, _ = client.CancelImageLaunchPermission(ctx, &ec2.CancelImageLaunchPermissionInput{ImageId: &id})
	case 9:
		_, _ = client.DisableImageDeprecation(ctx, &ec2.DisableImageDeprecationInput{ImageId: &id})
	case 10:
		at := w.cloud.Now().Add(time.Duration(w.IntN(30)) * 30 * 24 * time.Hour)
		_, _ = client.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: &at})
	case 11:
		if account := w.accounts[1+w.IntN(2)]; w.member[account] {
			w.org.Leave(account)
			w.member[account] = false
		} else {
			w.org.Add(account)
			w.member[account] = true
		}
		_, _ = client.DisableImageBlockPublicAccess(ctx, nil)
	}
}

func (w *sharingWorld) check(t *testing.T, seed uint64) {
	owner := clientOf(w.cloud, w.accounts[0], home)
	for _, id := range w.images {
		image := readImage(t, owner, id)
		granted := launchPermissions(t, owner, id)
		direct := func(account string) bool {
			return slices.ContainsFunc(granted, func(p ec2types.LaunchPermission) bool { return p.UserId != nil && *p.UserId == account })
		}
		public := slices.ContainsFunc(granted, func(p ec2types.LaunchPermission) bool { return p.Group == "all" })
		byOrg := slices.ContainsFunc(granted, func(p ec2types.LaunchPermission) bool { return p.OrganizationArn != nil })

		require.Equal(t, public, *image.Public, "seed %d", seed)
		if image.State == ec2types.ImageStateDisabled || id == w.managed {
			require.Empty(t, granted, "seed %d", seed)
		}
		if public {
			require.NotEqual(t, w.secret, id, "seed %d", seed)
			require.NotNil(t, image.DeprecationTime, "seed %d", seed)
			require.LessOrEqual(t, *image.DeprecationTime, "2002-01-01T00:00:00.000Z", "seed %d", seed)
		}
		for _, account := range w.accounts[1:] {
			may := public || direct(account) || byOrg && w.member[account]
			_, err := clientOf(w.cloud, account, home).DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
			require.Equal(t, may, err == nil, "seed %d: %s of %s", seed, id, account)
		}
	}
}
