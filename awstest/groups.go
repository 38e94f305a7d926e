package awstest

type groups struct{}
