// 页面的中文。键与 words-en.js 相同，由 tests.html 检查。
export const zh = {
  'title': 'ecs-migrate 演示',
  'skip': '跳到消息',
  'cancel': '取消', 'close': '关闭', 'done': '完成', 'choose': '请选择…', 'more': '更多操作', 'copy': '复制', 'copied': '已复制',
  'optional': '（选填）', 'lost': '演示程序没有响应。如果它已停止，请重新启动，本页会自动恢复。',

  'hint.title': '先试这三件事',
  'hint.1': '点下方卡片上的按钮：保留计划时间，或另选时间。',
  'hint.2': '在顶部换一个人操作：时间、语言和权限都随人而变。',
  'hint.3': '把时钟拨到下一件事，看机器人和云会做什么。',
  'hint.read': '知道了',

  'pane.workspace': '工作区', 'pane.cloud': '云', 'pane.traffic': '发生了什么', 'pane.thread': '消息列', 'pane.places': '频道和应用', 'pane.conversation': '对话',
  'pane.messages': '消息', 'pane.panes': '面板',

  'theme.auto': '配色：跟随系统', 'theme.light': '配色：浅色', 'theme.dark': '配色：深色',

  'people.title': '操作者', 'people.why': '权限、时区、语言、表单，以及仅一人可见的内容，都随操作者而变。',
  'people.now': '当前操作者', 'role.admin': '管理员', 'role.operator': '操作员', 'role.viewer': '只读',

  'time.title': '时钟', 'time.next': '下一件事', 'time.moving': '正在拨动…', 'time.nothing': '没有待发生的事', 'time.now': '现在',
  'time.hour': '+1 小时', 'time.day': '+1 天', 'time.hour.label': '把时钟拨快一小时', 'time.day.label': '把时钟拨快一天',
  'time.moved': '时钟拨快了{by}。', 'time.unsettled': '时钟拨快了{by}；还有事情在进行。', 'time.more': '另有 {n} 件',
  'span.d': ' {n} 天', 'span.h': ' {n} 小时', 'span.m': ' {n} 分钟', 'span.s': ' {n} 秒',
  'due.event_starts': '{name} 开始迁移', 'due.event_ends': '{name} 迁移结束',
  'due.job_card': '更新卡片：{name}', 'due.job_tick': '重绘卡片：{name}', 'due.job_line': '消息列消息：{name}', 'due.job_modify': '请求云：{name}',
  'due.job_accept': '请求云：{name}', 'due.job_post': '发布消息', 'due.job_list': '发布清单：{name}', 'due.job_remind': '提醒：{name}',
  'due.job_escalate': '升级通知：{name}', 'due.job_digest': '每日汇总', 'due.job_facts': '查看实例：{name}',

  'places.channels': '频道', 'places.apps': '应用', 'unread': '{n} 条未读',
  'channel.menu': '频道设置', 'channel.kick': '移除机器人', 'channel.invite': '邀请机器人', 'channel.archive': '归档频道',
  'channel.absent': '机器人不在此频道。', 'channel.archived': '此频道已归档。', 'channel.empty': '这里还没有内容。让云发布一个迁移，或输入 /ecs-migrate help。',
  'channel.end': '到最新消息',
  'home.tab': '主页', 'home.messages': '消息', 'home.none': '机器人还没有在这里发布内容。',

  'bot.name': 'ecs-migrate', 'message.app': '应用', 'message.edited': '（已编辑）', 'message.deleted': '此消息已删除。',
  'message.onlyYou': '仅您可见', 'message.dismiss': '忽略', 'message.fromThread': '回复了消息列', 'message.seeThread': '打开消息列',
  'replies.one': '{n} 条回复', 'replies.many': '{n} 条回复', 'replies.last': '最近 {time}', 'replies.called': '提到了您', 'thread.close': '关闭消息列', 'thread.title': '消息列',
  'tools': '消息操作', 'tools.thread': '在消息列中回复', 'tools.inside': '查看内部结构', 'tools.delete': '删除消息',
  'file.save': '保存', 'file.read': '在此阅读',
  'inside.version': '第 {n} 版', 'inside.versions': '共 {n} 个版本',
  'delete.title': '删除这条消息？', 'delete.text': '就像作者或管理员那样。机器人必须能够应对。', 'delete.yes': '删除',
  'said.one': '{who}：{text}', 'said.many': '{n} 条新消息', 'said.toYou': '仅您可见：{text}',
  'unknown': '本页无法绘制“{kind}”，收到的内容如下：', 'picture.outside': '外部图片，本页不加载：{url}',
  'slack.operation_timeout': '应用没有及时响应。', 'slack.dispatch_failed': '无法联系应用：它没有连接。', 'slack.bad_response': 'Slack 无法读懂应用的回答。',
  'slack.invalid_command': '{command} 不是有效的命令。Slack 会把所有以“/”开头的消息当作命令；如果要把它作为消息发送，请在“/”前加一个空格。',

  'composer.write': '发消息到 #{channel}，或输入 /ecs-migrate', 'composer.direct': '发消息给 ecs-migrate，或输入 /ecs-migrate', 'composer.reply': '在消息列中回复', 'composer.send': '发送', 'composer.offers': '补全',
  'verb.command': '阿里云主机迁移', 'verb.help': '有哪些命令', 'verb.list': '未完成的迁移，按期限排列', 'verb.show': '查看一个迁移的全部信息',
  'verb.reserve': '保留计划时间，或请求其他时间', 'verb.reschedule': '请求其他时间', 'verb.accept': '授权事件', 'verb.assign': '指定负责人', 'verb.snooze': '暂停提醒',
  'verb.facts': '迁移前后的实例信息', 'verb.history': '谁做了什么', 'verb.calendar': '导出预约到日历', 'verb.faq': '常见问题', 'verb.checklist': '迁移前后的清单', 'verb.ack': '确认已完成',

  'form.depth': '第 {n} 层表单', 'form.closeAll': '关闭表单',

  'leave.title': '此链接指向演示之外', 'leave.console': '相关内容只存在于演示中，真实的控制台并不知道。', 'leave.page': '演示本身不访问外部。此链接会打开互联网上的页面。', 'leave.go': '打开网址', 'leave.here': '在演示的云中查看',

  'bot.title': '机器人', 'bot.running': '运行中', 'bot.unready': '运行中，未就绪', 'bot.starting': '启动中', 'bot.stopping': '停止中', 'bot.stopped': '已停止',
  'bot.pid': '进程 {pid}', 'bot.since': '自 {time}', 'bot.sockets': '{n} 个 Slack 连接', 'bot.looked': '{region} 查看于 {time}', 'bot.blind': '{region} 自 {time} 起无法查看', 'bot.language': '频道语言（会重启）',
  'bot.do.kill': '强制结束', 'bot.do.stop': '停止', 'bot.do.start': '启动', 'bot.do.restart': '重启',
  'bot.done.kill': '机器人已被强制结束。', 'bot.done.stop': '机器人已停止。', 'bot.done.start': '机器人已启动。', 'bot.done.restart': '机器人已重启。',

  'announce.title': '发布事件', 'announce.type': '类型', 'announce.network': '网络', 'announce.region': '地域', 'announce.in': '计划时间', 'announce.count': '数量', 'announce.name': '实例名称',
  'announce.anyName': '任意', 'announce.plan': '带迁移计划：只能在控制台改期', 'announce.inquiring': '需先授权', 'announce.do': '发布', 'announce.busy': '正在发布…',
  'announce.in.2h': '2 小时后', 'announce.in.24h': '1 天后', 'announce.in.72h': '3 天后', 'announce.in.168h': '1 周后',
  'announced.one': '云发布了一个事件。', 'announced.many': '云发布了 {n} 个事件。',
  'network.classic': '经典网络', 'network.vpc': '专有网络 VPC',
  'type.SystemUpgrade.Migrate': '主机迁移', 'type.SystemMaintenance.Reboot': '因维护重启', 'type.SystemMaintenance.Redeploy': '重新部署', 'type.SystemMaintenance.Stop': '因维护停止',
  'type.SystemMaintenance.RebootAndIsolateErrorDisk': '重启并隔离坏盘', 'type.SystemMaintenance.RebootAndReInitErrorDisk': '重启并更换坏盘',
  'type.SystemMaintenance.IsolateErrorDisk': '隔离坏盘', 'type.SystemMaintenance.ReInitErrorDisk': '更换坏盘',

  'faults.title': '故障', 'fault.throttle': '云限流', 'fault.region_down': '{region} 不可用', 'faults.on': '{n} 项已开启', 'fault.permission_hidden': '缺少 {permission}',
  'fault.modify_refused': '云拒绝改期', 'fault.cloud_slow': '云响应缓慢', 'fault.slack_429': 'Slack：消息过多（429）', 'fault.slack_5xx': 'Slack：发送失败（503）', 'fault.slack_slow': 'Slack 响应缓慢',
  'fault.socket_drop': '断开一次连接', 'fault.dropped': '连接已断开。',

  'events.title': '事件', 'events.count': '共 {all} 个，未结束 {open} 个', 'events.past': '包括已结束的', 'events.none': '没有未结束的事件。', 'cloud.search': '查找实例或事件',
  'event.menu': '对 {name} 的操作', 'event.planned': '计划', 'event.unplanned': '尚无时间', 'event.finished': '结束于', 'event.plan': '迁移计划', 'event.willFail': '将会失败',
  'deed.move': '改到其他时间…', 'deed.execute': '立即开始', 'deed.finish': '立即完成', 'deed.fail': '立即失败', 'deed.will_fail': '执行时失败', 'deed.cancel': '取消事件', 'deed.accept': '授权', 'deed.avoid': '使其不再需要',
  'move.title': '改期：{name}', 'move.why': '如同有人在控制台操作，不经过机器人。', 'move.at': '新时间', 'move.yes': '改期',
  'status.Inquiring': '待授权', 'status.Scheduled': '计划执行', 'status.Executing': '执行中', 'status.Executed': '已完成', 'status.Failed': '失败', 'status.Avoided': '已避免', 'status.Canceled': '已取消',
  'status.Running': '运行中', 'status.Stopped': '已停止', 'status.Starting': '启动中', 'status.Stopping': '停止中',
  'instances.title': '实例', 'instance.network': '网络', 'instance.private': '内网 IP', 'instance.public': '公网 IP', 'instance.eip': '弹性公网 IP', 'instance.disks': '磁盘', 'instance.tags': '标签',

  'traffic.envelope': 'Slack → 机器人', 'traffic.slack': '机器人 → Slack', 'traffic.cloud': '机器人 → 云', 'traffic.failed': '失败', 'traffic.log': '日志', 'traffic.search': '在记录中查找', 'traffic.clear': '清空',
  'traffic.none': '还没有记录。机器人、Slack 与云之间的往来会显示在这里。', 'traffic.unfound': '没有符合搜索和筛选条件的记录。', 'traffic.request': '请求', 'traffic.answer': '回答', 'traffic.fault': '故障：{what}',
  'traffic.status.ok': '成功', 'traffic.status.waiting': '等待中', 'traffic.status.acknowledged': '已应答', 'traffic.status.not_connected': '没有连接', 'traffic.status.timed_out': '超时', 'traffic.status.no_answer': '没有应答',
  'traffic.fault.planned': '预先设定', 'traffic.fault.throttle': '限流', 'traffic.fault.down': '地域不可用', 'traffic.fault.hide': '缺少权限', 'traffic.fault.fail': '被拒绝', 'traffic.fault.delay': '响应缓慢',
  'log.title': '机器人自己的日志',
}
