// Package awstest is an in-memory AWS for tests: real SDK clients work on it
// with the network replaced.
package awstest
