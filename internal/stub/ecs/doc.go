// Package ecs is a stateful Alibaba Cloud: enough of Elastic Compute Service
// (2014-05-26) and of Security Token Service (2015-04-01) for a client of any
// language to be pointed at it. It keeps instances and system events, lets the
// events live their life on a clock, and refuses what the real one refuses.
//
// A request passes, in this order: parameters and signature (params.go,
// sign.go, gateway.go), bad luck that was asked for (faults.go), permissions
// (ram.go), and the action's own file. Everything is kept in the record
// (record.go). The Go methods on [Server] and the HTTP control API under
// /control/ (control.go) act as the cloud and as a person in the console.
//
// # Where the rules come from
//
// Each rule names its source beside it, by these short names:
//
//   - API reference: the public reference of the call on alibabacloud.com/help,
//     whose text is also the comments of the npm package
//     @alicloud/ecs20140526 (7.11.6) or @alicloud/sts20150401.
//   - signature V1, signature V3: the public pages on request signatures.
//   - seen: answers of the real service that people quoted in public issues of
//     open-source projects; the project is named.
//   - inferred: our reading; no public text says so.
//   - invented: the real code is not documented, and this one only has its
//     manner.
//
// Nothing here was compared with the real cloud.
package ecs
