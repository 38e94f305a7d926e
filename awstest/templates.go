package awstest

type templates struct{}
