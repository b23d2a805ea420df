package notifier

import (
	"time"

	"ecs-migrate/internal/migration"
)

// now is when the golden messages are drawn: six days before the planned time.
var (
	now     = time.Date(2024, 4, 26, 2, 0, 0, 0, time.UTC)
	planned = time.Date(2024, 5, 2, 18, 0, 0, 0, time.UTC)
	chosen  = time.Date(2024, 5, 1, 18, 0, 0, 0, time.UTC)
	decided = now.Add(-5 * time.Minute)
)

const (
	lin  = "U0000000001"
	mary = "U0000000002"
)

// base is a classic instance's host migration without a reservation.
func base() migration.Migration {
	return migration.Migration{
		Event: migration.Event{
			Key:        migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-bp1hygp5b04o56l2****"},
			InstanceID: "i-bp1azkttqpldxgte****", Type: "SystemUpgrade.Migrate", Status: migration.Scheduled,
			Reason: "Physical host is to be upgraded & moved.", ReasonCode: "VPCMigrationEcs",
			PublishedAt: now.Add(-24 * time.Hour), NotBefore: planned, InitialNotBefore: planned, ReadAt: now,
		},
		Instance: migration.Instance{
			ID: "i-bp1azkttqpldxgte****", Name: "web-01", Zone: "cn-hangzhou-b", Status: "Running", OSType: "linux",
			NetworkType: "classic", PublicIPs: []string{"203.0.113.7"}, PrivateIPs: []string{"10.1.2.3"}, BandwidthOut: 5,
			MACs: []string{"00:16:3e:00:00:01"}, Tags: map[string]string{"owner": "lin", "team": "web"}, ReadAt: now,
		},
		FirstNotBefore: planned,
		Card:           migration.Card{Channel: "C0123456789", TS: "1714096800.000100", Generation: 1},
		FirstSeen:      now, ChangedAt: now,
	}
}

// with is base changed.
func with(change ...func(*migration.Migration)) migration.Migration {
	m := base()
	for _, f := range change {
		f(&m)
	}
	return m
}

func status(s migration.Status) func(*migration.Migration) {
	return func(m *migration.Migration) {
		m.Event.Status = s
		switch s {
		case migration.Executed, migration.Failed, migration.Avoided:
			m.Event.FinishedAt = planned.Add(14 * time.Minute)
		case migration.Inquiring:
			m.Event.NotBefore, m.Event.InitialNotBefore, m.FirstNotBefore = time.Time{}, time.Time{}, time.Time{}
		}
	}
}

func held(by string, sure migration.Certainty) func(*migration.Migration) {
	return func(m *migration.Migration) {
		m.Held = &migration.Reservation{At: chosen, By: by, Made: decided, Via: migration.ViaForm, Certainty: sure}
		m.Revision++
		if sure == migration.Confirmed {
			m.Event.NotBefore = chosen
		}
	}
}

func asked(r *migration.Refusal) func(*migration.Migration) {
	return func(m *migration.Migration) {
		m.Asked = &migration.Reservation{At: chosen.Add(time.Hour), By: mary, Made: decided, Via: migration.ViaForm, Certainty: migration.Requested}
		m.Revision++
		if r != nil {
			m.Asked.Certainty, m.Asked.Refusal = migration.Refused, r
		}
	}
}

func acknowledged(m *migration.Migration) {
	m.Acknowledged = &migration.Ack{By: mary, When: planned.Add(30 * time.Minute), Via: migration.ViaButton}
}

func planOnly(m *migration.Migration) { m.Event.MigrationOptions = []string{migration.PlanOnly} }

func unread(m *migration.Migration) { m.Instance = migration.Instance{} }

func inVPC(m *migration.Migration) {
	m.Event.ReasonCode = "HostUpgrade"
	m.Instance.NetworkType, m.Instance.VPC, m.Instance.VSwitch = "vpc", "vpc-bp1****", "vsw-bp1****"
}

func eventType(name string) func(*migration.Migration) {
	return func(m *migration.Migration) { m.Event.Type, m.Event.ReasonCode = name, "" }
}

func consent(sure migration.Certainty, r *migration.Refusal) func(*migration.Migration) {
	return func(m *migration.Migration) {
		m.Consent = &migration.Consent{By: lin, Made: decided, Certainty: sure, Refusal: r}
	}
}

var refusals = map[string]*migration.Refusal{
	"cloud": {
		Kind: migration.RefusedByCloud, Code: "InvalidParameter.NotBefore",
		Message: "The specified NotBefore is <invalid>.", Action: "ecs:ModifySystemEventAttribute",
	},
	"permission":  {Kind: migration.NotPermitted, Code: "Forbidden.RAM", Action: "ecs:ModifySystemEventAttribute"},
	"untrusted":   {Kind: migration.Untrusted, Code: "InvalidTimeStamp.Expired", Message: "this host's clock is off by more than the cloud accepts (15 minutes): set it by NTP"},
	"unreachable": {Kind: migration.Unreachable},
	"unconfirmed": {Kind: migration.NotConfirmed},
	"overtaken":   {Kind: migration.Overtaken},
	"role":        {Kind: migration.RoleLost, Role: migration.Operator},
	"role-unread": {Kind: migration.RoleUnread, Role: migration.Admin},
}

// card is one golden card.
type card struct {
	m  migration.Migration
	at time.Time // zero: now
}

// cards are the golden cards: every state, and everything that makes a card read
// differently.
func cards() map[string]card {
	cannot := false
	soon := func(d time.Duration) time.Time { return planned.Add(-d) }
	all := map[string]card{
		"inquiring":                    {m: with(status(migration.Inquiring), eventType("SystemMaintenance.Redeploy"), inVPC)},
		"inquiring-console-only":       {m: with(status(migration.Inquiring), inVPC, func(m *migration.Migration) { m.Event.CanAccept = &cannot })},
		"inquiring-consent-refused":    {m: with(status(migration.Inquiring), inVPC, consent(migration.Refused, refusals["cloud"]))},
		"inquiring-consent-permission": {m: with(status(migration.Inquiring), inVPC, consent(migration.Refused, refusals["permission"]))},
		"inquiring-consent-untrusted":  {m: with(status(migration.Inquiring), inVPC, consent(migration.Refused, refusals["untrusted"]))},
		"authorising":                  {m: with(status(migration.Inquiring), inVPC, consent(migration.Requested, nil))},
		"unreserved":                   {m: base()},
		"unreserved-first-post":        {m: with(func(m *migration.Migration) { m.Card.TS = "" })},
		"unreserved-posted-again":      {m: with(func(m *migration.Migration) { m.Card.Generation = 2 })},
		"unreserved-in-a-thread":       {m: with(func(m *migration.Migration) { m.Card.Thread = "1714096800.000050" })},
		"unreserved-hours-left":        {m: base(), at: soon(26*time.Hour + 20*time.Minute)},
		"unreserved-one-hour-left":     {m: base(), at: soon(time.Hour)},
		"unreserved-last-hour":         {m: base(), at: soon(59 * time.Minute)},
		"unreserved-deadline-passed":   {m: base(), at: planned.Add(time.Minute)},
		"unreserved-no-times": {m: with(func(m *migration.Migration) {
			m.Event.NotBefore, m.Event.InitialNotBefore, m.FirstNotBefore = time.Time{}, time.Time{}, time.Time{}
		})},
		"unreserved-plan-only":        {m: with(planOnly)},
		"unreserved-facts-unread":     {m: with(unread)},
		"unreserved-facts-unread-vpc": {m: with(unread, eventType("SystemUpgrade.Migrate"))},
		"unreserved-vpc":              {m: with(inVPC)},
		"unreserved-zero-bandwidth":   {m: with(func(m *migration.Migration) { m.Instance.BandwidthOut = 0 })},
		"unreserved-redeploy":         {m: with(inVPC, eventType("SystemMaintenance.Redeploy"))},
		"unreserved-reboot":           {m: with(inVPC, eventType("SystemMaintenance.Reboot"))},
		"unreserved-damaged-disk":     {m: with(inVPC, eventType("SystemMaintenance.RebootAndReInitErrorDisk"))},
		"unreserved-unknown-type":     {m: with(inVPC, eventType("SystemMaintenance.Whatever<Next>"))},
		"requested":                   {m: with(asked(nil))},
		"requested-over-held":         {m: with(held(lin, migration.Confirmed), asked(nil))},
		"refused-over-held":           {m: with(held(lin, migration.Confirmed), asked(refusals["cloud"]))},
		"refused-deadline-passed":     {m: with(asked(refusals["cloud"])), at: planned.Add(time.Minute)},
		"confirmed":                   {m: with(held(lin, migration.Confirmed))},
		"confirmed-assigned":          {m: with(held(lin, migration.Confirmed), func(m *migration.Migration) { m.Assigned = &migration.Assignment{To: mary, By: lin, Made: decided} })},
		"confirmed-by-console":        {m: with(held("", migration.Confirmed))},
		"confirmed-plan-only":         {m: with(held(lin, migration.Confirmed), planOnly)},
		"declared":                    {m: with(held(lin, migration.Declared), planOnly)},
		"executing":                   {m: with(held(lin, migration.Confirmed), status(migration.Executing)), at: chosen.Add(time.Minute)},
		"executed":                    {m: with(held(lin, migration.Confirmed), status(migration.Executed)), at: planned.Add(time.Hour)},
		"failed":                      {m: with(held(lin, migration.Confirmed), status(migration.Failed)), at: planned.Add(time.Hour)},
		"canceled":                    {m: with(status(migration.Canceled))},
		"avoided":                     {m: with(status(migration.Avoided), eventType("SystemMaintenance.Reboot"))},
		"done":                        {m: with(held(lin, migration.Confirmed), status(migration.Executed), acknowledged), at: planned.Add(time.Hour)},
		"hostile":                     {m: hostile()},
	}
	for kind, r := range refusals {
		if r.Kind != migration.Overtaken { // then the event has moved on, and the state with it
			all["refused-"+kind] = card{m: with(asked(r))}
		}
	}
	return all
}

// hostile is a migration whose every text from outside tries something.
func hostile() migration.Migration {
	const bad = "<!channel> & <@U0000000009>\n*x* \u202egnp.exe\x00 <https://example.com|here>"
	m := with(held("<!here>", migration.Confirmed), asked(&migration.Refusal{Kind: migration.RefusedByCloud, Code: bad, Message: bad + "`"}))
	m.Asked.By = "<!channel>"
	m.Event.Account, m.Event.Region, m.Event.EventID = bad, bad, bad
	m.Event.InstanceID, m.Event.Type, m.Event.Reason, m.Event.ReasonCode = bad, bad, bad, bad
	m.Instance.Name, m.Instance.Zone, m.Instance.VPC = bad, bad, bad
	m.Instance.PublicIPs, m.Instance.PrivateIPs = []string{bad}, []string{bad}
	m.Instance.Tags = map[string]string{"owner": bad}
	m.Card.Channel, m.Card.TS = bad, bad
	return m
}

// line is one golden line.
type line struct {
	m migration.Migration
	n migration.News
}

// lines are the golden lines: every kind of news, and what makes one read
// differently.
func lines() map[string]line {
	finished := planned.Add(14 * time.Minute)
	all := map[string]line{
		"announced":                {base(), migration.News{Kind: migration.NewsAnnounced, When: now, At: planned}},
		"announced-unplanned":      {base(), migration.News{Kind: migration.NewsAnnounced, When: now}},
		"kept":                     {base(), migration.News{Kind: migration.NewsKept, When: now, By: lin, At: planned, From: planned}},
		"requested":                {base(), migration.News{Kind: migration.NewsRequested, When: now, By: lin, At: chosen, From: planned}},
		"requested-first":          {base(), migration.News{Kind: migration.NewsRequested, When: now, By: lin, At: chosen}},
		"confirmed":                {base(), migration.News{Kind: migration.NewsConfirmed, When: now, By: lin, At: chosen, From: planned}},
		"confirmed-by-console":     {base(), migration.News{Kind: migration.NewsConfirmed, When: now, At: chosen, From: planned}},
		"declared":                 {base(), migration.News{Kind: migration.NewsDeclared, When: now, By: lin, At: chosen, From: planned}},
		"moved":                    {base(), migration.News{Kind: migration.NewsMoved, When: now, At: chosen, From: planned}},
		"moved-first":              {base(), migration.News{Kind: migration.NewsMoved, When: now, At: chosen}},
		"consent":                  {base(), migration.News{Kind: migration.NewsConsent, When: now, By: lin}},
		"scheduled":                {base(), migration.News{Kind: migration.NewsScheduled, When: now, By: lin, At: planned}},
		"scheduled-unplanned":      {base(), migration.News{Kind: migration.NewsScheduled, When: now}},
		"executing":                {base(), migration.News{Kind: migration.NewsExecuting, When: now, At: planned}},
		"executing-reboot":         {with(eventType("SystemMaintenance.Reboot")), migration.News{Kind: migration.NewsExecuting, When: now}},
		"executed":                 {base(), migration.News{Kind: migration.NewsExecuted, When: now, At: finished}},
		"executed-vpc":             {with(inVPC), migration.News{Kind: migration.NewsExecuted, When: now}},
		"failed":                   {base(), migration.News{Kind: migration.NewsFailed, When: now, At: finished}},
		"failed-untimed":           {base(), migration.News{Kind: migration.NewsFailed, When: now}},
		"canceled":                 {base(), migration.News{Kind: migration.NewsCanceled, When: now}},
		"avoided":                  {base(), migration.News{Kind: migration.NewsAvoided, When: now, At: finished}},
		"hostile":                  {hostile(), migration.News{Kind: migration.NewsRefused, By: "<!channel>", At: chosen, Refusal: hostile().Asked.Refusal}},
		"unknown":                  {base(), migration.News{Kind: "something_new", When: now}},
		"assigned":                 {base(), migration.News{Kind: migration.NewsAssigned, When: now, By: lin, To: mary}},
		"assigned-self":            {base(), migration.News{Kind: migration.NewsAssigned, When: now, By: lin, To: lin}},
		"unassigned":               {base(), migration.News{Kind: migration.NewsUnassigned, When: now, By: lin, To: mary}},
		"snoozed":                  {base(), migration.News{Kind: migration.NewsSnoozed, When: now, By: lin, At: now.Add(4 * time.Hour)}},
		"reminded":                 {base(), migration.News{Kind: migration.NewsReminded, When: now, To: "S0000000001", About: "unreserved/24h"}},
		"reminded-nobody":          {base(), migration.News{Kind: migration.NewsReminded, When: now, About: "<something>/new"}},
		"refused-reason-untold":    {base(), migration.News{Kind: migration.NewsRefused, When: now, By: mary, At: chosen}},
		"consent_refused-untold":   {base(), migration.News{Kind: migration.NewsConsentFailed, When: now, By: lin}},
		"requested-by-nobody-told": {base(), migration.News{Kind: migration.NewsRequested, When: now, At: chosen, From: planned}},
	}
	for kind, r := range refusals {
		all["refused-"+kind] = line{base(), migration.News{Kind: migration.NewsRefused, When: now, By: mary, At: chosen, Refusal: r}}
		all["consent_refused-"+kind] = line{base(), migration.News{Kind: migration.NewsConsentFailed, When: now, By: lin, Refusal: r}}
	}
	return all
}
