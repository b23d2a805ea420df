package notifier

import (
	"net/url"

	"ecs-migrate/internal/migration"
)

// eventsURL is the console's page of pending events. The page is the one that
// Alibaba Cloud's migration notice names; regionId is how the console's own
// links choose a region (TypePageLink in its Config API).
func eventsURL(region string) string {
	return "https://ecs.console.aliyun.com/#/events/unsettled/securityGroupWarning?regionId=" + url.QueryEscape(cut(region, maxID))
}

// instanceURL is the console's page of an instance, in the form that Alibaba
// Cloud's Config API tells (TypePageLink of ACS::ECS::Instance).
func instanceURL(region, id string) string {
	return "https://ecs.console.aliyun.com/#/server/" + url.PathEscape(cut(id, maxID)) + "/detail?regionId=" + url.QueryEscape(cut(region, maxID))
}

// ticketURL is where a ticket is submitted, as the migration notice tells it.
const ticketURL = "https://selfservice.console.aliyun.com/ticket/createIndex.htm"

// threadURL opens a card, and with it its thread, from anywhere; empty while
// the card is not posted. It needs no call and no team id. The channel parameter
// is documented (https://docs.slack.dev/interactivity/deep-linking), message_ts
// and, for a card in a thread, thread_ts are not: a client that does not know
// them opens the channel.
func threadURL(c migration.Card) string {
	if c.TS == "" {
		return ""
	}
	address := "https://slack.com/app_redirect?channel=" + url.QueryEscape(c.Channel) + "&message_ts=" + url.QueryEscape(c.TS)
	if c.Thread != "" {
		address += "&thread_ts=" + url.QueryEscape(c.Thread)
	}
	return address
}
