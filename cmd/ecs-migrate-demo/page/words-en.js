// The page in English. words-zh.js has the same keys; tests.html holds them to it.
export const en = {
  'title': 'ecs-migrate demo',
  'skip': 'Skip to the messages',
  'cancel': 'Cancel', 'close': 'Close', 'done': 'Done', 'choose': 'Choose…', 'more': 'More actions', 'copy': 'Copy', 'copied': 'Copied',
  'optional': '(optional)', 'lost': 'The demo does not answer. If it was stopped, start it again: this page comes back by itself.',

  'hint.title': 'Three things to try first',
  'hint.1': 'Press a button on the card below: keep the planned time, or choose another.',
  'hint.2': 'Act as somebody else, at the top: times, language and rights follow the person.',
  'hint.3': 'Move the clock to the next thing due, and see what the bot and the cloud do.',
  'hint.read': 'Got it',

  'pane.workspace': 'Workspace', 'pane.cloud': 'Cloud', 'pane.traffic': 'What happened', 'pane.thread': 'Thread', 'pane.places': 'Channels and apps', 'pane.conversation': 'Conversation',
  'pane.messages': 'Messages', 'pane.panes': 'Panes',

  'theme.auto': 'Colours: as the system', 'theme.light': 'Colours: light', 'theme.dark': 'Colours: dark',

  'people.title': 'Act as', 'people.why': 'Rights, time zone, language, forms and what only one person sees: all follow.',
  'people.now': 'You act as', 'role.admin': 'Admin', 'role.operator': 'Operator', 'role.viewer': 'Viewer',

  'time.title': 'Clock', 'time.next': 'Next thing due', 'time.moving': 'Moving on…', 'time.nothing': 'nothing is due', 'time.now': 'now',
  'time.hour': '+1 h', 'time.day': '+1 day', 'time.hour.label': 'Move the clock on by one hour', 'time.day.label': 'Move the clock on by one day',
  'time.moved': 'The clock moved on by {by}.', 'time.unsettled': 'The clock moved on by {by}; something still goes on.', 'time.more': 'and {n} more',
  'span.d': '{n} d', 'span.h': '{n} h', 'span.m': '{n} min', 'span.s': '{n} s',
  'due.event_starts': '{name} starts to migrate', 'due.event_ends': '{name} is done',
  'due.job_card': 'a card is drawn: {name}', 'due.job_tick': 'a card is drawn again: {name}', 'due.job_line': 'news in a thread: {name}', 'due.job_modify': 'the cloud is asked: {name}',
  'due.job_accept': 'the cloud is asked: {name}', 'due.job_post': 'a message is posted', 'due.job_list': 'a checklist is posted: {name}', 'due.job_remind': 'a reminder: {name}',
  'due.job_escalate': 'an escalation: {name}', 'due.job_digest': 'the daily overview', 'due.job_facts': 'the instance is looked at: {name}',

  'places.channels': 'Channels', 'places.apps': 'Apps', 'unread': '{n} unread',
  'channel.menu': 'Channel settings', 'channel.kick': 'Remove the bot', 'channel.invite': 'Invite the bot', 'channel.archive': 'Archive the channel',
  'channel.absent': 'The bot is not in this channel.', 'channel.archived': 'This channel is archived.', 'channel.empty': 'Nothing here yet. Let the cloud announce a migration, or type /ecs-migrate help.',
  'channel.end': 'To the newest message',
  'home.tab': 'Home', 'home.messages': 'Messages', 'home.none': 'The bot has published nothing here yet.',

  'bot.name': 'ecs-migrate', 'message.app': 'App', 'message.edited': '(edited)', 'message.deleted': 'This message was deleted.',
  'message.onlyYou': 'Only visible to you', 'message.dismiss': 'Dismiss', 'message.fromThread': 'Replied to a thread', 'message.seeThread': 'Open the thread',
  'replies.one': '{n} reply', 'replies.many': '{n} replies', 'replies.last': 'last {time}', 'replies.called': 'mentions you', 'thread.close': 'Close the thread', 'thread.title': 'Thread',
  'tools': 'Message', 'tools.thread': 'Reply in thread', 'tools.inside': 'What it is made of', 'tools.delete': 'Delete the message',
  'file.save': 'Save', 'file.read': 'Read it here',
  'inside.version': 'Version {n}', 'inside.versions': 'Its {n} versions',
  'delete.title': 'Delete this message?', 'delete.text': 'As its author or an administrator could. The bot has to live with it.', 'delete.yes': 'Delete',
  'said.one': '{who}: {text}', 'said.many': '{n} new messages', 'said.toYou': 'Only to you: {text}',
  'unknown': 'This page cannot draw “{kind}”. This is what was sent:', 'picture.outside': 'A picture from elsewhere, which this page does not load: {url}',
  'slack.operation_timeout': 'The app did not answer in time.', 'slack.dispatch_failed': 'The app cannot be reached: it is not connected.', 'slack.bad_response': 'Slack could not read the app’s answer.',
  'slack.invalid_command': '{command} is not a valid command. Slack takes every message that begins with “/” for a command; put a space before the “/” to send it as a message.',

  'composer.write': 'Message #{channel}, or /ecs-migrate', 'composer.direct': 'Message ecs-migrate, or /ecs-migrate', 'composer.reply': 'Reply in the thread', 'composer.send': 'Send', 'composer.offers': 'Completions',
  'verb.command': 'Alibaba Cloud host migrations', 'verb.help': 'what there is', 'verb.list': 'open migrations by deadline', 'verb.show': 'everything about one',
  'verb.reserve': 'keep the planned time, or ask for another', 'verb.reschedule': 'ask for another time', 'verb.accept': 'authorise an event', 'verb.assign': 'who looks after it', 'verb.snooze': 'no reminders for a while',
  'verb.facts': 'the instance before and after', 'verb.history': 'who did what', 'verb.calendar': 'reserved times for a calendar', 'verb.faq': 'questions and answers', 'verb.checklist': 'what to do before and after', 'verb.ack': 'say that it is done',

  'form.depth': 'form {n} on top of another', 'form.closeAll': 'Close the form',

  'leave.title': 'This leads out of the demo', 'leave.console': 'What it is about exists only here: the real console knows nothing of it.', 'leave.page': 'The demo contacts nothing outside by itself. This opens a page on the internet.', 'leave.go': 'Open the address', 'leave.here': 'Show it in the demo’s cloud',

  'bot.title': 'The bot', 'bot.running': 'Running', 'bot.unready': 'Running, not ready', 'bot.starting': 'Starting', 'bot.stopping': 'Stopping', 'bot.stopped': 'Stopped',
  'bot.pid': 'process {pid}', 'bot.since': 'since {time}', 'bot.sockets': '{n} sockets to Slack', 'bot.looked': '{region} looked at {time}', 'bot.blind': '{region} cannot be seen since {time}', 'bot.language': 'Speaks in channels (restarts it)',
  'bot.do.kill': 'Kill', 'bot.do.stop': 'Stop', 'bot.do.start': 'Start', 'bot.do.restart': 'Restart',
  'bot.done.kill': 'The bot was killed.', 'bot.done.stop': 'The bot has stopped.', 'bot.done.start': 'The bot has started.', 'bot.done.restart': 'The bot was restarted.',

  'announce.title': 'Announce', 'announce.type': 'What', 'announce.network': 'Network', 'announce.region': 'Region', 'announce.in': 'Planned', 'announce.count': 'How many', 'announce.name': 'Instance name',
  'announce.anyName': 'any', 'announce.plan': 'With a migration plan: only the console can move it', 'announce.inquiring': 'Asks for authorisation first', 'announce.do': 'Announce', 'announce.busy': 'Announcing…',
  'announce.in.2h': 'in 2 hours', 'announce.in.24h': 'in a day', 'announce.in.72h': 'in 3 days', 'announce.in.168h': 'in a week',
  'announced.one': 'The cloud announced one event.', 'announced.many': 'The cloud announced {n} events.',
  'network.classic': 'Classic network', 'network.vpc': 'VPC',
  'type.SystemUpgrade.Migrate': 'Host migration', 'type.SystemMaintenance.Reboot': 'Restart for maintenance', 'type.SystemMaintenance.Redeploy': 'Redeployment', 'type.SystemMaintenance.Stop': 'Stop for maintenance',
  'type.SystemMaintenance.RebootAndIsolateErrorDisk': 'Restart, isolate a bad disk', 'type.SystemMaintenance.RebootAndReInitErrorDisk': 'Restart, replace a bad disk',
  'type.SystemMaintenance.IsolateErrorDisk': 'Isolate a bad disk', 'type.SystemMaintenance.ReInitErrorDisk': 'Replace a bad disk',

  'faults.title': 'Bad luck', 'fault.throttle': 'The cloud throttles', 'fault.region_down': '{region} is down', 'faults.on': '{n} on', 'fault.permission_hidden': 'Missing: {permission}',
  'fault.modify_refused': 'The cloud refuses new times', 'fault.cloud_slow': 'The cloud is slow', 'fault.slack_429': 'Slack: too many messages (429)', 'fault.slack_5xx': 'Slack: posts fail (503)', 'fault.slack_slow': 'Slack is slow',
  'fault.socket_drop': 'Drop the sockets once', 'fault.dropped': 'The sockets were dropped.',

  'events.title': 'Events', 'events.count': '{open} open of {all}', 'events.past': 'Finished ones too', 'events.none': 'No event is open.', 'cloud.search': 'Find an instance or event',
  'event.menu': 'What can happen to {name}', 'event.planned': 'Planned', 'event.unplanned': 'No time yet', 'event.finished': 'Ended', 'event.plan': 'migration plan', 'event.willFail': 'will fail',
  'deed.move': 'Move to another time…', 'deed.execute': 'Begin now', 'deed.finish': 'Finish now', 'deed.fail': 'Fail now', 'deed.will_fail': 'Let it fail when it runs', 'deed.cancel': 'Cancel', 'deed.accept': 'Authorise', 'deed.avoid': 'Make it unnecessary',
  'move.title': 'Move {name}', 'move.why': 'As if somebody did it in the console: the bot is not asked.', 'move.at': 'New time', 'move.yes': 'Move',
  'status.Inquiring': 'Inquiring', 'status.Scheduled': 'Scheduled', 'status.Executing': 'Executing', 'status.Executed': 'Executed', 'status.Failed': 'Failed', 'status.Avoided': 'Avoided', 'status.Canceled': 'Canceled',
  'status.Running': 'Running', 'status.Stopped': 'Stopped', 'status.Starting': 'Starting', 'status.Stopping': 'Stopping',
  'instances.title': 'Instances', 'instance.network': 'Network', 'instance.private': 'Private IP', 'instance.public': 'Public IP', 'instance.eip': 'EIP', 'instance.disks': 'Disks', 'instance.tags': 'Tags',

  'traffic.envelope': 'Slack → bot', 'traffic.slack': 'bot → Slack', 'traffic.cloud': 'bot → cloud', 'traffic.failed': 'Failures', 'traffic.log': 'Log', 'traffic.search': 'Find in what happened', 'traffic.clear': 'Clear',
  'traffic.none': 'Nothing yet. Whatever the bot, Slack and the cloud tell one another appears here.', 'traffic.unfound': 'Nothing here fits the search and the filters.', 'traffic.request': 'Request', 'traffic.answer': 'Answer', 'traffic.fault': 'Bad luck: {what}',
  'traffic.status.ok': 'ok', 'traffic.status.waiting': 'waiting', 'traffic.status.acknowledged': 'acknowledged', 'traffic.status.not_connected': 'nobody connected', 'traffic.status.timed_out': 'timed out', 'traffic.status.no_answer': 'no answer',
  'traffic.fault.planned': 'as was asked for', 'traffic.fault.throttle': 'throttled', 'traffic.fault.down': 'the region is down', 'traffic.fault.hide': 'the permission is missing', 'traffic.fault.fail': 'refused', 'traffic.fault.delay': 'slow',
  'log.title': 'The bot’s own log',
}
