// Package slack is a stateful Slack for tests, demonstrations and experiments: the part of the Web API and of
// Socket Mode that a bot with cards, forms and a Home tab needs, on one plain HTTP server.
//
// It exists to refuse. A call that the real Slack would refuse is refused here with the same error code: tokens
// of the wrong kind, missing scopes, blocks out of bounds, updates of messages that are gone, triggers that are
// late or spent, too many calls. Each such rule names its source beside it; a rule whose source could not be
// confirmed says so. Tests of this package hold the rules, and docs/stub-slack.md lists them.
//
// A tour:
//
//   - [New], [Server.Start] and [Server.Handler] run it; [Options] seed the workspace and set the clock.
//   - The bot's side is /api/METHOD (api.go, messages.go, history.go, views.go), the response URLs
//     (responseurl.go) and the sockets (socket.go, envelope.go).
//   - The people's side is [Server.Command], [Server.Click], [Server.Submit], [Server.CloseView] and
//     [Server.OpenHome]: each returns what that person then sees.
//   - Bad luck is [Server.AddFault], [Server.Disconnect] and [Server.CutSockets].
//   - Everything is recorded ([Server.Calls], [Server.Messages], [Server.Envelopes], [Server.Violations]) and can
//     be waited for ([Server.WaitMessage] and its kin) without sleeping.
//   - /control/ (control.go) offers all of it over HTTP.
//
// The package shares no code with the bot it is there to check, nor with the bot's Slack client library.
package slack
