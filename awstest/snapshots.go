package awstest

type snapshots struct{}
