// Package awstest is an in-memory AWS for tests: real SDK clients work on it
// with nothing replaced but the network.
//
//	cloud := awstest.Start(t)
//	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
//
// Input validation, idempotency tokens, paginators, the SDK's own retries and
// role switching all run as in production; the account is that of the
// credentials. A [Cloud] holds all accounts and Regions, and each has a default
// VPC to begin with. Seed it through the API that production uses, or with the
// helpers of [Region]; look at it with those too, or read the ledger of calls.
//
// # Time
//
// The fake has no clock of its own, no timers and no goroutines: at each call it
// catches up with time.Now. In a testing/synctest bubble that is virtual time,
// and a delivery of hours takes milliseconds. A [Timing] says how long things
// take: with [Instant], the default, everything is done by the first read that
// follows; [SeenOnce] shows each state in between once; [Realistic] takes AWS's
// minutes.
//
// # What is modelled
//
// EC2: instances, images and their copies, sharing, deprecation, disabling and
// protection; snapshots; launch templates and their versions; tags; block public
// access; encryption by default. Auto Scaling: groups of real instances, mixed
// instances policies and weights, launch configurations, lifecycle hooks, warm
// pools, standby, suspended processes, scaling activities, and instance refreshes
// with healthy percentages, warm-up, checkpoints, bake time, skip matching,
// protected instances, alarms, cancel and rollback. KMS: keys, as far as images need them. Systems
// Manager: parameters, the public ones of images among them. STS: who calls, and
// AssumeRole.
//
// An operation, or an input field, that is not modelled is refused by an
// [Unmodelled] error that names it; nothing is looked over in silence. Not
// modelled are, among others, scaling policies, and the prices and interruptions
// of Spot Instances.
//
// Where AWS's documentation leaves open what it answers, [Unconfirmed] says what
// the fake does, and lets it be changed. Permissions of callers are not modelled:
// everybody may do everything in the account that their credentials are of.
//
// # Faults
//
// A [Fault] is a hook in front of the cloud; several compose. There are ready
// ones for throttling, refusals, lost responses, expired credentials and a crash
// at any write. [Cloud.FailImages] and [Cloud.NeverHealthy] decide on the fate of
// images that are yet to be made.
package awstest
