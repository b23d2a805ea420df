package migration

import (
	"slices"
	"time"
)

// Reading names which reading of an instance's facts is meant.
type Reading string

// The readings.
const (
	ReadFirst  Reading = "first"  // when the migration was first seen
	ReadBefore Reading = "before" // right before it runs
	ReadAfter  Reading = "after"  // right after it ran
)

// Unread is why facts are not known.
type Unread struct {
	Reading Reading   `json:"reading"`
	At      time.Time `json:"at"` // of the last try
	Why     Refusal   `json:"why"`
}

// Outcome is what the reading after the run found.
type Outcome string

// The outcomes.
const (
	OutcomeSame    Outcome = "same"    // nothing that could be compared changed
	OutcomeChanged Outcome = "changed" // see Differences
	OutcomeStopped Outcome = "stopped" // the instance does not run, though it should
	OutcomeAlone   Outcome = "alone"   // what was before was never read
	OutcomeUnread  Outcome = "unread"  // it could not be read
)

// readAhead is how long before its run the instance is read again: late enough
// to be what it was, early enough for several tries.
const readAhead = 15 * time.Minute

// How often a reading is tried again, and when.
const (
	firstTries = 48              // with firstGap growing to lastGap: about two days
	runTries   = 15              // before and after the run, a minute apart
	fewTries   = 3               // where only people can help, or only the disks are missing
	runGap     = time.Minute     // between tries before and after the run
	firstGap   = 1 * time.Minute // doubled with each try
	lastGap    = time.Hour
)

// readingJob reads the facts at the moment due.
func (m Migration) readingJob(r Reading, try int, due time.Time) Job {
	k := m.Key()
	return Job{
		ID: "facts/" + string(r) + "/" + k.String(), Lane: FactsLane(k), Kind: JobFacts, Key: k,
		Due: due, Reading: r, Try: try, Exact: r == ReadBefore, // it moves with the run
	}
}

// ReadingDue is when a reading is to be made, zero where it is pointless: it was
// made, or the event has gone past it.
func (m Migration) ReadingDue(r Reading) time.Time {
	status, at := m.Event.Status, m.Event.NotBefore
	switch {
	case r == ReadFirst && !status.Final():
		return m.FirstSeen
	case r == ReadBefore && status == Scheduled && !at.IsZero():
		return at.Add(-readAhead)
	case r == ReadAfter && ran(status) && m.After == nil:
		return m.ChangedAt
	}
	return time.Time{}
}

// ran tells whether an event in this status did something to its instance.
func ran(s Status) bool { return s == Executed || s == Failed }

// readBeforeRun queues the reading right before the run, where one is ahead.
func (c *Change) readBeforeRun() {
	if at := c.Migration.ReadingDue(ReadBefore); !at.IsZero() {
		c.Jobs = append(c.Jobs, c.Migration.readingJob(ReadBefore, 0, at))
	}
}

// MissedReadings queues the readings of a migration that is not over and of which
// none was ever tried: one that was stored before there were any. It is empty for
// all others.
func (m Migration) MissedReadings(now time.Time) Change {
	if m.Event.Status.Final() || m.Instance.DisksKnown() || m.Unread != nil {
		return Change{}
	}
	c := Change{Migration: &m, Jobs: []Job{m.readingJob(ReadFirst, 0, now)}}
	c.readBeforeRun()
	c.Migration = nil // unchanged
	return c
}

// began keeps what the instance was before its event ran.
func (m *Migration) began() {
	if m.Before != nil || !m.Instance.Known() {
		return
	}
	was := m.Instance
	if at := m.Event.NotBefore; !at.IsZero() && !was.ReadAt.Before(at) {
		was.Status = "" // read while it ran already
	}
	m.Before = &was
}

// Took takes in what the reading of a job brought: got, with a zero ReadAt where
// the instance was not told, and a zero DisksAt where its disks were not. why is
// the reason for whatever is missing, nil where nothing is. The job is done, and
// queued anew where another try may bring more.
func (m Migration) Took(job Job, got Instance, why *Refusal, now time.Time) Change {
	due := m.ReadingDue(job.Reading)
	switch {
	case due.IsZero():
		return Change{Done: []Job{job}}
	case job.Reading == ReadBefore && due.After(now): // the run was moved to later
		return Change{Done: []Job{job}, Jobs: []Job{m.readingJob(ReadBefore, 0, due)}}
	case job.Reading == ReadBefore && m.begunBy(got, now):
		return Change{Done: []Job{job}}
	}
	got = got.bounded()
	if job.Reading == ReadAfter {
		return m.tookAfter(job, got, why, now)
	}
	return m.tookBefore(job, got, why, now)
}

// begunBy tells whether the run may have begun when the instance was read: it
// may be half of what it becomes, whatever the last poll saw of the event.
func (m Migration) begunBy(got Instance, now time.Time) bool {
	if got.Known() {
		now = got.ReadAt
	}
	at := m.Event.NotBefore
	return m.Event.Status == Executing || !at.IsZero() && !now.Before(at)
}

// tookBefore takes in a reading before the run. What could not be read stays as
// it was known, with the moment of that.
func (m Migration) tookBefore(job Job, got Instance, why *Refusal, now time.Time) Change {
	c := Change{Migration: &m, Done: []Job{job}}
	if got.Known() && m.Instance.Known() && m.begunBy(got, now) {
		got = m.Instance.orKnown(got) // only what was never known
	}
	if got.Known() {
		m.Instance = got.orKnown(m.Instance)
		if job.Reading == ReadBefore {
			was := m.Instance
			m.Before = &was
		}
	}
	m.unread(job, why, now)
	gap, tries := runGap, runTries
	if job.Reading == ReadFirst {
		gap, tries = min(firstGap<<min(job.Try, 8), lastGap), firstTries
	}
	if why != nil && job.Try+1 < tries {
		c.Jobs = append(c.Jobs, m.readingJob(job.Reading, job.Try+1, now.Add(gap)))
	}
	if got.Known() && m.Card.TS != "" {
		c.Jobs = append(c.Jobs, m.tickJob(now)) // no news: it is drawn after all that is
	}
	return c
}

// orKnown is the reading with what it lacks of the disks as it was known.
func (i Instance) orKnown(was Instance) Instance {
	if !i.DisksKnown() {
		i.Disks, i.DiskGiB, i.Extra, i.DisksAt, i.SnapshotsAt = was.Disks, was.DiskGiB, was.Extra, was.DisksAt, was.SnapshotsAt
		return i
	}
	if !i.SnapshotsAt.IsZero() {
		return i
	}
	i.SnapshotsAt, i.Disks = was.SnapshotsAt, slices.Clone(i.Disks)
	for n := range i.Disks {
		at := slices.IndexFunc(was.Disks, func(d Disk) bool { return d.ID == i.Disks[n].ID })
		if at >= 0 {
			i.Disks[n].Snapshot = was.Disks[at].Snapshot
		}
	}
	return i
}

// unread keeps why the last reading lacks something.
func (m *Migration) unread(job Job, why *Refusal, now time.Time) {
	m.Unread = nil
	if why != nil {
		m.Unread = &Unread{Reading: job.Reading, At: now, Why: *why}
	}
}

// tookAfter takes in a reading after the run, and tells it once it is whole, or
// once waiting for more has no sense.
func (m Migration) tookAfter(job Job, got Instance, why *Refusal, now time.Time) Change {
	tries := runTries
	switch {
	case why == nil:
	case got.Known() || why.Kind == NotPermitted || why.Kind == Untrusted:
		tries = fewTries
	}
	stopped := got.Known() && got.Status != running && m.mustRun()
	if stopped {
		tries = runTries
	}
	if (why != nil || stopped) && job.Try+1 < tries {
		m.unread(job, why, now)
		again := m.readingJob(ReadAfter, job.Try+1, now.Add(runGap))
		return Change{Migration: &m, Done: []Job{job}, Jobs: []Job{again}}
	}
	before := m.State()
	c := m.begin(now)
	c.Done = append(c.Done, job)
	m.unread(job, why, now)
	news := News{Kind: NewsFactsAfter, When: m.ChangedAt, Refusal: why}
	switch {
	case !got.Known():
		news.Outcome = OutcomeUnread
	default:
		m.After = &got
		news.Outcome = m.found(stopped)
	}
	c.tell(before, ViaConsole, news)
	return *c
}

// found is what the reading after the run found.
func (m Migration) found(stopped bool) Outcome {
	switch {
	case stopped:
		return OutcomeStopped
	case m.Before == nil:
		return OutcomeAlone
	}
	for _, d := range Differences(*m.Before, *m.After) {
		if d.Kind != DiffDiskUnread { // what was not compared is no change
			return OutcomeChanged
		}
	}
	return OutcomeSame
}

// running is the instance status that people wait for.
const running = "Running"

// mustRun tells whether the instance should run once the event is over: unless
// the event stops it, or it was stopped before.
func (m Migration) mustRun() bool {
	stopped := m.Before != nil && m.Before.Status != "" && m.Before.Status != running
	return !KindOf(m.Event.Type).Stops && !stopped
}

// Facts is the latest reading of the instance.
func (m Migration) Facts() Instance {
	if m.After != nil {
		return *m.After
	}
	return m.Instance
}
