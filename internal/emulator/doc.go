// Package emulator runs the library over HTTP against AWS emulators that nobody
// here wrote: the SDK's real clients, their real requests, and answers that come
// from other people's reading of the AWS documentation.
//
// The tests have the build tag emulator and take the servers from the
// environment; without theirs they fail. They are written for moto and, what is
// about instance refreshes, for ministack:
//
//	python3 -m venv .venv/moto && .venv/moto/bin/pip install 'moto[server]==5.2.5'
//	python3 -m venv .venv/ministack && .venv/ministack/bin/pip install ministack==1.5.33
//	MOTO_EC2_LOAD_DEFAULT_AMIS=false .venv/moto/bin/python -m moto.server -H 127.0.0.1 -p 5555 &
//	BIND_HOST=127.0.0.1 GATEWAY_PORT=4566 IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 .venv/ministack/bin/python -m ministack &
//	READYAMI_MOTO_ENDPOINT=http://127.0.0.1:5555 READYAMI_MINISTACK_ENDPOINT=http://127.0.0.1:4566 \
//	  go test -tags emulator ./internal/emulator/...
//
// Tests of ministack have its name in theirs: -run Ministack and -skip Ministack
// choose one emulator, and the other is not needed then.
//
// An emulator is not AWS. What one gets wrong stands in its list, in
// differences_test.go and ministack_differences_test.go, with a probe for each
// entry: the day the emulator gets better, the probe fails and the entry goes.
// Where a call could not pass at all, a middleware of the clients made here
// adapts the call; the library never bends.
package emulator
