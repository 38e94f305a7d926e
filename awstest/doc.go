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
// docs/testing.md in the repository shows the usual kinds of tests.
//
// Package awsserver has the same cloud over HTTP, for programs in any language.
//
// # Time
//
// The fake has no clock of its own, no timers and no goroutines: at each call it
// catches up with time.Now. In a [testing/synctest] bubble that is virtual time,
// and a delivery of hours takes milliseconds. A [Timing] says how long things
// take: with [Instant], the default, everything is done by the first read that
// follows; [SeenOnce] shows each state in between once; [Realistic] takes AWS's
// minutes.
//
// # What is modelled
//
// [Modelled] lists the operations, and of each the input fields that are not
// modelled. An operation or a field that is not modelled is refused by an
// [Unmodelled] error that names it. The list is of fields: a value or a filter
// that is not modelled is refused in the same way when it is used.
//
// Two fields are accepted and change nothing, for want of anything here that
// they could change: AllAvailabilityZones of DescribeAvailabilityZones, as an
// account has all of the zones that there are; HonorCooldown of
// SetDesiredCapacity, as no scaling policy runs and so no cooldown ever does.
// Nothing else is looked over in silence.
//
// What is modelled, by what it is of:
//
//   - Images: made of instances and snapshots, copied between Regions and
//     accounts, with all of their states and reasons; names that are taken by
//     all that still exists; tags, description, deprecation, disabling,
//     protection with its cooldown, deregistration with what became of each
//     snapshot, and what is still seen of an image after it; ancestry,
//     references, usage reports; the Recycle Bin; who sees, launches and copies
//     what, by account, organization, unit and all; block public access;
//     Marketplace codes and the aliases of verified providers; images stored in
//     S3 and restored from it, in another partition too, with the user's copies
//     between buckets ([Region.CopyStoredImage]).
//   - Snapshots: one for each volume, with size, encryption and key; shared, copied,
//     used by several images. Keys of AWS and of customers, with grants, and
//     encryption by default. A copy whose key cannot be used is accepted and
//     fails later. Fast snapshot restore for each zone, with its states, quota and
//     volume creation credits.
//   - Instances: their volumes, tags and states, and whether the application in
//     their image becomes healthy. Volumes of their own too: made, attached,
//     detached and deleted, and those that outlive their instance.
//   - Launch templates: immutable versions, $Latest and $Default, the merge with a
//     source version, images by parameter, warnings, deleting in part.
//   - Auto Scaling groups of such instances: mixed instances policies and weights,
//     launch configurations, lifecycle hooks, warm pools, standby, suspended
//     processes, scaling activities; and all that instance refreshes do:
//     percentages, warm-up, checkpoints, bake time, skip matching, alarms,
//     protected and standby instances, the stall and its end, cancel and
//     rollback.
//   - Regions: all that AWS has, in each of its partitions. An account has an
//     opt-in Region once it has enabled it: [Account.EnableRegion].
//   - Systems Manager parameters: versions with labels, tiers, the check of image
//     ids, sharing, history; and the public ones of AWS and its partners that hold
//     images, to which [Region.ReleaseBaseImage] releases the next.
//   - STS: who calls, and AssumeRole with external ids.
//
// Answers have AWS's error codes and words, in the types that the SDK's clients
// return: a [smithy.APIError] in a response error with status and request id.
// Lists have pages, filters and an order that stays.
//
// # What is not
//
// Permissions of callers: everybody may do everything in the account that their
// credentials are of, but for [Deny], and assume any role, but for
// [Account.RequireExternalID]. Scaling policies. Rebalancing: a group that gives
// up a zone keeps the instances that it has there until they are replaced.
// Prices, and the interruptions of Spot Instances. Networks beyond what a launch
// needs. Allowed AMIs, which is off, and watermarks of images. Outposts, Local
// Zones, instance-store-backed images, import and export of images.
//
// # What differs
//
// What AWS limits is unlimited unless [WithAWSLimits] or [WithQuotas] and
// [LimitRates] say otherwise: then calls draw from AWS's token buckets, and
// copies and resources are counted. What is written is seen at once unless
// [WithConsistency] says otherwise. Time passes as the [Timing] says, not as
// the amount of data would need. Ids are hashes of counters, the same in each
// run. A signature is no more than the key that it would be of, unless a client
// has a signer of its own.
//
// Where AWS's documentation leaves open what it answers, [Unconfirmed] says what
// the fake does, and lets it be changed. The package conformance holds the rules
// that the fake keeps as checks that also run on an emulator and on an account
// of AWS.
//
// # Faults
//
// A [Fault] is a hook in front of the cloud; several compose, and a [Match] says
// which calls one is about, down to the n-th of an operation in a Region.
//
//   - too many calls: [LimitRates], [Throttle]
//   - refused: [Deny], [ExpireCredentials], [Refuse] with any code of AWS's
//   - answers that do not arrive, once or for good, of what has been done:
//     [LoseResponse], [LoseResponseForGood]
//   - slow: [Delay]; seen late: [WithConsistency]
//   - the process dies at its k-th write, done or not done: [CrashAtWrite]
//   - images that fail with a reason: [Cloud.FailImages]; whose instances never
//     become healthy: [Cloud.NeverHealthy]
//
// [Cloud.NoLeaks] fails a test for what is left over that nothing needs.
//
// # Cost
//
// Medians on two cores of a 2.4 GHz virtual machine, by
//
//	go test -run '^$' -bench 'Inside|Call|Start' -benchmem -count 5 ./awstest
//
//	                                               time    allocations
//	a call through the real client                41 µs            179
//	the same to nothing: the SDK's own part       37 µs            157
//	inside the fake, with 10,000 images:
//	  one by its id                              1.9 µs              3
//	  one by three filters                       4.2 µs             14
//	  all, in ten pages                           11 ms            230
//	1,000 groups of 20 instances, in ten pages    10 ms     14 a group
//	a cloud and its first Region                  34 µs            163
//
// A call to nothing is the scale for another machine: it is answered right
// behind the SDK's retries and has nothing to do with this package. Ids, names
// and tags are indexed, and a page costs what is on it. A thousand groups of 20
// instances, made and refreshed at once in a bubble, take 1.5 s of real time.
//
// In internal/emulator is a benchmark of the same reads through the client, of
// the fake and of moto, with 10,000 images in each: by id 0.14 ms and 52 ms, by
// three filters 0.18 ms and five minutes, all of them 27 ms and four minutes.
package awstest
