package notifier

// typeName is an event type in words; one without words is told by its name.
func (w *words) typeName(eventType string) mrkdwn {
	if w.has("type." + eventType) {
		return w.say("type."+eventType, nil)
	}
	return mrkdwn(escape(cut(eventType, maxID)))
}

// effect is what an event of this type does, in words.
func (w *words) effect(eventType string) mrkdwn {
	if w.has("effect." + eventType) {
		return w.say("effect."+eventType, nil)
	}
	return w.say("effect.unknown", nil)
}
