package awstest

type images struct{}
type image struct{ sight }
