// Package killtest proves what the bot promises: nothing lost, nothing twice.
// It holds tests only. They run the real binary as a process between a stub
// Slack and a stub cloud, kill it with SIGKILL, start it again, let it settle,
// and compare what Slack and the cloud hold with what people decided.
//
// A tour: a world (world_test.go) is the two servers and the process between
// them. All calls of the bot pass a tap (tap_test.go), which can hold one up
// before its work is done, or after, when the answer has yet to go out: so a
// kill strikes at a known step. People (people_test.go) decide and note what
// they were answered; the audit (audit_test.go) compares. steps_test.go kills at
// each step between a decision and its effects, and of what is due without one:
// reminders, digests, overviews. random_test.go kills at random moments
// under load. soak_test.go does not kill: it lets everything else go wrong for a
// long time and looks whether the process grows.
//
// The long forms, and the replay of a seed that a failed run printed:
//
//	go test ./internal/killtest -run Random -kills 500 -timeout 60m
//	go test ./internal/killtest -run Random -seed 42
//	go test ./internal/killtest -run Soak -soak 30m -timeout 60m -v
//
// A seed fixes the plan of kills and what people decide; how processes and
// goroutines take turns is the machine's own.
package killtest
