// Package asg works on the Auto Scaling groups of one Region: create and update
// a group, start an instance refresh, and watch refreshes to their end.
//
// A refresh is started with a desired configuration that names its launch
// template version by number. Auto Scaling then changes the group when the
// refresh has succeeded and not before, so that a failed one leaves what was
// there, and can be rolled back. [Update] is for changes without a refresh.
//
// Auto Scaling has no idempotency tokens. What an earlier call made is found
// again and adopted: a group by its name, launch source and sizes, a refresh by
// its desired configuration.
package asg
