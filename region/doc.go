// Package region knows the targets of a delivery, which are Regions of
// accounts: the clients for each of them, whether they can be used at all, and
// how one image gets to all of them. It also reads what the images of all of them
// come from.
package region
