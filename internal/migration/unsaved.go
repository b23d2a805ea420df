package migration

import "errors"

// Why a change could not be stored, for whoever tells people. Anything else that
// the store says is trouble without a name.
var (
	// ErrStoreDamaged says that the store can be neither read nor written until a
	// backup takes its place.
	ErrStoreDamaged = errors.New("the store is damaged")
	// ErrStoreFull and ErrStoreReadOnly pass by themselves once the disk is well.
	ErrStoreFull     = errors.New("there is no space left for the store")
	ErrStoreReadOnly = errors.New("the store cannot be written")
)
