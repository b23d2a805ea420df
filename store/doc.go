// Package store remembers: migrations, the jobs that wait, the audit trail, and
// which envelopes were carried out. All of it is in one file.
//
// A tour: [Open] finds or begins the file and refuses what is no store of ours.
// [Store.Apply] and [Store.ApplyEach] are the one write door: they read, let the
// caller decide, and commit the [migration.Change] whole; [Store.ApplyPost] does
// so for a message that belongs to no single migration. [Store.Heads],
// [Store.Begin] and [Store.Retry] are for whoever runs the jobs. The rest reads.
//
// backup.go, restore.go, audit.go and check.go look after what is there; watch.go
// notices at work what is wrong with the file or its disk.
//
// Below that, keys.go says how keys are written, schema.go which spaces there
// are and how an older file is brought up to date, record.go what stands in a
// value, group.go how commits share one sync of the disk, and kv.go what an
// engine must do. bolt.go is the only engine and the only file that knows it.
//
// What may change in a stored record: a field may be added, where its zero value
// means what its absence meant. Renaming or removing a field, changing its
// meaning, or changing a key takes a new schema version with a step in
// schema.go, since an older program must not write to such a file.
package store
