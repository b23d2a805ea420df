package main

// The languages that the demo tells its story in, as the bot's configuration
// spells them.
const (
	englishLang = "en"
	chineseLang = "zh-CN"
)

// words say one thing in both languages.
type words struct{ en, zh string }

func (w words) in(lang string) string {
	if lang == chineseLang {
		return w.zh
	}
	return w.en
}

var prologue = words{
	"The real ecs-migrate bot, between a Slack and an Alibaba Cloud that live in this process. Nothing outside this machine is called. All of them share one clock, which is moved on, so that days pass at once.",
	"真实的 ecs-migrate 机器人，运行在本进程内模拟的 Slack 和阿里云之间，不会访问本机以外的任何服务。三者共用一个可以拨快的时钟，几天一瞬间就过去。",
}

var epilogue = words{
	`What you saw
   One card stood for the migration all along, and its thread tells what happened. Each time was
   confirmed only after the event was read back from the cloud, and was shown in each reader's zone.

What to try next
   go run ./cmd/ecs-migrate-demo --lang zh-CN   the same story in Chinese
   go run ./cmd/ecs-migrate-demo --verbose      with the bot's own log
   go run ./cmd/ecs-migrate-demo stubs          the two servers alone, for any client
   README.md                                    setting it up in a real workspace`,
	`您看到了什么
   自始至终只有一张卡片，消息列记录了全过程。每个时间都在重新读取阿里云的事件之后才算确认，
   并按每位读者自己的时区显示。

接下来可以试试
   go run ./cmd/ecs-migrate-demo --lang en      英文版的同一个故事
   go run ./cmd/ecs-migrate-demo --verbose      同时显示机器人的日志
   go run ./cmd/ecs-migrate-demo stubs          只运行两个模拟服务，供任何客户端连接
   README.md                                    在真实的工作区中安装`,
}
