package awstest

// ImageCategory is what AWS calls an image by who may launch it.
type ImageCategory string

const (
	// CategoryPrivate: only its owner may launch it, who always may.
	CategoryPrivate ImageCategory = "private"
	// CategoryShared: accounts, organizations or units may that it is shared with.
	CategoryShared ImageCategory = "shared"
	// CategoryPublic: every account may.
	CategoryPublic ImageCategory = "public"
	// CategoryMarketplace: it has a product code, and who wants to launch it
	// must have subscribed to the product.
	CategoryMarketplace ImageCategory = "marketplace"
)

// ImageCategory is the category of an image that the account may see; empty
// when there is none. Who owns a public image is another matter: an owner alias
// (amazon, aws-marketplace, aws-backup-vault) marks a provider that AWS has
// verified.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharing-amis.html
func (r *Region) ImageCategory(imageID string) (category ImageCategory) {
	r.do(func(s *store) {
		i, err := s.findImage(imageID)
		switch {
		case err != nil:
		case len(i.codes) > 0:
			category = CategoryMarketplace
		case i.permissions.public:
			category = CategoryPublic
		case i.permissions.entities() > 0:
			category = CategoryShared
		default:
			category = CategoryPrivate
		}
	})
	return category
}
