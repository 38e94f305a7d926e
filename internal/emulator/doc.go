// Package emulator runs the library over HTTP against an AWS emulator that
// nobody here wrote: the SDK's real clients, their real requests, and answers
// that come from other people's reading of the AWS documentation.
//
// The tests have the build tag emulator and take the server from the
// environment variable READYAMI_EMULATOR_ENDPOINT; without it they fail. They
// are written for moto:
//
//	python3 -m venv .venv
//	.venv/bin/pip install 'moto[server]==5.2.5'
//	MOTO_EC2_LOAD_DEFAULT_AMIS=false .venv/bin/python -m moto.server -H 127.0.0.1 -p 5555 &
//	READYAMI_EMULATOR_ENDPOINT=http://127.0.0.1:5555 go test -tags emulator ./internal/emulator/...
//
// An emulator is not AWS. What it gets wrong stands in one list, in
// differences_test.go, with a probe for each entry: the day the emulator gets
// better, the probe fails and the entry goes. Where a call could not pass at
// all, a middleware of the clients made here adapts the call; the library never
// bends.
package emulator
