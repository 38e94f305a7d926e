package awstest

// MarketplaceAccount owns the images that [Region.MarketplaceImage] makes; its
// alias is aws-marketplace.
const MarketplaceAccount = "679593333241"

// MarketplaceImage makes an image of an AWS Marketplace product in this Region
// and returns its id. All see it; who wants to launch it must have subscribed to
// the product, and nobody else may copy it.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/paid-amis.html
func (r *Region) MarketplaceImage(name, productCode string) (id string) {
	seed := ImageSeed{Name: name, Public: true, OwnerAlias: "aws-marketplace", ProductCodes: []string{productCode}}
	r.do(func(s *store) {
		id = s.Cloud.store(place{MarketplaceAccount, s.region}).seedImage(seed).id
	})
	return id
}

// Subscribe subscribes the account to an AWS Marketplace product.
func (a *Account) Subscribe(productCode string) {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	a.cloud.subscribed[a.id+"/"+productCode] = true
}

// checkSubscription refuses the launch of a product that the account has not
// subscribed to. An image that the account has made of one counts too.
func (s *store) checkSubscription(i *image) error {
	for _, code := range i.codes {
		if i.account != s.account && !s.subscribed[s.account+"/"+code] {
			return apiError("OptInRequired", "In order to use this AWS Marketplace product you need to accept terms and subscribe. "+
				"To do so please visit https://aws.amazon.com/marketplace/pp?sku=%s", code)
		}
	}
	return nil
}
