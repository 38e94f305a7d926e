package awstest

// network is the VPCs of a store.
type network struct{}

func (s *store) seedNetwork() {}
