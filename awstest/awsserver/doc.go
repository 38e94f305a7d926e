// Package awsserver answers over HTTP for an in-memory AWS of package awstest:
// the AWS CLI, boto3, and the SDK of any language talk to it.
//
//	srv := awsserver.New(awstest.New())
//	defer srv.Close()
//	cmd.Env = append(os.Environ(), srv.Env()...)
//
// A client is sent here by AWS_ENDPOINT_URL, which all of AWS's SDKs and the CLI
// know. One server is all accounts, Regions and services: the Region and the
// service are those of the request's signature, the account is told by the access
// key. 12 digits are an account's id; a role that was assumed is in the account
// of the role; any other key is of [awstest.DefaultAccount].
//
// It speaks what AWS's services do: the query protocols of Amazon EC2 (API
// version 2016-11-15), Auto Scaling (2011-01-01) and STS (2011-06-15), and the
// JSON 1.1 of Systems Manager and KMS. All that [awstest.Modelled] lists is
// answered, by the same code that answers the SDK's clients in process, with
// what [awstest.WithTiming], [awstest.WithConsistency], limits and faults ask
// for. An operation that is not modelled is answered as AWS answers one that
// does not exist, and the server's log names it. So it is with a parameter that
// is not modelled.
//
// It is a server for tests. Signatures are not checked, and whoever reaches it
// may do everything: it listens on 127.0.0.1 unless it is told otherwise.
//
// # Control
//
// What a Go test does with the methods of the cloud, a program in any language
// does by these requests. None has to be signed. Bodies are JSON, durations are
// text such as "90s".
//
//	GET    /_awstest/health       200 as soon as calls are answered
//	POST   /_awstest/reset        all is as it was at the start
//	GET    /_awstest/state        what there is, by account and Region
//	GET    /_awstest/calls        each call so far
//	DELETE /_awstest/calls        forgets them, so that counts begin anew
//	GET    /_awstest/leaks        what is left over that nothing needs
//	GET    /_awstest/clock        the time
//	POST   /_awstest/clock        {"advance": "1h"} moves it forward
//	GET    /_awstest/faults       the faults that are on
//	POST   /_awstest/faults       turns one on; see [Fault]
//	DELETE /_awstest/faults       turns all off
//	DELETE /_awstest/faults/ID    turns one off
//
// # Cost
//
// On two cores of a 2.4 GHz virtual machine that others use as well, by
//
//	go test -run '^$' -bench . ./awstest/awsserver
//
//	DescribeImages by id, of a client that does nothing else    8,000 to 29,000 a second
//	the same of the SDK's client, which signs and reads XML       2,000 a second and more
//	10,000 images in ten pages                                     30 ms
//	the same in process                                            15 ms
//	the same of the SDK's client, most of it the reading of XML   2 s
//
// The program awstest-server of the examples gives its first answer 15 ms after its
// start. The benchmark ByIDOverHTTP in internal/emulator has moto beside it: 29,000
// and 175 calls a second in one run.
package awsserver
