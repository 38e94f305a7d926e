// Package asg works on the Auto Scaling groups of one Region: create, find and
// update groups, start an instance refresh, watch refreshes to their end, and
// say which groups use which template or image.
//
// A refresh is started with a desired configuration that names its launch
// template version by number. Auto Scaling then changes the group when the
// refresh has succeeded and not before, so that a failed one leaves what was
// there, and can be rolled back. [Update] is for changes without a refresh, and
// [Pin] spells the version of a group as a number without changing it.
//
// [Preflight] says what a refresh would meet, [RefreshVerified] has the caller
// look at the new instances while it rests, [Rollback] brings a group back from a
// refresh that is active, and [RevertTo] from one that has ended. [MeasureWarmup]
// says how long instances of an image take into service.
//
// Auto Scaling has no idempotency tokens. What an earlier call made is found
// again and adopted: a group by its name, launch source and sizes, a refresh by
// its desired configuration.
package asg
