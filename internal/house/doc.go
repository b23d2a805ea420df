// Package house holds the check of who may import whom; it has no code of its own.
package house
