// Package ami makes, finds, copies, watches and removes Amazon Machine Images
// of one account in one Region: that of the client it is given.
//
// Every function takes a context, a narrow interface that *ec2.Client
// satisfies, what is to be done, and option functions for how it is run. The
// context is the only deadline: images take minutes, and large ones hours.
//
// Functions that make an image look first. An image of the same name that
// carries the same intent (the tag [TagIntent], a hash of what the image is
// made from) is adopted instead of made again, so that the same call by another
// process, after a crash or a lost response, goes on where the first one ended.
//
// Throttling, server errors and broken connections that the SDK has given up on
// are outlasted: by waits until their context ends, by all else for the grace of
// Options.Poll.
//
// What these functions know of a finished run is on AWS, as tags on images and
// snapshots; nothing is kept on disk.
package ami
