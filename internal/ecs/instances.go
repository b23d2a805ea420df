package ecs

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"

	"ecs-migrate/internal/migration"
)

// Instances reads the facts of instances by their ids. One that is missing from
// the result was not told: it may be gone, and where the permission is missing
// the cloud tells none (API reference, DescribeInstances).
func (c *Client) Instances(ctx context.Context, region string, ids []string) (map[string]migration.Instance, error) {
	all := map[string]migration.Instance{}
	for ids := range slices.Chunk(distinct(ids), perCall) {
		param, err := json.Marshal(ids)
		if err != nil {
			return nil, err // strings always encode
		}
		call := read(region, "DescribeInstances", map[string]string{"InstanceIds": string(param)})
		err = c.pages(ctx, call, func(got answer) (string, error) {
			page, err := readInstances(got.body)
			if err != nil {
				return "", malformed(call, err)
			}
			for _, f := range page.faults {
				if c.told.first(region, f) {
					c.log.Warn("the cloud tells an instance that cannot be read; its facts are left out",
						"account", c.account, "region", region, "fault", f.Fault)
				}
			}
			for _, inst := range page.instances {
				if slices.Contains(ids, inst.ID) {
					inst.ReadAt = got.sent
					all[inst.ID] = inst
				}
			}
			return page.next, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

type instancePage struct {
	instances []migration.Instance // without ReadAt
	faults    []migration.Garbled
	next      string
}

type addresses struct {
	IPAddress texts `json:"IpAddress"`
}

// wireInstance is Instance of the API reference, DescribeInstances.
type wireInstance struct {
	InstanceID              text `json:"InstanceId"`
	InstanceName            text
	ZoneID                  text `json:"ZoneId"`
	Status                  text
	OSType                  text
	OSName                  text
	StartTime               text
	InstanceNetworkType     text
	InternetMaxBandwidthOut text
	PublicIPAddress         object[addresses] `json:"PublicIpAddress"`
	InnerIPAddress          object[addresses] `json:"InnerIpAddress"`
	EIPAddress              object[addresses] `json:"EipAddress"`
	VPCAttributes           object[struct {
		VPCID            text              `json:"VpcId"`
		VSwitchID        text              `json:"VSwitchId"`
		PrivateIPAddress object[addresses] `json:"PrivateIpAddress"`
	}] `json:"VpcAttributes"`
	NetworkInterfaces object[struct {
		NetworkInterface objects[struct {
			MacAddress         text
			NetworkInterfaceID text `json:"NetworkInterfaceId"`
			PrimaryIPAddress   text `json:"PrimaryIpAddress"`
		}]
	}]
	SecurityGroupIDs object[struct {
		SecurityGroupID texts `json:"SecurityGroupId"`
	}] `json:"SecurityGroupIds"`
	Tags object[struct {
		Tag objects[struct{ TagKey, TagValue text }]
	}]
}

// readInstances reads an answer of DescribeInstances. An error says that the
// page as a whole cannot be read.
func readInstances(body []byte) (instancePage, error) {
	var wire struct {
		RequestID text `json:"RequestId"`
		NextToken text
		Set       object[struct {
			Items []json.RawMessage `json:"Instance"`
		}] `json:"Instances"`
	}
	if err := json.Unmarshal(body, &wire); err != nil || wire.RequestID == "" && !wire.Set.told {
		return instancePage{}, errors.New("the answer is no list of instances")
	}
	page := instancePage{next: string(wire.NextToken)}
	for _, raw := range wire.Set.is.Items {
		var w wireInstance
		if json.Unmarshal(raw, &w) != nil || w.InstanceID == "" {
			page.faults = append(page.faults, migration.Garbled{Fault: "no instance, or one without InstanceId"})
			continue
		}
		page.instances = append(page.instances, w.instance())
	}
	return page, nil
}

func (w wireInstance) instance() migration.Instance {
	vpc := w.VPCAttributes.is
	inst := migration.Instance{
		ID: string(w.InstanceID), Name: string(w.InstanceName), Zone: string(w.ZoneID), Status: string(w.Status),
		OSType: string(w.OSType), OSName: string(w.OSName), NetworkType: string(w.InstanceNetworkType),
		VPC: string(vpc.VPCID), VSwitch: string(vpc.VSwitchID),
		PublicIPs: w.PublicIPAddress.is.IPAddress,
		// A classic instance has inner addresses, one in a VPC private ones.
		PrivateIPs:     slices.Concat(w.InnerIPAddress.is.IPAddress, vpc.PrivateIPAddress.is.IPAddress),
		BandwidthOut:   whole(w.InternetMaxBandwidthOut),
		SecurityGroups: w.SecurityGroupIDs.is.SecurityGroupID,
	}
	// Unreadable is as if not told: only a long uptime says anything.
	inst.StartedAt, _ = moment(w.StartTime)
	if eip := w.EIPAddress.is.IPAddress; len(eip) > 0 {
		inst.EIP = eip[0]
	}
	for _, card := range w.NetworkInterfaces.is.NetworkInterface {
		mac, ip := string(card.MacAddress), string(card.PrimaryIPAddress)
		if mac == "" {
			continue
		}
		inst.MACs = append(inst.MACs, mac)
		inst.NICs = append(inst.NICs, migration.NIC{
			ID: string(card.NetworkInterfaceID), MAC: mac, IP: ip,
			// An elastic or fixed public address in a VPC is no interface's own.
			Public: slices.Contains(inst.PublicIPs, ip) && inst.Classic(),
		})
	}
	for _, tag := range w.Tags.is.Tag {
		if key := string(tag.TagKey); key != "" {
			if inst.Tags == nil {
				inst.Tags = map[string]string{}
			}
			inst.Tags[key] = string(tag.TagValue)
		}
	}
	return inst
}

// whole reads a whole number, zero where there is none.
func whole(t text) int {
	f, err := strconv.ParseFloat(string(t), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<31 {
		return 0
	}
	return int(f)
}
