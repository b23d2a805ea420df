package notifier

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"ecs-migrate/internal/migration"
)

// evidence is where people see a sentence of the notice, and the words that they
// must see there in each language, apart from one another by a bar; a broken bar is
// a bar in them.
type evidence struct {
	in     func(t *testing.T, v View) any
	en, zh string
}

func onCard(m migration.Migration, en, zh string) evidence {
	return evidence{func(_ *testing.T, v View) any { return Card(m, v) }, en, zh}
}

func inFacts(m migration.Migration, en, zh string) evidence {
	return evidence{func(_ *testing.T, v View) any { return Facts(m, v) }, en, zh}
}

func inLine(name, en, zh string) evidence {
	return evidence{func(_ *testing.T, v View) any { return Line(lines()[name].m, lines()[name].n, 1, v) }, en, zh}
}

func inReminder(name, en, zh string) evidence {
	return evidence{func(_ *testing.T, v View) any { return Remind(reminders()[name].m, reminders()[name].r, v) }, en, zh}
}

func inFAQ(en, zh string) evidence {
	return evidence{func(_ *testing.T, v View) any { return FAQ(Ask{Command: "/ecs-migrate"}, v) }, en, zh}
}

// onList is the list in the thread, where an optional item says so.
func onList(m migration.Migration, en, zh string) evidence {
	return evidence{func(_ *testing.T, v View) any { return Checklist(m, m.Phase(), v) }, en, zh}
}

// inItem is the form about one item: why, how and the page.
func inItem(m migration.Migration, id, en, zh string) evidence {
	return evidence{func(t *testing.T, v View) any {
		item, ok := v.Checklists.Find(m, m.Phase(), id)
		if !ok {
			t.Errorf("%s is not on the list", id)
		}
		return ItemForm(m, item, ListRef{}, nil, v)
	}, en, zh}
}

func inAnswerTo(broken migration.Rule, en, zh string) evidence {
	return evidence{func(_ *testing.T, v View) any {
		return Broken(base(), &migration.RuleError{Rule: broken, Earliest: now, Latest: planned, Status: migration.Scheduled}, Ask{Command: "/ecs-migrate"}, v)
	}, en, zh}
}

// sentences are the rows of docs/notice.md by their first cell.
func sentences() map[string][]evidence {
	classic, ran := with(withDisks(2)), with(withDisks(2), ranAs(movedToVPC))
	failed, console := with(withDisks(2), status(migration.Failed)), with(planOnly)
	unpaid := with(withDisks(2), func(m *migration.Migration) { m.Instance.BandwidthOut = 0 })
	today := with(withDisks(2), snapshotOfTheDay)
	reserved := with(held(lin, migration.Confirmed))
	return map[string][]evidence{
		"See the instances concerned on the console's page of pending events": {
			onCard(classic, "<https://ecs.console.aliyun.com/#/events/unsettled/securityGroupWarning?regionId=cn-hangzhou¦Events in the console>", "<https://ecs.console.aliyun.com/#/events/unsettled/securityGroupWarning?regionId=cn-hangzhou¦控制台事件页面>"),
		},
		"A migration takes about 15 minutes": {
			inFacts(classic, "About 15 minutes of downtime", "停机约 15 分钟"),
			onCard(classic, "about 15 minutes of downtime", "停机约15分钟"),
		},
		"The instance moves from the classic network to a VPC": {
			onCard(classic, "classic network → VPC", "经典网络 → 专有网络VPC"),
			onCard(ran, "classic network → VPC|VPC: none → `vpc-bp1****`", "经典网络 → 专有网络VPC|专有网络VPC：无 → `vpc-bp1****`"),
		},
		"Licence codes may change": {
			onCard(classic, "Licence codes of its software may change", "软件授权码可能变化"),
			inItem(ran, "licence_codes", "Licence codes checked and updated|They may change with the host", "已检查并更新软件授权码|授权码可能随迁移变化"),
		},
		"The public IP stays, the public network card is wiped": {
			onCard(classic, "The public IP 203.0.113.7 stays|public network interface is wiped with its MAC address", "公网 IP 203.0.113.7 保持不变|公网网卡及其 MAC 地址 `00:16:3e:00:00:02` 会被擦除"),
		},
		"At 0 Mbit/s of public bandwidth the public IP is released": {
			onCard(unpaid, "The public IP 203.0.113.7 is released:* the outbound bandwidth is 0 Mbit/s", "公网 IP 203.0.113.7 会被释放。* 公网出带宽为 0 Mbit/s"),
		},
		"The private IP is a random one of the target vSwitch": {
			onCard(classic, "10.1.2.3 is replaced by a random one of the target vSwitch", "10.1.2.3 会变为目标虚拟交换机网段中的随机地址"),
			inLine("facts-changed", "Private IP: `10.1.2.3` → `172.16.8.9`", "私有 IP：`10.1.2.3` → `172.16.8.9`"),
		},
		"You may change the private IP afterwards": {
			onCard(classic, "modify-a-private-ip-address|can be changed in the console", "modify-a-private-ip-address|可以在控制台修改"),
			inLine("facts-changed", "modify-a-private-ip-address|The new one |can be changed in the console", "modify-a-private-ip-address|新地址|可以在控制台修改"),
		},
		"Disk I/O is slower for a while, snapshots and disk functions are off; about 4 hours for 100 GiB": {
			onCard(classic, "Slower disks, no snapshots and no disk operations for about 6 hours afterwards: 140 GiB, at 4 hours for each 100 GiB", "迁移后约 6 小时内 I/O 性能下降，快照和磁盘功能暂时关闭（共 140 GiB，每 100 GiB 约 4 小时）"),
			inReminder("recovered", "Snapshots and disk functions should be possible again", "快照和磁盘功能应已恢复"),
			inItem(ran, "new_snapshot", "about 4 hours for each 100 GiB", "每100 GiB约4小时"),
		},
		"The instance restarts and cannot be operated meanwhile": {
			inFacts(classic, "of downtime, with a restart", "期间会重启"),
			inItem(classic, "start_at_boot", "The instance restarts.", "实例会重启。"),
			inLine("executing", "Leave the instance alone until it is finished", "完成之前请不要操作该实例"),
		},
		"The day's snapshots may become void": {
			onCard(classic, "Snapshots taken on the day of the run may become void", "执行当天的快照可能失效"),
			onCard(today, "may become void, such as the one of", "执行当天的快照可能失效，例如"),
			inItem(classic, "snapshot", "A host migration may spoil that day's snapshots", "物理机迁移当天的快照可能失效"),
		},
		"Step 1: make snapshots and back up": {
			inItem(classic, "snapshot", "Snapshots of all disks, and a backup|create-a-snapshot", "已为所有磁盘创建快照并备份数据|create-a-snapshot"),
		},
		"Step 2: a VPC and a vSwitch, your own or the defaults (optional)": {
			onList(classic, "VPC and vSwitch chosen or created _(optional)_", "已选择或创建VPC和虚拟交换机 _（可选）_"),
			inItem(classic, "vpc_vswitch", "Without a choice Alibaba Cloud takes its defaults", "不选择时使用系统默认选项"),
		},
		"Step 2: a security group of the VPC, created or cloned, its rules checked": {
			inItem(classic, "security_group", "Security group in the VPC, its rules reviewed|Clone the old group into the VPC, or create one", "已准备VPC类型安全组并检查规则|将原安全组克隆到VPC，或新建安全组"),
		},
		"Step 3: keep more than 500 MiB of the system disk free": {
			inItem(classic, "disk_space", "More than 500 MiB free on the system disk", "系统盘预留500 MiB以上空间"),
		},
		"Step 4: reach the instances that stay in the classic network, by ClassicLink or by moving them (optional)": {
			onList(classic, "Instances left in the classic network can reach it _(optional)_", "其余经典网络实例仍可与其通信 _（可选）_"),
			inItem(classic, "classic_peers", "Connect them by ClassicLink, or migrate them too", "使用ClassicLink打通，或将这些实例也迁移到VPC"),
		},
		"Step 5: databases in hybrid access mode (optional)": {
			onList(classic, "Databases in hybrid access mode _(optional)_", "云数据库已设置为混访模式 _（可选）_"),
			inItem(classic, "hybrid_database", "instances of both networks reach them", "经典网络和VPC的实例可同时访问数据库"),
		},
		"Step 6: the vSwitch's range into the white lists of databases and others (optional)": {
			onList(classic, "CIDR of the vSwitch in white lists (RDS and others) _(optional)_", "虚拟交换机网段已加入RDS等的白名单 _（可选）_"),
			inItem(classic, "whitelist_cidr", "Append the vSwitch's CIDR block to each white list", "在各白名单中追加虚拟交换机的网段"),
		},
		"Step 7: turn off or uninstall security software, since drivers are updated": {
			inItem(classic, "security_software_off", "Security software off (safedog, HwsHost, yunsuo)|updates device drivers|uninstall it", "已关闭或卸载安全软件（安全狗、护士神、云锁）|更新实例的设备驱动"),
			inItem(ran, "security_software_on", "Security software on again", "已恢复安全软件"),
		},
		"Step 8: reserve a time after the SMS or the e-mail": {
			onCard(classic, "Choose a time…|Keep the planned time", "选择时间…|按计划时间执行"),
			inReminder("unreserved", "No time is reserved", "尚未预约"),
		},
		"Step 9: wait": {
			inReminder("run", "It runs at|Still open, 2 items:", "执行。|还有2项未完成："),
			inReminder("run-prepared", "Nothing on its list is open", "清单上没有未完成的事项"),
			inReminder("overdue", "is not finished", "至今没有完成"),
		},
		"Step 10: the network is a VPC, the private IP another, the public card wiped": {
			inLine("facts-changed", "classic network → VPC|`10.1.2.3` → `172.16.8.9`|`00:16:3e:00:00:02` → none", "经典网络 → 专有网络VPC|`10.1.2.3` → `172.16.8.9`|`00:16:3e:00:00:02` → 无"),
			onCard(ran, "`10.1.2.3` → `172.16.8.9`|`00:16:3e:00:00:02` → none", "`10.1.2.3` → `172.16.8.9`|`00:16:3e:00:00:02` → 无"),
		},
		"Step 10: take the old private IP out of the white lists of RDS, SLB, OSS, Container Service": {
			inItem(ran, "old_private_ip", "Remove it in RDS, SLB, OSS, Container Service and others", "在RDS、SLB、OSS、容器服务等处移除旧IP"),
			inLine("facts-changed", "Take the old one out of the white lists of RDS, SLB, OSS and container services", "请从 RDS、SLB、OSS 和容器服务的白名单中移除旧地址"),
		},
		"Step 10: software bound to the public card's MAC: a new authorisation where the vendor accepts the proof of migration, else correct or roll back": {
			inItem(ran, "mac_licence", "proof of migration authorises anew; otherwise correct it or roll back", "认可阿里云的迁移证明时可重新授权，否则请订正或回滚"),
		},
		"Step 11: check licence codes and update them": {
			inItem(ran, "licence_codes", "Licence codes checked and updated|Start each licensed program", "已检查并更新软件授权码|逐个启动受授权的软件"),
		},
		"Step 12: after a long uptime or a new kernel the restart checks the file system (optional)": {
			onCard(classic, "its file systems may be checked at the restart", "重启时可能检查文件系统"),
			onList(ran, "File system and boot log looked through _(optional)_", "已检查文件系统和启动日志 _（可选）_"),
			inItem(ran, "file_system", "After a long uptime or a new kernel the restart checks the file system", "长时间未重启或升级内核后，本次重启会检查文件系统"),
		},
		"Step 12: submit a ticket where the restart fails": {
			inItem(failed, "ticket", "Ticket submitted to Alibaba Cloud|ticket/createIndex.htm", "已向阿里云提交工单|ticket/createIndex.htm"),
			inLine("failed", "ticket/createIndex.htm|submit a ticket", "ticket/createIndex.htm|提交工单"),
			inFAQ("The instance does not start|If it stays down, ", "实例无法启动|如果仍未启动"),
		},
		"A reservation can be changed until the latest reservable time": {
			onCard(reserved, "Reschedule…|Latest reservable time", "修改时间…|最晚可预约时间"),
		},
		"How to change it in the console": {
			onCard(console, "Only the console can move it.* Set the time there|I have set it in the console…", "只能在控制台修改时间。* 请先在控制台设置|我已在控制台设置…"),
		},
		"The new time may not be after the latest reservable one": {
			inAnswerTo(migration.RuleDeadline, "That is after the latest reservable time|and not after", "该时间晚于最晚可预约时间|不晚于"),
		},
		"Where something goes wrong, submit a ticket or call 95187": {
			inFAQ("ticket/createIndex.htm|open a ticket|95187", "ticket/createIndex.htm|提交工单|95187"),
			onCard(failed, "ticket/createIndex.htm|submit a ticket", "ticket/createIndex.htm|提交工单"),
		},
		"A voucher comes about seven working days after the reserved migration is done (预约迁移完成后)": {
			inItem(ran, "voucher", "about seven working days after the reserved migration is done", "预约迁移完成后约七个工作日"),
			inReminder("voucher", "The voucher for this migration should be there", "此次迁移的代金券应已到账"),
		},
		"The voucher is worth one month of the same configuration without public bandwidth": {
			inItem(ran, "voucher", "worth one month of a subscription of the same configuration without public bandwidth", "金额等值于按包年包月计费订阅相同配置（不包含公网带宽）一个月的价格"),
		},
		"Question 1: the site does not open, a service is away, the database cannot be read: the new security group may lack ports, clone the old rules": {
			inItem(ran, "security_group_ports", "clone its rules where some are missing", "缺少规则时克隆原有规则"),
			inItem(ran, "reachable", "Site and services answer, the database too", "网站和服务可访问，数据库可读写"),
			inFAQ("The site does not open, a service is away, or the database cannot be read or written|may not open the ports|clone the old group", "无法打开网站、服务不可用，或无法读写数据库|可能没有开放相应端口|克隆原有的安全组"),
		},
		"Question 2: a licence is expired, invalid or missing: ask the vendor for a new authorisation": {
			inItem(ran, "licence_codes", "is expired, invalid or missing, ask the vendor or your reseller", "提示授权码过期、无效或没有时，联系供应商或渠道伙伴"),
			inFAQ("licence is expired, invalid or missing|a new authorisation; some want a form that proves the migration", "授权码过期、无效或没有授权码|重新授权；有的需要提交迁移证明表单"),
		},
		"Question 2: bound to a MAC address: bind it to the primary network card": {
			inItem(ran, "mac_licence", "Have the vendor bind them to the primary interface", "联系供应商改为绑定主网卡"),
			inFAQ("Have the licence bound to the primary network card's MAC|ecs/user-guide/eni-overview", "请把授权重新绑定到主网卡的 MAC|ecs/user-guide/eni-overview"),
		},
		"Links to read on": {
			inFAQ("migrate-ecs-instances-from-the-classic-network-to-a-vpc|https://help.aliyun.com/knowledge_detail/65497.html", "migrate-ecs-instances-from-the-classic-network-to-a-vpc|https://help.aliyun.com/knowledge_detail/65497.html"),
		},
	}
}

// Each sentence that docs/notice.md lists is seen by people, in both languages:
// take its words out of the catalogue, or what shows them out of the code, and
// this fails. The table and this test name the same sentences.
func TestEverySentenceOfTheNoticeIsSeen(t *testing.T) {
	table, err := os.ReadFile("../docs/notice.md")
	if err != nil {
		t.Fatal(err)
	}
	all, listed := sentences(), map[string]bool{}
	for _, line := range strings.Split(string(table), "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) < 3 || !strings.HasPrefix(cells[0], "| ") || cells[0] == "| The notice says" {
			continue
		}
		row := strings.TrimPrefix(cells[0], "| ")
		listed[row] = true
		if len(all[row]) == 0 {
			t.Errorf("nothing holds the row %q", row)
		}
	}
	for row, where := range all {
		if !listed[row] {
			t.Errorf("docs/notice.md has no row %q", row)
		}
		for _, lang := range Langs {
			v := View{Lang: lang, Zone: shanghai(t), Now: now, Checklists: migration.DefaultChecklists()}
			for _, e := range where {
				raw, err := json.Marshal(e.in(t, v))
				if err != nil {
					t.Fatal(err)
				}
				var plain strings.Builder
				flatten(t, raw, &plain)
				want := e.en
				if lang == Chinese {
					want = e.zh
				}
				for _, words := range strings.Split(want, "|") {
					words = strings.ReplaceAll(words, "¦", "|")
					if words == "" || !strings.Contains(plain.String(), words) {
						t.Errorf("%s: %s\nnobody sees %q in: %s", lang, row, words, plain.String())
					}
				}
			}
		}
	}
}

// flatten writes all texts of a message or a form, as people read them.
func flatten(t *testing.T, raw []byte, into *strings.Builder) {
	t.Helper()
	var message any
	if err := json.Unmarshal(raw, &message); err != nil {
		t.Fatal(err)
	}
	flat(message, into)
}

func flat(v any, into *strings.Builder) {
	switch v := v.(type) {
	case string:
		into.WriteString(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(v) + "\n")
	case []any:
		for _, e := range v {
			flat(e, into)
		}
	case map[string]any:
		for _, e := range v {
			flat(e, into)
		}
	}
}
