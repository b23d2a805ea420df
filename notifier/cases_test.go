package notifier

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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

// limited waits for authorisation, until a time that the cloud told.
func limited(m *migration.Migration) {
	status(migration.Inquiring)(m)
	m.Event.NotBefore, m.Event.InitialNotBefore = planned, planned
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

// withDisks is the instance with its disks read, as many as n.
func withDisks(n int) func(*migration.Migration) {
	return func(m *migration.Migration) {
		var all []migration.Disk
		for i := range n {
			d := migration.Disk{
				ID: fmt.Sprintf("d-bp1%03d", i), Type: "data", Category: "cloud_efficiency", SizeGiB: 100,
				Device: fmt.Sprintf("/dev/xvd%c", 'b'+i%20), Snapshot: &migration.Snapshot{ID: "s-1", At: now.Add(-26 * time.Hour), Status: "accomplished"},
			}
			if i == 0 {
				d.Type, d.Device, d.SizeGiB = "system", "/dev/xvda", 40
			}
			all = append(all, d)
		}
		m.Instance = m.Instance.WithDisks(all, now)
		m.Instance.SnapshotsAt, m.Instance.StartedAt, m.Instance.OSName = now, now.AddDate(-2, 0, 0), "CentOS 7.9 64 bit"
		m.Instance.SecurityGroups = []string{"sg-bp1****"}
		m.Instance.MACs = []string{"00:16:3e:00:00:01", "00:16:3e:00:00:02"}
		m.Instance.NICs = []migration.NIC{{MAC: "00:16:3e:00:00:01", IP: "10.1.2.3"}, {MAC: "00:16:3e:00:00:02", IP: "203.0.113.7", Public: true}}
	}
}

func localDisks(m *migration.Migration) {
	for i := range m.Instance.Disks {
		if i > 0 {
			m.Instance.Disks[i].Category, m.Instance.Disks[i].Snapshot = "local_ssd_pro", nil
		}
	}
}

func snapshotOfTheDay(m *migration.Migration) {
	at := m.Event.NotBefore.Add(-time.Hour) // the same day in China
	for i := range m.Instance.Disks {
		m.Instance.Disks[i].Snapshot = &migration.Snapshot{ID: "s-2", At: at, Status: "progressing"}
	}
}

// unreadFor is that facts could not be read, for a reason.
func unreadFor(r migration.Reading, why migration.Refusal) func(*migration.Migration) {
	return func(m *migration.Migration) { m.Unread = &migration.Unread{Reading: r, At: now, Why: why} }
}

var hidden = migration.Refusal{Kind: migration.NotTold, Action: "ecs:DescribeDisks"}

// ranAs is that the event ran, and left the instance as change makes it.
func ranAs(change ...func(*migration.Instance)) func(*migration.Migration) {
	return func(m *migration.Migration) {
		status(migration.Executed)(m)
		was, is := m.Instance, m.Instance
		is.Disks = slices.Clone(was.Disks)
		for _, c := range change {
			c(&is)
		}
		m.Before, m.After = &was, &is
	}
}

// movedToVPC is what the notice's move does, and a few things more.
func movedToVPC(i *migration.Instance) {
	i.NetworkType, i.VPC, i.VSwitch, i.Zone = "vpc", "vpc-bp1****", "vsw-bp1****", "cn-hangzhou-h"
	i.PrivateIPs, i.MACs, i.SecurityGroups = []string{"172.16.8.9"}, []string{"00:16:3e:00:00:01"}, []string{"sg-bp2****"}
	i.NICs = []migration.NIC{{MAC: "00:16:3e:00:00:01", IP: "172.16.8.9"}}
	for n := range i.Disks {
		i.Disks[n].Device = strings.Replace(i.Disks[n].Device, "/dev/xvd", "/dev/vd", 1)
	}
}

func released(i *migration.Instance) { i.PublicIPs, i.EIP = nil, "198.51.100.4" }

func stopped(i *migration.Instance) { i.Status = "Stopped" }

func otherDisks(i *migration.Instance) {
	i.Disks[len(i.Disks)-1].ID = "d-bp1new"
}

func noSnapshots(i *migration.Instance) {
	for n := range i.Disks {
		i.Disks[n].Snapshot = nil
	}
}

func unreadDisks(i *migration.Instance) { *i = i.WithDisks(nil, time.Time{}) }

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
	"outdated":    {Kind: migration.Outdated},
}

// card is one golden card.
type card struct {
	m     migration.Migration
	at    time.Time // zero: now
	lists migration.Checklists
}

// cards are the golden cards: every state, and everything that makes a card read
// differently.
func cards() map[string]card {
	cannot := false
	soon := func(d time.Duration) time.Time { return planned.Add(-d) }
	all := map[string]card{
		"inquiring":                    {m: with(status(migration.Inquiring), eventType("SystemMaintenance.Redeploy"), inVPC)},
		"inquiring-limited":            {m: with(limited)},
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
		"facts":                       {m: with(withDisks(3))},
		"facts-released":              {m: with(withDisks(3), func(m *migration.Migration) { m.Instance.BandwidthOut = 0 })},
		"facts-vpc":                   {m: with(inVPC, withDisks(3))},
		"facts-snapshot-of-the-day":   {m: with(withDisks(2), snapshotOfTheDay)},
		"facts-local-disks":           {m: with(inVPC, withDisks(3), localDisks, eventType("SystemMaintenance.Redeploy"))},
		"facts-no-local-disks":        {m: with(inVPC, withDisks(3), eventType("SystemMaintenance.Redeploy"))},
		"facts-disks-hidden":          {m: with(unreadFor(migration.ReadFirst, hidden))},
		"facts-40-disks":              {m: with(withDisks(40))},
		"after-moved":                 {m: with(withDisks(2), ranAs(movedToVPC)), at: planned.Add(time.Hour)},
		"after-released":              {m: with(withDisks(2), ranAs(movedToVPC, released, stopped)), at: planned.Add(20 * time.Hour)},
		"after-same":                  {m: with(inVPC, withDisks(2), ranAs()), at: planned.Add(time.Hour)},
		"after-same-reboot":           {m: with(inVPC, withDisks(2), eventType("SystemMaintenance.Reboot"), ranAs()), at: planned.Add(time.Hour)},
		"after-disks":                 {m: with(inVPC, withDisks(3), ranAs(otherDisks)), at: planned.Add(time.Hour)},
		"after-disks-unread":          {m: with(inVPC, withDisks(3), ranAs(unreadDisks)), at: planned.Add(time.Hour)},
		"after-40-disks":              {m: with(withDisks(40), ranAs(movedToVPC)), at: planned.Add(time.Hour)},
		"after-alone":                 {m: with(ranAs(), func(m *migration.Migration) { m.Before = nil }), at: planned.Add(time.Hour)},
		"after-unread":                {m: with(status(migration.Executed), unreadFor(migration.ReadAfter, *refusals["unreachable"])), at: planned.Add(time.Hour)},
	}
	maps.Copy(all, listedCards())
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
	read := func(o migration.Outcome, why *migration.Refusal) migration.News {
		return migration.News{Kind: migration.NewsFactsAfter, When: finished, Outcome: o, Refusal: why}
	}
	all := map[string]line{
		"facts-same":               {with(inVPC, withDisks(2), ranAs()), read(migration.OutcomeSame, nil)},
		"facts-disks":              {with(inVPC, withDisks(2), ranAs(unreadDisks)), read(migration.OutcomeSame, refusals["unreachable"])},
		"facts-changed":            {with(withDisks(2), ranAs(movedToVPC)), read(migration.OutcomeChanged, nil)},
		"facts-one":                {with(withDisks(2), ranAs(func(i *migration.Instance) { i.Zone = "cn-hangzhou-k" })), read(migration.OutcomeChanged, nil)},
		"facts-40-disks":           {with(withDisks(40), ranAs(movedToVPC, released)), read(migration.OutcomeChanged, nil)},
		"facts-stopped":            {with(withDisks(2), ranAs(stopped)), read(migration.OutcomeStopped, nil)},
		"facts-alone":              {with(ranAs(), func(m *migration.Migration) { m.Before = nil }), read(migration.OutcomeAlone, nil)},
		"facts-unread":             {base(), read(migration.OutcomeUnread, refusals["permission"])},
		"facts-hidden":             {base(), read(migration.OutcomeUnread, &migration.Refusal{Kind: migration.NotTold, Action: "ecs:DescribeInstances"})},
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
		"escalated":                {base(), migration.News{Kind: migration.NewsEscalated, When: now, To: "C0123456789", About: "not_begun/1h"}},
		"undelivered":              {base(), migration.News{Kind: migration.NewsUndelivered, When: now, About: "inquiring/24h"}},
		"undelivered-escalation":   {base(), migration.News{Kind: migration.NewsUndelivered, When: now, To: "<!channel>", About: "overdue/2h"}},
		"denied":                   {base(), migration.News{Kind: migration.NewsDenied, When: now, By: mary, At: chosen, Wanted: migration.NewsRequested, Denied: migration.DeniedRole}},
		"refused-reason-untold":    {base(), migration.News{Kind: migration.NewsRefused, When: now, By: mary, At: chosen}},
		"consent_refused-untold":   {base(), migration.News{Kind: migration.NewsConsentFailed, When: now, By: lin}},
		"requested-by-nobody-told": {base(), migration.News{Kind: migration.NewsRequested, When: now, At: chosen, From: planned}},
	}
	maps.Copy(all, listLines())
	for kind, r := range refusals {
		all["refused-"+kind] = line{base(), migration.News{Kind: migration.NewsRefused, When: now, By: mary, At: chosen, Refusal: r}}
		all["consent_refused-"+kind] = line{base(), migration.News{Kind: migration.NewsConsentFailed, When: now, By: lin, Refusal: r}}
	}
	return all
}
